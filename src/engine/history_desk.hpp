// Pages of history on their way from the disk to whoever asked.
#pragma once
#include <string>
#include <unordered_map>

#include "fronts/front.hpp"
#include "port/control.hpp"

namespace earshot::engine {

class HistoryDesk {
public:
    // False when this connection asks for too much at once.
    bool ask(ConnectionId connection, const fronts::AskHistory& question, RoomId room, port::ControlOutbox& out);
    struct Answer {
        ConnectionId connection;
        fronts::HistoryPage page;
        bool failed = false;
    };
    // The connection is 0 when its question was withdrawn.
    Answer answer(port::Paged reply);
    void withdraw(ConnectionId connection);

private:
    struct Pending {
        ConnectionId connection;
        fronts::Ticket ticket = 0;
        std::string room;
    };
    std::unordered_map<QueryId, Pending> pending_;
    std::uint64_t last_query_ = 0;
};

}  // namespace earshot::engine
