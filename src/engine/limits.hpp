// Every limit in one place. What happens at a limit stands beside it.
#pragma once
#include <cstddef>
#include <cstdint>

#include "base/time.hpp"

namespace earshot::engine::limits {

// -- the media side -------------------------------------------------------------------------------
// Orders and news between the threads; a full mailbox refuses, the sender counts (mailbox_full) and tries later.
inline constexpr std::size_t kShardOrders = 4096;
inline constexpr std::size_t kShardNews = 4096;
// Peers of one shard; AddPeer beyond it is answered with PeerLost.
inline constexpr std::size_t kPeers = 2048;
// Listeners of one room's call; AddPeer beyond it is answered with PeerLost.
inline constexpr std::size_t kPeersPerRoom = 1024;
// TCP connections of the media port that have not yet shown a STUN check with a known name; the newest is closed.
inline constexpr std::size_t kStrangerConnections = 64;
// TCP connections in all; the newest is closed.
inline constexpr std::size_t kMediaConnections = 4096;
// How long a TCP connection may stay a stranger before it is closed.
inline constexpr Duration kStrangerPatience = 10s;
// One RFC 4571 frame; a longer one closes the connection.
inline constexpr std::size_t kFrameBytes = 1500;
// News of one room's speakers and slots: at most one burst this often; what changed back meanwhile is not told.
inline constexpr Duration kRoomNewsInterval = 100ms;

}  // namespace earshot::engine::limits
