#include "wire/video_payload.hpp"

#include "base/check.hpp"
#include "wire/av1_payload.hpp"
#include "wire/h264_payload.hpp"
#include "wire/vp8_descriptor.hpp"
#include "wire/vp9_descriptor.hpp"

namespace earshot::wire {

std::string_view name(VideoCodec codec) {
    switch (codec) {
        case VideoCodec::kVp8: return "VP8";
        case VideoCodec::kVp9: return "VP9";
        case VideoCodec::kH264: return "H264";
        case VideoCodec::kAv1: return "AV1";
    }
    return "?";
}

std::optional<VideoPayload> read_video_payload(VideoCodec codec, Bytes payload) {
    switch (codec) {
        case VideoCodec::kVp8: return read_vp8(payload);
        case VideoCodec::kVp9: return read_vp9(payload);
        case VideoCodec::kH264: return read_h264(payload);
        case VideoCodec::kAv1: return read_av1(payload);
    }
    return std::nullopt;
}

void write_picture_numbers(MutableBytes payload, const PictureNumberPlaces& places, std::uint16_t picture_id, std::uint8_t base_index) {
    ENSURE(places.picture_id + (places.wide ? 1u : 0u) < payload.size() && places.base_index < payload.size());
    if (places.picture_id != 0 && places.wide) store_u16(payload.data() + places.picture_id, static_cast<std::uint16_t>(0x8000 | picture_id));
    if (places.picture_id != 0 && !places.wide) payload[places.picture_id] = static_cast<std::uint8_t>(picture_id & 0x7f);
    if (places.base_index != 0) payload[places.base_index] = base_index;
}

}  // namespace earshot::wire
