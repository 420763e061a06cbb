// VP9 in RTP (RFC 9628 section 4.2): picture id, layers and prediction, and the picture's size from the scalability structure.
#pragma once
#include "wire/video_payload.hpp"

namespace earshot::wire {

// `switch_up`: U, the layers above may be entered here. `width`, `height`: the largest spatial layer that the structure names.
std::optional<VideoPayload> read_vp9(Bytes payload);

// For tests, the simulator and load: non-flexible mode with layers and a 15-bit picture id.
struct Vp9Fields {
    bool starts_layer = false, ends_layer = false;
    bool predicted = true;
    bool switch_up = false;
    bool upper_reference = false;  // D: builds on the spatial layer below
    std::uint16_t picture_id = 0;
    std::uint8_t temporal = 0, spatial = 0, base_index = 0;
};
inline constexpr std::size_t kVp9DescriptorSize = 5;
void write_vp9_descriptor(MutableBytes out, const Vp9Fields& fields);

}  // namespace earshot::wire
