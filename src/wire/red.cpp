#include "wire/red.hpp"

namespace earshot::wire {
namespace {

constexpr std::uint8_t kAnotherFollows = 0x80;

bool in_range(const RedCopy& copy) { return copy.payload_type < 0x80 && copy.behind <= kMaxRedBehind && copy.payload.size() <= kMaxRedCopySize; }

}  // namespace

// Section 3: the headers of all copies, one byte for the newest, then the payloads in the same order.
std::optional<Red> parse_red(Bytes payload) {
    Red red;
    std::array<std::size_t, kMaxRedCopies> sizes{};
    ByteReader reader(payload);
    while (reader.remaining() > 0 && payload[reader.position()] & kAnotherFollows) {
        if (red.count == kMaxRedCopies) return std::nullopt;
        const std::uint32_t header = reader.u32();
        red.copies[red.count] = {.payload_type = static_cast<std::uint8_t>(header >> 24 & 0x7f), .behind = header >> 10 & kMaxRedBehind};
        sizes[red.count++] = header & kMaxRedCopySize;
    }
    red.payload_type = reader.u8();
    for (std::size_t i = 0; i < red.count; ++i) red.copies[i].payload = reader.take(sizes[i]);
    if (!reader.ok()) return std::nullopt;
    red.payload = reader.rest();
    return red;
}

std::size_t write_red(MutableBytes out, std::span<const RedCopy> copies, std::uint8_t payload_type, Bytes payload) {
    if (copies.size() > kMaxRedCopies || payload_type >= 0x80) return 0;
    ByteWriter writer(out);
    for (const auto& copy : copies) {
        if (!in_range(copy)) return 0;
        writer.u32((std::uint32_t{kAnotherFollows} | copy.payload_type) << 24 | copy.behind << 10 | static_cast<std::uint32_t>(copy.payload.size()));
    }
    writer.u8(payload_type);
    for (const auto& copy : copies) writer.put(copy.payload);
    writer.put(payload);
    return writer.ok() ? writer.size() : 0;
}

}  // namespace earshot::wire
