// One packet of somebody's picture, free of any peer: what rtc takes off the wire, what a video leg renumbers for each viewer.
#pragma once
#include <cstdint>

#include "base/bytes.hpp"
#include "base/video_slots.hpp"
#include "wire/video_payload.hpp"

namespace earshot::media {

inline constexpr std::uint32_t kVideoClock = 90000;  // of every video timestamp (RFC 7741 section 4.1 and its siblings)
inline constexpr std::size_t kSimulcastLayers = 3;   // of one camera, the smallest first
inline constexpr std::uint8_t kTopLayer = 7;         // of temporal and spatial layers: as many as there are

struct VideoPacket {
    Bytes payload;  // of RTP, padding cut off
    wire::VideoCodec codec{};
    std::uint8_t layer = 0;       // below kSimulcastLayers
    std::uint32_t epoch = 0;      // grows when the layer's numbers begin anew (another SSRC)
    std::uint64_t sequence = 0;   // unwrapped, of its layer
    std::uint64_t timestamp = 0;  // unwrapped, of its layer
    bool marker = false;          // last packet of a picture
    bool filler = false;          // holds nothing, and only its number's place: sent to try what a line takes
    wire::VideoPayload about{};
};

}  // namespace earshot::media
