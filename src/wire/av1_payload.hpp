// AV1 in RTP, as far as forwarding needs it (the AV1 RTP specification, sections 4.4 and A.8): the aggregation header's bit for the
// start of a coded video sequence, and the head of the dependency descriptor, a header extension.
#pragma once
#include "wire/video_payload.hpp"

namespace earshot::wire {

// Layers are not told by the payload: one encoding goes through as a whole.
std::optional<VideoPayload> read_av1(Bytes payload);

struct DependencyDescriptorHead {
    bool starts_frame = false, ends_frame = false;
    std::uint8_t template_id = 0;
    std::uint16_t frame_number = 0;
    bool structure = false;  // carries the templates: a decoder may begin here
};
std::optional<DependencyDescriptorHead> dependency_descriptor_head(Bytes extension);

}  // namespace earshot::wire
