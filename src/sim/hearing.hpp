// The book of who heard whom. Every made voice packet says who speaks, in which room, and its number, so a
// listener knows what he hears; and every packet that leaves the house is watched for its numbers.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include "base/bytes.hpp"
#include "port/media.hpp"
#include "sim/world.hpp"

namespace earshot::sim {

// What stands in a made voice packet.
struct VoiceMark {
    std::uint32_t speaker = 0;  // the simulator's own number of the person
    std::uint32_t room = 0;     // a hash of the room's name
    std::uint64_t counter = 0;
    bool muted = false;         // he knows by the house's own word that he is muted
    bool gone = false;          // he was told that he is out of the call
};
inline constexpr std::size_t kVoicePayload = 64;
void write_voice(MutableBytes out, const VoiceMark& mark);  // kVoicePayload bytes
std::optional<VoiceMark> read_voice(Bytes payload);
std::uint32_t room_mark(const std::string& room);

class Hearing {
public:
    explicit Hearing(World& world) : world_(world) {}

    // `call` names one call of the listener: a packet reaches it once.
    void heard(std::uint32_t listener, std::uint64_t call, std::uint32_t listener_room, const VoiceMark& mark);
    // A packet that bears no mark: the voice of a bare member, whom only his sound tells apart.
    void heard_bare(std::uint32_t listener);
    std::uint64_t times_bare(std::uint32_t listener) const;
    bool bare_voices = false;  // there are such members
    std::uint64_t times(std::uint32_t listener, std::uint32_t speaker) const;
    // When `listener` heard `speaker` last; the beginning of time: never.
    Time last(std::uint32_t listener, std::uint32_t speaker) const;

private:
    struct Ear {
        std::uint64_t times = 0;
        Time last{};
    };
    World& world_;
    std::map<std::pair<std::uint32_t, std::uint32_t>, Ear> ears_;
    std::map<std::uint32_t, std::uint64_t> bare_;
    std::map<std::pair<std::uint64_t, std::uint32_t>, std::unordered_set<std::uint64_t>> packets_;
};

// Watches the headers of what the house sends, before any weather.
class LegWatch {
public:
    explicit LegWatch(World& world) : world_(world) {}

    void sent(const port::Path& path, Bytes datagram);
    // A new life of the house: its streams are others.
    void forget() { legs_.clear(); }
    std::uint64_t packets() const { return packets_; }
    // Numbers that were passed over and not sent since mark() was called.
    void mark();
    std::uint64_t gaps_since_mark() const;
    std::uint64_t packets_to(const SocketAddress& address) const;

private:
    struct Leg {
        std::uint64_t first = 0, highest = 0, sent = 0;
        std::uint64_t marked_highest = 0, marked_sent = 0;
        std::set<std::uint64_t> seen;  // of the last few thousand
    };
    World& world_;
    std::unordered_map<std::uint32_t, Leg> legs_;
    std::map<SocketAddress, std::uint64_t> by_address_;
    std::uint64_t packets_ = 0;
};

}  // namespace earshot::sim
