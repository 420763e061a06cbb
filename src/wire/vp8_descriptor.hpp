// VP8 in RTP (RFC 7741): the payload descriptor of section 4.2, and of the payload header of section 4.3 the bit that
// tells a key frame, with the picture's size behind it (RFC 6386 section 9.1).
#pragma once
#include "wire/video_payload.hpp"

namespace earshot::wire {

std::optional<VideoPayload> read_vp8(Bytes payload);

// For tests, the simulator and load: a descriptor with a 15-bit picture id and all its optional fields.
struct Vp8Fields {
    bool starts_frame = false;
    bool discardable = false;
    std::uint16_t picture_id = 0;
    std::uint8_t base_index = 0;
    std::uint8_t temporal = 0;
    bool switch_up = false;
};
inline constexpr std::size_t kVp8DescriptorSize = 6;
void write_vp8_descriptor(MutableBytes out, const Vp8Fields& fields);
// The first ten bytes of a key frame, or the first three of another: enough for whoever forwards.
inline constexpr std::size_t kVp8KeyHeaderSize = 10;
void write_vp8_frame_head(MutableBytes out, bool key, std::uint16_t width, std::uint16_t height);

}  // namespace earshot::wire
