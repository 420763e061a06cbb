#include "wire/h264_payload.hpp"

namespace earshot::wire {
namespace {

void note(std::uint8_t unit, bool begins, VideoPayload& out) {
    const auto type = unit & 0x1f;
    if (type == kNalSps && begins) out.starts_key = true;
    if (type == kNalIdr || type == kNalSps || type == kNalPps) out.predicted = false;
    if ((unit & 0x60) != 0) out.discardable = false;
}

// RFC 6184 section 5.7.1: units behind a 16-bit size each.
bool read_aggregate(Bytes units, VideoPayload& out) {
    if (units.empty()) return false;
    while (!units.empty()) {
        if (units.size() < 3) return false;
        const std::size_t size = load_u16(units.data());
        if (size == 0 || units.size() - 2 < size) return false;
        note(units[2], true, out);
        units = units.subspan(2 + size);
    }
    return true;
}

// RFC 6184 section 5.8: the type stands in the second byte, with a bit for the first piece.
bool read_fragment(Bytes payload, VideoPayload& out) {
    if (payload.size() < 3) return false;
    const auto unit = static_cast<std::uint8_t>((payload[0] & 0xe0) | (payload[1] & 0x1f));
    note(unit, (payload[1] & 0x80) != 0, out);
    out.descriptor_size = 2;
    return true;
}

}  // namespace

std::optional<VideoPayload> read_h264(Bytes payload) {
    if (payload.empty()) return std::nullopt;
    VideoPayload out{.discardable = true};
    const auto type = payload[0] & 0x1f;
    bool whole = type >= 1 && type <= 23;
    if (whole) note(payload[0], true, out);
    if (type == kNalStapA) whole = read_aggregate(payload.subspan(1), out);
    if (type == kNalFuA) whole = read_fragment(payload, out);
    if (!whole) return std::nullopt;
    return out;
}

}  // namespace earshot::wire
