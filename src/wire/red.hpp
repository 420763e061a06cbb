// RED (RFC 2198): a payload that holds the newest packet and copies of earlier ones, oldest first. A copy says how far before the
// newest it was, in ticks of the RTP clock; its sequence number is not told: by everybody's habit copies are of the packets just before.
// Views into the payload, no allocation.
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "base/bytes.hpp"

namespace earshot::wire {

inline constexpr std::size_t kMaxRedCopies = 8;                // a payload with more is refused
inline constexpr std::uint32_t kMaxRedBehind = (1 << 14) - 1;  // section 3: fourteen bits of offset,
inline constexpr std::size_t kMaxRedCopySize = (1 << 10) - 1;  // ten of length
inline constexpr std::size_t kRedCopyHeader = 4, kRedPrimaryHeader = 1;

struct RedCopy {
    std::uint8_t payload_type = 0;
    std::uint32_t behind = 0;  // ticks before the newest
    Bytes payload{};           // may be empty
};

struct Red {
    std::array<RedCopy, kMaxRedCopies> copies{};  // oldest first
    std::size_t count = 0;
    std::uint8_t payload_type = 0;
    Bytes payload{};  // the newest; may be empty
    std::span<const RedCopy> earlier() const { return std::span{copies}.first(count); }
};

// Null when the headers or the lengths they tell do not lie inside.
std::optional<Red> parse_red(Bytes payload);

constexpr std::size_t red_size(std::span<const RedCopy> copies, std::size_t primary) {
    std::size_t size = kRedPrimaryHeader + primary;
    for (const auto& copy : copies) size += kRedCopyHeader + copy.payload.size();
    return size;
}
// `copies` oldest first, at most kMaxRedCopies. The size of what was written; 0 when `out` is too small or a copy is out of range.
std::size_t write_red(MutableBytes out, std::span<const RedCopy> copies, std::uint8_t payload_type, Bytes payload);

}  // namespace earshot::wire
