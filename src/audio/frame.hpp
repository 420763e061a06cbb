// What sound is made of inside: 48 kHz float samples, nominally within [-1, 1], interleaved where there is more than one channel.
#pragma once
#include <cstdint>
#include <span>

#include "base/bytes.hpp"
#include "base/time.hpp"

namespace earshot::audio {

inline constexpr int kRate = 48'000;  // Hz, everywhere inside; only devices and files may differ
using Samples = std::span<float>;
using ConstSamples = std::span<const float>;

// One Opus packet as it came off the wire, free of RTP. Valid during the call that hands it over.
struct Packet {
    Bytes payload{};
    std::uint64_t sequence = 0;   // unwrapped
    std::uint32_t timestamp = 0;  // samples at kRate, wraps (RFC 7587 section 4.1)
    bool marker = false;          // the first of a talkspurt
    bool copy = false;            // its own datagram was lost, but a later one brought it along (RFC 2198)
};

}  // namespace earshot::audio
