// What was asked of the server and is not yet answered: every request gets one answer, and this says what it was about.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "client/connection.hpp"
#include "client/room_book.hpp"

namespace earshot::client {

struct Asked {
    enum class Kind : std::uint8_t { kOther, kJoin, kLeave, kSay, kHistory, kCallJoin, kCallRestart, kCallAnswer, kCallLeave };
    Kind kind = Kind::kOther;
    std::string room{};
    RoomBook::Wanted page{};
};

class Requests {
public:
    explicit Requests(Connection& connection) : connection_(connection) {}

    // False while there is no connection; nothing is kept for later.
    template <typename Message>
    bool ask(Message message, Asked asked, Outbox& out) {
        if (!connection_.ready()) return false;
        message.request = connection_.next_request();
        asked_.insert_or_assign(message.request, std::move(asked));
        connection_.send(message, out);
        return true;
    }
    template <typename Message>
    void tell(const Message& message, Outbox& out) {
        connection_.send(message, out);
    }

    std::optional<Asked> answered(std::int64_t request) {
        auto node = asked_.extract(request);
        if (node.empty()) return std::nullopt;
        return std::move(node.mapped());
    }
    void lost() { asked_.clear(); }

private:
    Connection& connection_;
    std::map<std::int64_t, Asked> asked_;
};

}  // namespace earshot::client
