// rooms: wire
// max_len: 1500
// Any bytes as the payload of each video codec: what is read lies inside it, and other numbers change those numbers alone.
#include <algorithm>
#include <vector>

#include "base/check.hpp"
#include "wire/av1_payload.hpp"
#include "wire/video_payload.hpp"

using namespace earshot;

namespace {

void renumber(wire::VideoCodec codec, Bytes payload, const wire::VideoPayload& before) {
    std::vector<std::uint8_t> copy(payload.begin(), payload.end());
    wire::write_picture_numbers(copy, before.places, 0x2a55, 0x5a);
    const auto after = wire::read_video_payload(codec, copy);
    ENSURE(after && after->descriptor_size == before.descriptor_size && after->starts_key == before.starts_key && after->temporal == before.temporal);
    if (before.places.picture_id != 0) ENSURE(after->picture_id == (before.places.wide ? 0x2a55 : 0x55));
    if (before.places.base_index != 0) ENSURE(after->base_index == 0x5a);
    ENSURE(std::equal(copy.begin() + before.descriptor_size, copy.end(), payload.begin() + before.descriptor_size));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const Bytes payload{data, size};
    for (const auto codec : {wire::VideoCodec::kVp8, wire::VideoCodec::kVp9, wire::VideoCodec::kH264, wire::VideoCodec::kAv1}) {
        const auto read = wire::read_video_payload(codec, payload);
        if (!read) continue;
        ENSURE(read->descriptor_size < size || codec == wire::VideoCodec::kH264);
        renumber(codec, payload, *read);
    }
    wire::dependency_descriptor_head(payload);
    return 0;
}
