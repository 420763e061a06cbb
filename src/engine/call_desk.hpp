// The control side of calls: who is in which, the offer made, the answer read, the orders to the shard.
#pragma once
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/counters.hpp"
#include "base/random.hpp"
#include "core/event.hpp"
#include "engine/settings.hpp"
#include "engine/shard_orders.hpp"
#include "fronts/front.hpp"
#include "rtc/negotiation.hpp"

namespace earshot::engine {

class CallDesk {
public:
    static constexpr std::string_view kNoSuchCall = "You are in no such call.";

    CallDesk(const Settings& settings, Random& random, Counters& counters, OrderBox* orders) : settings_(settings), random_(random), counters_(counters), orders_(orders) {}

    // A member was granted a place: his offer, or a sentence why there is none.
    std::expected<fronts::CallOffered, std::string> grant(MemberId member, fronts::Ticket ticket, const core::CallGranted& granted);
    // His answer; the error is a sentence for him.
    std::expected<void, std::string> answer(MemberId member, PeerId call, const std::string& sdp);
    // Fresh ICE credentials for the same call (RFC 8445 section 2.4).
    std::expected<fronts::CallOffered, std::string> restart(MemberId member, fronts::Ticket ticket, PeerId call);
    void set_voice(MemberId member, bool muted, bool deafened);
    // His place is given up; what he was in.
    struct Ended {
        PeerId call;
        std::string room;
    };
    std::optional<Ended> drop(MemberId member);
    std::optional<MemberId> member_of(PeerId peer) const;
    void shutdown();

private:
    struct Call {
        MemberId member;
        std::string room;
        rtc::LocalDescription local;
    };
    Call* find(MemberId member, PeerId call);
    void name_anew(PeerId peer, rtc::LocalDescription& local);
    rtc::LocalDescription describe(PeerId peer);
    bool order(ShardOrder order);

    const Settings& settings_;
    Random& random_;
    Counters& counters_;
    OrderBox* orders_;  // null: a house without voice
    std::unordered_map<PeerId, Call> calls_;
    std::unordered_map<MemberId, PeerId> by_member_;
    std::uint64_t last_peer_ = 0;
};

}  // namespace earshot::engine
