// One room's call as a shard holds it: its forwarder, and how often its news is told.
#pragma once
#include "base/ids.hpp"
#include "engine/limits.hpp"
#include "engine/shard_orders.hpp"
#include "media/forwarder.hpp"
#include "media/video_forwarder.hpp"

namespace earshot::engine {

class CallRoom {
public:
    explicit CallRoom(RoomId id) : id_(id) {}

    RoomId id() const { return id_; }
    media::Forwarder& forwarder() { return forwarder_; }
    media::VideoForwarder& video() { return video_; }  // its seats are the forwarder's
    MemberId member_of(media::SeatId seat) const { return forwarder_.member(seat); }
    // Members without a session: for them the room's packets are tapped.
    std::size_t bare_members = 0;
    // Not before this is anything told again.
    Time next_news() const { return next_news_; }

    // Calls tell(ShardNews) for what changed since the last time: who speaks, who is on the slots.
    template <typename Tell>
    void tell_news(Time now, Tell&& tell) {
        bool told = false;
        for (const auto& change : forwarder_.take_speaking(now)) {
            tell(Speaking{id_, change.member, change.speaking});
            told = true;
        }
        if (forwarder_.slots_version() != told_version_) {
            told_version_ = forwarder_.slots_version();
            const auto slots = forwarder_.slots();
            if (slots != told_slots_) tell(SlotsChanged{id_, slots});
            told = told || slots != told_slots_;
            told_slots_ = slots;
        }
        if (told) next_news_ = now + limits::kRoomNewsInterval;
    }

private:
    RoomId id_;
    media::Forwarder forwarder_;
    media::VideoForwarder video_;
    RoomSlots told_slots_{};
    std::uint64_t told_version_ = 0;
    Time next_news_ = Time::min();
};

}  // namespace earshot::engine
