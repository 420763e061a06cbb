// What an accepted answer says about one peer's media, in the words the media side needs: no SDP, no strings
// but the mid. The control side makes it from a parsed description.
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "crypto/dtls.hpp"
#include "rtc/remote_video.hpp"

namespace earshot::rtc {

// The one that our offers name; what answers give another number is not agreed.
inline constexpr std::uint8_t kRedPayloadType = 63;

// Header extension ids are 1..14 (RFC 8285 one-byte form); 0: not agreed.
struct RemoteMedia {
    // Every a=fingerprint:sha-256 offered; media flows only when the certificate matches one of them.
    std::vector<crypto::Fingerprint> fingerprints;
    std::uint8_t opus_payload_type = 111;
    bool mic_red = false;              // his microphone's packets may come as RED (RFC 2198)
    bool slots_red = false;            // and he takes such on his slots
    std::uint8_t level_extension = 0;  // urn:ietf:params:rtp-hdrext:ssrc-audio-level (RFC 6464)
    std::uint8_t mid_extension = 0;    // urn:ietf:params:rtp-hdrext:sdes:mid (RFC 8843)
    std::string mic_mid;               // of the m-line we receive on; empty: he sends nothing
    std::vector<std::uint32_t> mic_ssrcs;  // a=ssrc of that m-line, when told; else learnt from the first authentic packet
    std::vector<bool> accepted_slots;      // one a sending m-line, in order; false: rejected or inactive
    std::optional<RemoteVideo> video;      // when video was offered
};

}  // namespace earshot::rtc
