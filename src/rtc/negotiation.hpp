// Offer and answer (RFC 8829, RFC 8843, RFC 8842) in the few shapes that Earshot uses: the server offers a microphone line and
// fixed slots, a client answers. Browsers' own offers are answered too. Pure functions of text and values.
#pragma once
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/dtls.hpp"
#include "rtc/remote_media.hpp"
#include "rtc/video_lines.hpp"
#include "wire/sdp.hpp"

namespace earshot::rtc {

// The same in every m-line and for the life of a connection.
inline constexpr std::uint8_t kOpusPayloadType = 111;
// kRedPayloadType is in rtc/remote_media.hpp.
inline constexpr std::uint8_t kLevelExtension = 1;
inline constexpr std::uint8_t kMidExtension = 4;
inline constexpr std::string_view kLevelUri = "urn:ietf:params:rtp-hdrext:ssrc-audio-level";
inline constexpr std::string_view kMidUri = "urn:ietf:params:rtp-hdrext:sdes:mid";

// --- server ---

struct LocalDescription {
    std::string ufrag{}, pwd{};
    crypto::Fingerprint fingerprint{};
    std::vector<wire::Candidate> candidates{};
    std::uint64_t session_id = 0;  // below 2^62
    std::uint64_t session_version = 1;
    std::vector<std::uint32_t> slot_ssrcs{};  // one a sending m-line, in order
    std::string cname{};
    std::optional<LocalVideo> video{};  // once there, it stays for the life of the connection
};

// Mid "0" receives the microphone; "1" on send the slots, whose stream ids are "slot-0" on. ICE-lite, setup:actpass. RED stands first
// on the microphone, because a browser sends what it finds first, and behind Opus on the slots. Behind them, where there is video, the
// lines of video_lines.hpp.
std::string make_offer(const LocalDescription& local);

// What the answer settles; the base is what the media side needs.
struct RemoteDescription : RemoteMedia {
    std::string ufrag{}, pwd{};  // his: the second half of his checks' USERNAME
    bool listen_only() const { return mic_mid.empty(); }
};
// The error is a sentence for the one who answered. A microphone or slot that is rejected is no error; an answer
// that leaves no line, no fingerprint, or asks us to begin the DTLS handshake (setup:passive) is.
std::expected<RemoteDescription, std::string> read_answer(const LocalDescription& local, std::string_view sdp);

// --- client, and a server that answers ---

struct OfferedLine {
    std::string mid{};
    bool usable = false;  // Opus, rtcp-mux, in the bundle, not rejected
    wire::Direction direction{};  // as the offerer sees it
    std::uint8_t opus_payload_type = 0;
    std::uint8_t red_payload_type = 0;  // 0: not offered
    std::uint8_t level_extension = 0, mid_extension = 0;  // 0: not offered
    std::vector<std::uint32_t> ssrcs{};
};

struct RemoteOffer {
    std::string ufrag{}, pwd{};
    std::vector<crypto::Fingerprint> fingerprints{};
    std::vector<wire::Candidate> candidates{};
    bool ice_lite = false;
    std::vector<OfferedLine> lines{};     // one an m-line, in order
    std::optional<std::size_t> mic{};     // the first usable line on which the offerer receives
    std::vector<std::size_t> slots{};     // usable lines on which he sends
    std::vector<std::uint32_t> slot_ssrcs{};  // the first SSRC of each slot, 0 when not told
    std::vector<std::uint32_t> video_ssrcs{};  // of the lines "v0" to "s1", when a server of ours offers them
    wire::SessionDescription description{};
};
// Any WebRTC offer with at least one audio line that can carry Opus.
std::expected<RemoteOffer, std::string> read_offer(std::string_view sdp);

struct LocalAnswer {
    std::string ufrag{}, pwd{};
    crypto::Fingerprint fingerprint{};
    std::uint32_t mic_ssrc = 0;  // 0: listen only
    std::string cname{};
    std::uint64_t session_id = 0, session_version = 1;
    bool video = false;  // take the video lines of a server of ours
    bool red = true;  // takes RED and may send it (RFC 2198); Firefox does not
};
// As a browser answers our offer: setup:active, microphone sendonly, slots recvonly, everything else rejected.
std::string make_answer(const RemoteOffer& offer, const LocalAnswer& local);

// As an ICE-lite server answers a browser's own offer: setup:passive, audio mirrored (we send on the lines that receive, as far
// as there are slots), video and data rejected; order, mids, payload numbers and extension ids are the offer's.
std::string make_answer_to_browser_offer(const RemoteOffer& offer, const LocalDescription& local);

}  // namespace earshot::rtc
