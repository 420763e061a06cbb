// Session descriptions (RFC 8866) as WebRTC offers and answers hold them (RFC 8829, RFC 8839, RFC 8843). Reading is
// bounded and lenient about what it does not know; writing gives lines that browsers accept.
#pragma once
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "wire/candidate.hpp"

namespace earshot::wire {

inline constexpr std::size_t kMaxSdpSize = 64 * 1024;
inline constexpr std::size_t kMaxSdpLine = 4096;
inline constexpr std::size_t kMaxSdpLines = 4096;
inline constexpr std::size_t kMaxSdpMedia = 64;
inline constexpr std::size_t kMaxSdpSources = 64;     // SSRCs of one m-line
inline constexpr std::size_t kMaxSdpCandidates = 64;  // of one m-line; the rest is left out

struct SdpError {
    std::size_t line = 0;  // from 1; 0 = the description as a whole
    std::string sentence;
};

enum class Direction : std::uint8_t { kSendRecv, kSendOnly, kRecvOnly, kInactive };
constexpr bool sends(Direction d) { return d == Direction::kSendRecv || d == Direction::kSendOnly; }
constexpr bool receives(Direction d) { return d == Direction::kSendRecv || d == Direction::kRecvOnly; }
// What the other side calls it.
constexpr Direction mirrored(Direction d) { return d == Direction::kSendOnly ? Direction::kRecvOnly : d == Direction::kRecvOnly ? Direction::kSendOnly : d; }
std::string_view name(Direction direction);

enum class Setup : std::uint8_t { kActpass, kActive, kPassive, kHoldConnection };

struct SdpFingerprint {
    std::string algorithm{};  // lower case: "sha-256"
    std::string value{};      // upper case: "AB:CD:..."
    bool operator==(const SdpFingerprint&) const = default;
};

// What may stand at the session or in an m-line.
struct SdpTransport {
    std::string ufrag{}, password{};
    std::vector<std::string> ice_options{};
    std::vector<SdpFingerprint> fingerprints{};
    std::optional<Setup> setup{};
    bool operator==(const SdpTransport&) const = default;
};

struct SdpGroup {
    std::string semantics{};  // "BUNDLE"
    std::vector<std::string> mids{};
    bool operator==(const SdpGroup&) const = default;
};
struct RtpMap {
    std::uint8_t payload_type = 0;
    std::string encoding{};
    std::uint32_t clock_rate = 0;
    std::uint8_t channels = 1;
    bool operator==(const RtpMap&) const = default;
};
struct FormatParameters {
    std::uint8_t payload_type = 0;
    std::string text{};
    bool operator==(const FormatParameters&) const = default;
};
struct RtcpFeedback {
    std::optional<std::uint8_t> payload_type{};  // null = "*"
    std::string text{};                          // "nack pli"
    bool operator==(const RtcpFeedback&) const = default;
};
struct ExtensionMap {
    std::uint8_t id = 0;
    std::optional<Direction> direction{};
    std::string uri{};
    bool operator==(const ExtensionMap&) const = default;
};
struct SdpSource {
    std::uint32_t ssrc = 0;
    std::string cname{};
    std::string stream{}, track{};  // its msid, where it has one
    bool operator==(const SdpSource&) const = default;
};
struct SdpSourceGroup {
    std::string semantics{};  // "FID"
    std::vector<std::uint32_t> ssrcs{};
    bool operator==(const SdpSourceGroup&) const = default;
};
struct SdpMsid {
    std::string stream{}, track{};
    bool operator==(const SdpMsid&) const = default;
};
struct SdpRid {
    std::string id{};
    bool send = false;
    std::string restrictions{};
    bool operator==(const SdpRid&) const = default;
};

struct MediaDescription {
    std::string kind{};  // "audio", "video", "application"
    std::uint16_t port = 9;
    std::string protocol{"UDP/TLS/RTP/SAVPF"};
    std::vector<std::string> formats{};  // payload types, or "webrtc-datachannel"
    std::string mid{};
    std::optional<Direction> direction{};  // as written; Description::direction_of knows the default
    SdpTransport transport{};
    std::vector<Candidate> candidates{};
    std::vector<RtpMap> rtpmaps{};
    std::vector<FormatParameters> fmtps{};
    std::vector<RtcpFeedback> feedback{};
    std::vector<ExtensionMap> extensions{};
    std::vector<SdpSource> sources{};
    std::vector<SdpSourceGroup> source_groups{};
    std::vector<SdpMsid> msids{};
    std::vector<SdpRid> rids{};
    std::string simulcast_send{}, simulcast_receive{};
    std::optional<std::uint16_t> sctp_port{};
    std::optional<std::uint32_t> max_message_size{};
    bool rtcp_mux = false;
    bool rtcp_reduced_size = false;
    bool bundle_only = false;
    bool extmap_allow_mixed = false;
    bool end_of_candidates = false;
    bool operator==(const MediaDescription&) const = default;

    // Port 0 rejects, but not together with bundle-only (RFC 8843 section 6).
    bool rejected() const { return port == 0 && !bundle_only; }
    // The rtpmap of a payload type or of an encoding (no matter the case); null when there is none.
    const RtpMap* rtpmap(std::uint8_t payload_type) const;
    const RtpMap* encoding(std::string_view name, std::uint32_t clock_rate) const;
    std::string_view fmtp(std::uint8_t payload_type) const;
    // 0 when the m-line has no such extension.
    std::uint8_t extension(std::string_view uri) const;
};

struct SessionDescription {
    std::string username{"-"};
    std::uint64_t id = 0, version = 0;
    SdpTransport transport{};
    std::vector<SdpGroup> groups{};
    std::optional<Direction> direction{};
    std::string msid_semantic{};  // "WMS *"
    bool ice_lite = false;
    bool extmap_allow_mixed = false;
    std::vector<MediaDescription> media{};
    bool operator==(const SessionDescription&) const = default;

    // What counts for an m-line: its own word, else the session's.
    Direction direction_of(const MediaDescription& m) const { return m.direction.value_or(direction.value_or(Direction::kSendRecv)); }
    const std::vector<SdpFingerprint>& fingerprints_of(const MediaDescription& m) const {
        return m.transport.fingerprints.empty() ? transport.fingerprints : m.transport.fingerprints;
    }
    std::optional<Setup> setup_of(const MediaDescription& m) const { return m.transport.setup ? m.transport.setup : transport.setup; }
    std::string_view ufrag_of(const MediaDescription& m) const { return m.transport.ufrag.empty() ? transport.ufrag : m.transport.ufrag; }
    std::string_view password_of(const MediaDescription& m) const { return m.transport.password.empty() ? transport.password : m.transport.password; }
    // The mids of the first BUNDLE group, empty without one.
    const SdpGroup* bundle() const;
};

// Lines may end with \n or \r\n. A line that we know and that is broken is an error; a broken extmap, candidate,
// rtcp-fb, rid, simulcast, msid or ssrc-group is left out instead: none of them may cost the transport.
std::expected<SessionDescription, SdpError> parse_sdp(std::string_view text);
std::string write_sdp(const SessionDescription& description);

// "192: Something is wrong." for people.
std::string text(const SdpError& error);

}  // namespace earshot::wire
