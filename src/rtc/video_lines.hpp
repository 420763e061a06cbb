// The video lines of an offer, added once behind the audio lines: the client's camera in three encodings and what he shares, then the
// slots on which he sees others. Every line has a name of its own as mid: "cam", "share", "v0" to "v24", "s0" and "s1".
#pragma once
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "rtc/remote_video.hpp"
#include "wire/sdp.hpp"

namespace earshot::rtc {

inline constexpr std::uint8_t kTransportWideExtension = 3, kRidExtension = 10, kRepairedRidExtension = 11;
inline constexpr std::string_view kTransportWideUri = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01";
inline constexpr std::string_view kRidUri = "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id";
inline constexpr std::string_view kRepairedRidUri = "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id";
// A sender that has agreed to transport-wide feedback and gets none stays slow, so it is asked for only where it is given.
inline constexpr bool kOfferTransportWide = false;

inline constexpr std::string_view kCameraMid = "cam", kShareMid = "share";
inline constexpr std::array<std::string_view, 3> kRids{"q", "h", "f"};  // a quarter, half and all of each side's length
inline constexpr std::size_t kVideoLines = 2 + kVideoSlots;

// The SSRCs of the slots and of their retransmissions, kVideoSlots each; empty: no video in this offer.
struct LocalVideo {
    std::vector<std::uint32_t> slot_ssrcs{}, repair_ssrcs{};
};

std::string video_mid(std::size_t line);  // below kVideoLines
// Without transport; `mid_extension` as in the other lines.
std::vector<wire::MediaDescription> video_lines(const LocalVideo& local, const std::string& cname, std::uint8_t mid_extension);

// Reads one answered line, the n-th of video_lines(); `used`: it is in the bundle and not rejected. The error is a sentence.
std::expected<void, std::string> read_video_line(const wire::MediaDescription& m, wire::Direction direction, std::size_t line, bool used, RemoteVideo& out);

// As a client answers one (the simulator and tests do): sending on `cam` or `share`, receiving on slots. Extensions are the offer's.
wire::MediaDescription answer_video_line(const wire::MediaDescription& offered);

}  // namespace earshot::rtc
