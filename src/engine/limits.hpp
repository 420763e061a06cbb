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
inline constexpr std::size_t kTalkOrders = 1024;
// Peers of one shard; AddPeer beyond it is answered with PeerLost.
inline constexpr std::size_t kPeers = 2048;
// Listeners of one room's call; AddPeer beyond it is answered with PeerLost.
inline constexpr std::size_t kPeersPerRoom = 1024;
// TCP connections of the media port that have not yet shown a STUN check with a known name; the oldest is closed.
inline constexpr std::size_t kStrangerConnections = 128;
// TCP connections in all; the newest is closed.
inline constexpr std::size_t kMediaConnections = 4096;
// How long a TCP connection may stay a stranger before it is closed.
inline constexpr Duration kStrangerPatience = 10s;
// One RFC 4571 frame; a longer one closes the connection.
inline constexpr std::size_t kFrameBytes = 1500;
// News of one room's speakers and slots: at most one burst this often; what changed back meanwhile is not told.
inline constexpr Duration kRoomNewsInterval = 50ms;

// -- bare voice -----------------------------------------------------------------------------------
// Orders to the bridge and its news; a full mailbox refuses as above.
inline constexpr std::size_t kBridgeOrders = 1024;
inline constexpr std::size_t kBridgeNews = 1024;
// Packets from the shard to the bridge, which takes them every 20 ms, and back; what finds no place is dropped and counted.
inline constexpr std::size_t kTappedPackets = 1024;
inline constexpr std::size_t kBarePackets = 512;
// Frames of bridged Voix talks, each way; the same.
inline constexpr std::size_t kTalkFrames = 512;
// Voice sockets in all; the newest is closed.
inline constexpr std::size_t kVoiceSockets = 256;
// How long a voice socket waits for the text connection of the same address before it becomes a member of its own.
inline constexpr Duration kPairingGrace = 3s;
// Text connections remembered for pairing; beyond it a new one is not paired.
inline constexpr std::size_t kPairableTexts = 4096;
// Sound that waits to be encoded: reading stops above the one and goes on below the other.
inline constexpr Duration kSoundAheadMost = 400ms;
inline constexpr Duration kSoundAheadAgain = 200ms;
// Who is ahead of real time for so long without a break is let go with a reason.
inline constexpr Duration kSoundAheadPatience = 60s;
// Sound that waits for a reader who does not read, beyond what the kernel holds: the oldest is dropped.
inline constexpr Duration kSoundBehindMost = 300ms;
// A sending and a receiving buffer of the kernel, of one voice socket.
inline constexpr int kVoiceSocketBuffer = 32 * 1024;

// -- the control side -----------------------------------------------------------------------------
// Connections in all; the newest is told that the server is full.
inline constexpr std::size_t kConnections = 10'000;
// Bytes that may wait for one reader; beyond it he is told so (his member stays as when the network breaks) and closed.
inline constexpr std::size_t kWaitingBytes = 1024 * 1024;
// Messages of one page of history.
inline constexpr std::int64_t kHistoryPage = 100;
// Page queries of one connection on their way to the disk; the next is refused as busy.
inline constexpr std::size_t kQueriesPerConnection = 4;
// Who lost the connection: shown as quiet, as reconnecting, as gone, and forgotten.
inline constexpr Duration kQuietAfter = 5s;
inline constexpr Duration kGoneAfter = 30s;
inline constexpr Duration kForgottenAfter = 10min;
// Sessions remembered, present or not; the one lost longest is forgotten first.
inline constexpr std::size_t kSessions = 20'000;
// Room lists are refreshed at most this often; what changed in between is told as one.
inline constexpr Duration kRoomListInterval = 200ms;

}  // namespace earshot::engine::limits
