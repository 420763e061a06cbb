// The rooms that have bare members, and those members: frames of raw sound in, Opus packets to the shard; tapped packets of the shard
// in, for each listener one mix of everybody else out. Whoever brings sound (a socket, a talk) uses it like this:
//
//   bridge.add({peer, room, member});             // he listens and may speak
//   bridge.say(due, peer, frame);                 // 20 ms of him, 48 kHz mono (PcmIntake makes such frames of any bytes)
//   if (bridge.step(now))                         // every 20 ms, once for all rooms
//       bridge.heard_by(peer)                     // 20 ms for him, 48 kHz stereo; nullptr: silence
//   bridge.remove(peer);
#pragma once
#include <memory>
#include <unordered_map>

#include "base/counters.hpp"
#include "bridge/room_mix.hpp"
#include "bridge/voice_sender.hpp"
#include "engine/bridge_orders.hpp"

namespace earshot::bridge {

class Bridge {
public:
    struct Member {
        PeerId peer;
        RoomId room;
        MemberId member;
        bool muted = false;
        bool deafened = false;
    };
    Bridge(engine::BarePacketBox& to_shard, engine::TappedPacketBox& from_shard, Counters& counters)
        : to_shard_(to_shard), from_shard_(from_shard), counters_(counters) {}

    // A peer that is here already is replaced.
    void add(const Member& member);
    void remove(PeerId peer);
    void set_voice(PeerId peer, bool muted, bool deafened);
    bool has(PeerId peer) const { return members_.contains(peer); }

    // One frame of his; `due` is the moment at which it begins, in steps of 20 ms while he speaks. May change the frame.
    void say(Time due, PeerId peer, MonoFrame& frame);

    // Takes what the shard tapped and makes the next 20 ms of every room.
    void step(Time now);
    // His 20 ms of this step, valid until the next call of any kind; nullptr when he hears nothing.
    const StereoFrame* heard_by(PeerId peer);

    std::size_t members() const { return members_.size(); }
    std::size_t rooms() const { return rooms_.size(); }
    std::size_t decoders() const;

private:
    struct Seat {
        Member who;
        VoiceSender sender;
    };
    struct Room {
        RoomMix mix;
        std::size_t members = 0;
    };
    engine::BarePacketBox& to_shard_;
    engine::TappedPacketBox& from_shard_;
    Counters& counters_;
    std::unordered_map<PeerId, std::unique_ptr<Seat>> members_;
    std::unordered_map<RoomId, std::unique_ptr<Room>> rooms_;
};

}  // namespace earshot::bridge
