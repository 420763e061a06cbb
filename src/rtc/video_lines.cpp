#include "rtc/video_lines.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/check.hpp"
#include "rtc/negotiation.hpp"

namespace earshot::rtc {
namespace {

using wire::Direction;
using wire::MediaDescription;
using wire::VideoCodec;

constexpr std::size_t kCameraLine = 0, kShareLine = 1, kFirstSlotLine = 2;
constexpr std::array kOffered{VideoCodec::kVp8, VideoCodec::kH264, VideoCodec::kVp9};  // the first is what an answerer sends

void add_codec(MediaDescription& m, VideoCodec codec) {
    const auto type = payload_type(codec);
    const auto repair = static_cast<std::uint8_t>(type + 1);
    m.formats.push_back(std::to_string(type));
    m.formats.push_back(std::to_string(repair));
    m.rtpmaps.push_back({type, std::string(wire::name(codec)), 90000, 1});
    m.rtpmaps.push_back({repair, "rtx", 90000, 1});
    // Constrained baseline 3.1 (RFC 6184 section 8.1): what every browser has.
    if (codec == VideoCodec::kH264) m.fmtps.push_back({type, "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f"});
    if (codec == VideoCodec::kVp9) m.fmtps.push_back({type, "profile-id=0"});
    m.fmtps.push_back({repair, fmt::format("apt={}", type)});
    for (const auto* feedback : {"nack", "nack pli", "ccm fir"}) m.feedback.push_back({type, feedback});
    if (kOfferTransportWide) m.feedback.push_back({type, "transport-cc"});
}

MediaDescription video_line(std::string mid, Direction direction, std::uint8_t mid_extension) {
    MediaDescription m;
    m.kind = "video";
    m.mid = std::move(mid);
    m.direction = direction;
    for (const auto codec : kOffered) add_codec(m, codec);
    m.extensions.push_back({mid_extension, {}, std::string(kMidUri)});
    if (kOfferTransportWide) m.extensions.push_back({kTransportWideExtension, {}, std::string(kTransportWideUri)});
    m.rtcp_mux = m.rtcp_reduced_size = true;
    return m;
}

void add_encodings(MediaDescription& m) {
    m.extensions.push_back({kRidExtension, {}, std::string(kRidUri)});
    m.extensions.push_back({kRepairedRidExtension, {}, std::string(kRepairedRidUri)});
    for (const auto rid : kRids) m.rids.push_back({std::string(rid), false, {}});
    m.simulcast_receive = fmt::format("{}", fmt::join(kRids, ";"));
}

void add_source(MediaDescription& m, std::uint32_t ssrc, std::uint32_t repair, const std::string& cname) {
    m.msids = {{m.mid, m.mid}};
    m.sources = {{ssrc, cname, m.mid, m.mid}, {repair, cname, m.mid, m.mid}};
    m.source_groups = {{"FID", {ssrc, repair}}};
}

bool lists(const MediaDescription& m, VideoCodec codec) {
    const auto* map = m.rtpmap(payload_type(codec));
    return map && map->encoding == wire::name(codec) && std::ranges::find(m.formats, std::to_string(map->payload_type)) != m.formats.end();
}

std::uint8_t agreed(const MediaDescription& m, std::string_view uri, std::uint8_t id) { return m.extension(uri) == id ? id : std::uint8_t{0}; }

void read_extensions(const MediaDescription& m, RemoteVideo& out) {
    out.mid_extension = std::max(out.mid_extension, agreed(m, kMidUri, kMidExtension));
    out.rid_extension = std::max(out.rid_extension, agreed(m, kRidUri, kRidExtension));
    out.repaired_rid_extension = std::max(out.repaired_rid_extension, agreed(m, kRepairedRidUri, kRepairedRidExtension));
    out.transport_wide_extension = std::max(out.transport_wide_extension, agreed(m, kTransportWideUri, kTransportWideExtension));
    out.retransmission = out.retransmission || std::ranges::any_of(m.rtpmaps, [](const auto& map) { return map.encoding == "rtx"; });
}

std::uint8_t codecs_of(const MediaDescription& m) {
    std::uint8_t mask = 0;
    for (const auto codec : kOffered)
        if (lists(m, codec)) mask = static_cast<std::uint8_t>(mask | 1u << static_cast<unsigned>(codec));
    return mask;
}

}  // namespace

std::string video_mid(std::size_t line) {
    ENSURE(line < kVideoLines);
    if (line == kCameraLine) return std::string(kCameraMid);
    if (line == kShareLine) return std::string(kShareMid);
    const std::size_t slot = line - kFirstSlotLine;
    return slot < kCameraSlots ? fmt::format("v{}", slot) : fmt::format("s{}", slot - kCameraSlots);
}

std::vector<MediaDescription> video_lines(const LocalVideo& local, const std::string& cname, std::uint8_t mid_extension) {
    ENSURE(local.slot_ssrcs.size() == kVideoSlots && local.repair_ssrcs.size() == kVideoSlots);
    std::vector<MediaDescription> lines;
    for (std::size_t line = 0; line < kVideoLines; ++line) {
        lines.push_back(video_line(video_mid(line), line < kFirstSlotLine ? Direction::kRecvOnly : Direction::kSendOnly, mid_extension));
        if (line == kCameraLine) add_encodings(lines.back());
        if (line >= kFirstSlotLine) add_source(lines.back(), local.slot_ssrcs[line - kFirstSlotLine], local.repair_ssrcs[line - kFirstSlotLine], cname);
    }
    return lines;
}

std::expected<void, std::string> read_video_line(const MediaDescription& m, Direction direction, std::size_t line, bool used, RemoteVideo& out) {
    if (m.kind != "video" || m.mid != video_mid(line))
        return std::unexpected(fmt::format("The video line with mid {} must be answered in its place.", video_mid(line)));
    if (!used || codecs_of(m) == 0) return {};
    if (!m.rtcp_mux) return std::unexpected(fmt::format("The video line with mid {} does not agree to rtcp-mux.", m.mid));
    read_extensions(m, out);
    if (line == kCameraLine) out.camera = wire::sends(direction);
    if (line == kShareLine) {
        out.share = wire::sends(direction);
        for (std::size_t i = 0; i < std::min(m.sources.size(), out.share_ssrcs.size()); ++i) out.share_ssrcs[i] = m.sources[i].ssrc;
    }
    if (line < kFirstSlotLine || !wire::receives(direction)) return {};
    out.slots |= 1u << (line - kFirstSlotLine);
    out.codecs |= codecs_of(m);
    return {};
}

MediaDescription answer_video_line(const MediaDescription& offered) {
    MediaDescription m;
    m.kind = offered.kind;
    m.mid = offered.mid;
    m.direction = wire::mirrored(*offered.direction);
    m.formats = offered.formats;
    m.rtpmaps = offered.rtpmaps;
    m.fmtps = offered.fmtps;
    m.extensions = offered.extensions;
    for (const auto& rid : offered.rids) m.rids.push_back({rid.id, true, {}});
    m.simulcast_send = offered.simulcast_receive;
    m.rtcp_mux = m.rtcp_reduced_size = true;
    return m;
}

}  // namespace earshot::rtc
