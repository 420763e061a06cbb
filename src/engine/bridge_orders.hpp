// What crosses between the bridge (src/bridge), which turns raw sound into a room's voice and back, and the rest of the house.
// Values only.
//
//   control ──BridgeOrder──> bridge: who is a bare member of which room's call        bridge ──BridgeNews──> control: voice sockets
//   shard ───TappedPacket──> bridge: every packet that won a slot of a room with bare members
//   bridge ──BarePacket────> shard:  the Opus packets of a bare member who speaks; he has a seat there without a session (AddBare)
//   relay <──TalkFrame─────> bridge: 20 ms of a Voix talk that is bridged into its room, either way
//
// A bare member is named by his PeerId everywhere, which CallDesk gives as it does for a WebRTC call. His sound comes by a voice
// socket of the plain front, or, when `voice` is 0, as TalkFrames.
#pragma once
#include <array>
#include <cstdint>
#include <variant>

#include "base/address.hpp"
#include "base/bytes.hpp"
#include "base/ids.hpp"
#include "base/time.hpp"
#include "engine/mailbox.hpp"
#include "engine/packet_box.hpp"

namespace earshot::engine {

using VoiceId = Id<struct VoiceTag>;  // one voice socket of the plain front

// Signed 16 bit, little endian, interleaved: what a voice socket carries, both ways.
struct PcmFormat {
    int rate = 44'100;  // Hz
    int channels = 2;   // 1 or 2
    bool operator==(const PcmFormat&) const = default;
};

// --- control to bridge ---

// From now on he hears everybody of the room's call but himself, and what he says goes to the shard under `peer`.
struct AddBareMember {
    PeerId peer;
    RoomId room;
    MemberId member;
    VoiceId voice;  // 0: his sound comes and goes as TalkFrames
    bool muted = false;
    bool deafened = false;
};
struct RemoveBareMember {
    PeerId peer;
};
struct SetBareVoice {
    PeerId peer;
    bool muted = false;     // he is not encoded
    bool deafened = false;  // he is sent silence
};
// He, or his text's connection, has left: what waits for him is flushed, within patience.
struct CloseVoice {
    VoiceId voice;
};
struct CloseAllVoices {};
using BridgeOrder = std::variant<AddBareMember, RemoveBareMember, SetBareVoice, CloseVoice, CloseAllVoices>;
using BridgeOrderBox = Mailbox<BridgeOrder>;

// --- bridge to control ---

struct VoiceOpened {
    VoiceId voice;
    IpAddress ip;
    std::uint16_t port = 0;  // of the peer
    std::uint8_t pair = 0;   // by which pair of ports he came
};
enum class VoiceEnd : std::uint8_t {
    kLeft,     // closed by him, or lost
    kTooFast,  // sent faster than real time for too long
};
struct VoiceClosed {
    VoiceId voice;
    VoiceEnd why = VoiceEnd::kLeft;
};
using BridgeNews = std::variant<VoiceOpened, VoiceClosed>;
using BridgeNewsBox = Mailbox<BridgeNews>;

// --- packets ---

inline constexpr std::size_t kBarePayload = 1275;  // RFC 6716 section 3.4: one Opus frame
// More than one Opus frame a packet and up to what a datagram carries: a browser may send it.
inline constexpr std::size_t kTappedPayload = 1500;

struct BarePacket {
    PeerId peer;
    std::uint64_t sequence = 0;   // grows by one a packet, through pauses
    std::uint64_t timestamp = 0;  // samples at 48 kHz, goes on through pauses
    std::uint8_t level = 127;     // RFC 6464: -dBov
    bool marker = false;          // the first of a talkspurt
    std::uint16_t size = 0;
    std::array<std::uint8_t, kBarePayload> bytes;
    Bytes payload() const { return Bytes{bytes}.first(size); }
};

struct TappedPacket {
    RoomId room;
    MemberId member;
    Time at{};                   // when it reached the shard
    std::uint64_t sequence = 0;  // the speaker's own, unwrapped
    std::uint64_t timestamp = 0;
    std::uint32_t tenure = 0;  // of the speaker on his slot: another one means another speaker
    std::uint8_t slot = 0;     // below kRoomSlots
    bool marker = false;
    std::uint16_t size = 0;
    std::array<std::uint8_t, kTappedPayload> bytes;
    Bytes payload() const { return Bytes{bytes}.first(size); }
};

// 20 ms of signed 16 bit, little endian, mono at 48 kHz: what a Voix talk carries in one datagram.
inline constexpr std::size_t kTalkFrameBytes = 1920;
struct TalkFrame {
    PeerId peer;  // of the bare member: from whom, or for whom
    std::array<std::uint8_t, kTalkFrameBytes> bytes;
};

using BarePacketBox = PacketBox<BarePacket>;      // bridge pushes, shard takes; wakes the shard
using TappedPacketBox = PacketBox<TappedPacket>;  // shard pushes, bridge takes when it mixes: nobody is woken for a packet
// One for both, outliving both.
struct ShardLine {
    explicit ShardLine(std::size_t bare, std::size_t tapped) : to_shard(bare), from_shard(tapped) {}
    BarePacketBox to_shard;
    TappedPacketBox from_shard;
};
using TalkFrameBox = PacketBox<TalkFrame>;        // relay pushes, bridge takes; or the other way: the taker is woken

}  // namespace earshot::engine
