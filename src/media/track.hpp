// A sender's counters, unwrapped: 16 and 32 bits on the wire, 64 bits inside. A value is taken to be the one
// nearest to the highest seen (RFC 3550 appendix A.1's idea).
#pragma once
#include <concepts>
#include <cstdint>
#include <type_traits>

namespace earshot::media {

template <std::unsigned_integral Wire>
class Unwrapper {
public:
    std::uint64_t unwrap(Wire wire) {
        if (!started_) return start(wire);
        const auto step = static_cast<std::make_signed_t<Wire>>(static_cast<Wire>(wire - static_cast<Wire>(highest_)));
        const std::uint64_t value = highest_ + static_cast<std::uint64_t>(static_cast<std::int64_t>(step));
        if (step > 0) highest_ = value;
        return value;
    }

private:
    // One lap ahead of zero, so that a packet from before the first never wraps below it.
    std::uint64_t start(Wire wire) {
        started_ = true;
        return highest_ = (std::uint64_t{1} << (8 * sizeof(Wire))) + wire;
    }
    std::uint64_t highest_ = 0;
    bool started_ = false;
};

class Track {
public:
    std::uint64_t sequence(std::uint16_t wire) { return sequence_.unwrap(wire); }
    std::uint64_t timestamp(std::uint32_t wire) { return timestamp_.unwrap(wire); }

private:
    Unwrapper<std::uint16_t> sequence_;
    Unwrapper<std::uint32_t> timestamp_;
};

}  // namespace earshot::media
