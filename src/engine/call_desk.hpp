// The control side of calls: who is in which, the offer made, the answer read, the orders to the shard.
#pragma once
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/counters.hpp"
#include "base/random.hpp"
#include "core/event.hpp"
#include "engine/bridge_orders.hpp"
#include "engine/settings.hpp"
#include "engine/shard_orders.hpp"
#include "fronts/front.hpp"
#include "media/video_slots.hpp"
#include "rtc/negotiation.hpp"

namespace earshot::engine {

class CallDesk {
public:
    static constexpr std::string_view kNoSuchCall = "You are in no such call.";

    // Null boxes: a house without voice, or without a bridge for bare members.
    CallDesk(const Settings& settings, Random& random, Counters& counters, OrderBox* orders, BridgeOrderBox* bridge)
        : settings_(settings), random_(random), counters_(counters), orders_(orders), bridge_(bridge) {}

    // An offer that nobody asked for, and for whom.
    using Offer = std::pair<MemberId, fronts::CallOffered>;

    // A member was granted a place: his offer, or a sentence why there is none. `video`: his client can be offered pictures.
    std::expected<fronts::CallOffered, std::string> grant(MemberId member, fronts::Ticket ticket, const core::CallGranted& granted, bool video);
    // The same for one whose sound is raw: by a voice socket, or, where `voice` is 0, as the frames of a talk under this PeerId.
    // Whatever ends or changes a call is told to the bridge as well as to the shard.
    std::expected<PeerId, std::string> grant_bare(MemberId member, const core::CallGranted& granted, VoiceId voice);
    // His answer; the error is a sentence for him. An offer that had to wait for it comes out.
    std::expected<std::optional<Offer>, std::string> answer(MemberId member, PeerId call, const std::string& sdp);
    // Fresh ICE credentials for the same call (RFC 8445 section 2.4).
    std::expected<fronts::CallOffered, std::string> restart(MemberId member, fronts::Ticket ticket, PeerId call);
    void set_voice(MemberId member, bool muted, bool deafened);
    // What he shows in his call. The first picture of a room is offered to all of its call.
    std::vector<Offer> set_video(MemberId member, bool camera, bool share);
    // What he looks at; his slots, when one of them changed hands.
    std::optional<fronts::VideoSlotsShown> see(MemberId member, const std::vector<VideoTile>& tiles);
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
        RoomId room_id;
        std::string room;
        rtc::LocalDescription local;
        bool takes_video = false;
        bool answer_awaited = true;  // one offer at a time
        bool video_waits = false;    // to be offered after that answer
        media::VideoSlots slots{};
        bool bare = false;
    };
    Call* find(MemberId member, PeerId call);
    void name_anew(PeerId peer, rtc::LocalDescription& local);
    rtc::LocalDescription describe(PeerId peer);
    rtc::LocalVideo describe_video();
    bool room_shows(RoomId room) const;
    std::optional<Offer> offer_video(PeerId peer, Call& call);
    bool order(ShardOrder order);
    bool order(BridgeOrder order);

    const Settings& settings_;
    Random& random_;
    Counters& counters_;
    OrderBox* orders_;
    BridgeOrderBox* bridge_;
    std::unordered_map<PeerId, Call> calls_;
    std::unordered_map<MemberId, PeerId> by_member_;
    std::uint64_t last_peer_ = 0;
};

}  // namespace earshot::engine
