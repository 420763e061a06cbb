// Who is here by which connection, and who lost his and may come back: quiet at 5 s, reconnecting until 30 s,
// then gone, and after 10 minutes forgotten.
#pragma once
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/deadline.hpp"
#include "base/ids.hpp"
#include "core/types.hpp"

namespace earshot::engine {

struct Resident {
    MemberId member;
    std::string token;  // the session's secret
    // An unknown secret he came with (of an earlier life of the house). When his welcome is lost he comes with it again.
    std::string claim;
    std::string name;
    core::ClientKind client = core::ClientKind::kBrowser;
    ConnectionId connection;         // 0: lost
    std::vector<std::string> rooms;  // of one who is gone: where he was
    bool gone = false;               // others were told that he left
    Time lost_at{};
};

class SessionBook {
public:
    // The one who was forgotten to make room for him; nobody mostly.
    MemberId add(Resident resident);
    Resident* by_token(const std::string& token);
    Resident* by_claim(const std::string& token);
    Resident* by_member(MemberId member);
    ConnectionId connection_of(MemberId member) const;

    void attach(Resident& resident, ConnectionId connection);
    void lose(Time now, Resident& resident);
    void forget(MemberId member);

    enum class Step { kQuiet, kReconnecting, kGone, kForgotten };
    struct Due {
        MemberId member;
        Step step;
    };
    // Everybody whose next step is due, at most once each.
    std::vector<Due> due(Time now);
    Deadline deadline() const;
    std::size_t size() const { return residents_.size(); }

private:
    struct Alarm {
        Time at;
        MemberId member;
        Step step;
        auto operator<=>(const Alarm&) const = default;
    };
    void schedule(const Resident& resident, Step step);
    void unschedule(MemberId member);
    MemberId make_room();

    std::unordered_map<MemberId, Resident> residents_;
    std::unordered_map<std::string, MemberId> tokens_;
    std::unordered_map<std::string, MemberId> claims_;
    std::set<Alarm> alarms_;
    std::unordered_map<MemberId, Alarm> alarm_of_;
};

}  // namespace earshot::engine
