// What a forwarder must know of a video packet, whatever its codec: where a frame begins, where a decoder may begin, which
// layer it is of, and where the numbers stand that a rewritten stream needs changed. One reader for each codec beside this file.
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/bytes.hpp"

namespace earshot::wire {

enum class VideoCodec : std::uint8_t { kVp8, kVp9, kH264, kAv1 };
std::string_view name(VideoCodec codec);

// Where the picture id and the base layer's index stand in the payload; 0: it has none.
struct PictureNumberPlaces {
    std::uint8_t picture_id = 0;
    std::uint8_t base_index = 0;  // TL0PICIDX
    bool wide = false;            // the picture id has 15 bits, else 7
};

struct VideoPayload {
    bool starts_frame = false;  // H.264 does not say: there a new timestamp does
    bool starts_key = false;    // the first packet of a picture that a decoder may begin with
    bool predicted = true;      // from earlier pictures; false in a key frame and in a layer that only builds on the one below
    bool ends_layer = false;    // last packet of its spatial layer's frame, where the codec says so
    bool switch_up = false;     // of its temporal layer none but the base layer's earlier frames are needed (Y of VP8, U of VP9)
    bool layered = false;       // it names its layers
    bool discardable = false;   // nothing refers to it
    std::uint8_t temporal = 0;
    std::uint8_t spatial = 0;
    std::uint16_t picture_id = 0;
    std::uint8_t base_index = 0;
    std::uint16_t width = 0, height = 0;  // of the picture, where a key frame's first packet tells them
    PictureNumberPlaces places{};
    std::uint8_t descriptor_size = 0;  // in front of the codec's own bytes
};

// RTP payload of one packet. Null: not a payload of that codec. A few bytes are looked at; no allocation.
std::optional<VideoPayload> read_video_payload(VideoCodec codec, Bytes payload);

// Writes other numbers where `places` says; `payload` is the packet's, or a copy of at least its descriptor. A 7-bit id keeps its lower bits.
void write_picture_numbers(MutableBytes payload, const PictureNumberPlaces& places, std::uint16_t picture_id, std::uint8_t base_index);

}  // namespace earshot::wire
