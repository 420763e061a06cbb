// The video half of a peer, in the words the media side needs: which of the offered lines he took, and how he marks his packets.
#pragma once
#include <array>
#include <cstdint>
#include <vector>

#include "base/video_slots.hpp"
#include "wire/video_payload.hpp"

namespace earshot::rtc {

// The same in every m-line and for the life of a connection; each codec's retransmissions have the next number (RFC 4588).
inline constexpr std::uint8_t kVp8PayloadType = 96, kVp9PayloadType = 98, kH264PayloadType = 100;
constexpr std::uint8_t payload_type(wire::VideoCodec codec) {
    switch (codec) {
        case wire::VideoCodec::kVp8: return kVp8PayloadType;
        case wire::VideoCodec::kVp9: return kVp9PayloadType;
        case wire::VideoCodec::kH264: return kH264PayloadType;
        case wire::VideoCodec::kAv1: return 0;  // not offered
    }
    return 0;
}

// Header extension ids are 0 where they were not agreed.
struct RemoteVideo {
    bool camera = false, share = false;  // he may send on these lines
    std::uint8_t codecs = 0;             // bit n: he can show wire::VideoCodec n
    std::uint32_t slots = 0;             // bit n: he receives on slot n
    std::uint8_t mid_extension = 0, rid_extension = 0, repaired_rid_extension = 0;
    std::uint8_t transport_wide_extension = 0;
    bool retransmission = false;                 // he takes and gives RFC 4588
    std::array<std::uint32_t, 2> share_ssrcs{};  // as told: the stream, its retransmissions; 0: learnt
    bool operator==(const RemoteVideo&) const = default;
};

}  // namespace earshot::rtc
