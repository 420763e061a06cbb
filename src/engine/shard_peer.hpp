// One peer as its shard holds him, and the keys of the shard's timers. For the files of Shard alone.
#pragma once
#include "engine/shard.hpp"

namespace earshot::engine {

inline constexpr std::uint32_t kTimerKinds = 3;
inline Timers::Key peer_key(std::uint32_t handle) { return handle * kTimerKinds; }
inline Timers::Key room_key(std::uint32_t room) { return room * kTimerKinds + 1; }
inline Timers::Key pictures_key(std::uint32_t room) { return room * kTimerKinds + 2; }

struct Shard::Peer {
    rtc::Session session;
    PeerId id;
    Handle handle = 0;
    std::uint32_t room = 0;
    media::SeatId seat = 0;
    bool listen_only = false;
    bool deafened = false;
    bool connected = false;  // told
    bool quiet = false;      // told
};

}  // namespace earshot::engine
