#include "wire/av1_payload.hpp"

namespace earshot::wire {

// Z Y W W N - - -: Z says that the first element continues one of the packet before.
std::optional<VideoPayload> read_av1(Bytes payload) {
    if (payload.size() < 2) return std::nullopt;
    const auto head = payload[0];
    const bool continues = (head & 0x80) != 0, begins_sequence = (head & 0x08) != 0;
    if (continues && begins_sequence) return std::nullopt;  // forbidden: nothing can come before the beginning
    return VideoPayload{.starts_key = begins_sequence, .predicted = !begins_sequence, .descriptor_size = 1};
}

std::optional<DependencyDescriptorHead> dependency_descriptor_head(Bytes extension) {
    if (extension.size() < 3) return std::nullopt;
    DependencyDescriptorHead out{.starts_frame = (extension[0] & 0x80) != 0,
                                 .ends_frame = (extension[0] & 0x40) != 0,
                                 .template_id = static_cast<std::uint8_t>(extension[0] & 0x3f),
                                 .frame_number = load_u16(extension.data() + 1)};
    out.structure = extension.size() > 3 && (extension[3] & 0x80) != 0;
    return out;
}

}  // namespace earshot::wire
