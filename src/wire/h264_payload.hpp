// H.264 in RTP (RFC 6184): which NAL units a packet holds or begins (single, STAP-A, FU-A). A decoder may begin where the
// parameter sets stand: an IDR without its SPS in front cannot be shown by somebody who came later.
#pragma once
#include "wire/video_payload.hpp"

namespace earshot::wire {

inline constexpr std::uint8_t kNalSlice = 1, kNalIdr = 5, kNalSps = 7, kNalPps = 8, kNalStapA = 24, kNalFuA = 28;

// `starts_key`: holds an SPS. `predicted`: it holds neither an IDR slice nor parameter sets. A frame's start is not told.
std::optional<VideoPayload> read_h264(Bytes payload);

}  // namespace earshot::wire
