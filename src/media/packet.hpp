// One packet of somebody's voice, free of any wire format: what a front takes off the wire, what a leg puts
// back on another.
#pragma once
#include <cstdint>

#include "base/bytes.hpp"
#include "base/ids.hpp"

namespace earshot::media {

inline constexpr std::uint32_t kSampleRate = 48000;  // of every timestamp here (RFC 7587 section 4.1)
inline constexpr std::uint8_t kSilence = 127;        // RFC 6464: -dBov, 0 is the loudest

// A seat in one room's forwarder; given by Forwarder::add, good until Forwarder::remove.
using SeatId = std::uint32_t;

struct Packet {
    Bytes payload;                // one Opus packet
    SeatId seat = 0;              // who speaks
    std::uint64_t sequence = 0;   // unwrapped: grows by one a packet as the speaker sent them
    std::uint64_t timestamp = 0;  // unwrapped, in samples
    std::uint8_t level = kSilence;
    bool voice = false;           // the sender's own voice detector
    bool marker = false;          // first packet of a talk spurt (RFC 3551 section 4.1)
    bool recovered = false;       // lost, and made good from a copy: its level is a guess, and it takes no place from anybody
};

// The level of a packet that carries none: Opus that says "no sound now" (DTX) is one or two bytes.
constexpr std::uint8_t guessed_level(std::size_t payload_size) { return payload_size <= 2 ? kSilence : std::uint8_t{40}; }

}  // namespace earshot::media
