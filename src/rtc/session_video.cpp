// The video half of a Session.
#include <algorithm>

#include "base/check.hpp"
#include "rtc/session.hpp"
#include "wire/rtp.hpp"

namespace earshot::rtc {
namespace {

// Payload beyond this would not fit one datagram with its header and tag.
constexpr std::size_t kMaxPayload = 1400;
constexpr std::size_t kMaxHeader = wire::kRtpFixedHeaderSize;
constexpr std::size_t kSrtcpRoom = 20;
constexpr std::size_t kMaxReport = 1100;

// The RTP timestamp that belongs to this very moment (RFC 3550 section 6.4.1), from the last packet's.
std::uint32_t timestamp_at(Time now, const SentStream& stream) {
    const auto us = std::chrono::duration_cast<std::chrono::microseconds>(now - stream.last_sent).count();
    return stream.last_timestamp + static_cast<std::uint32_t>(us * (media::kVideoClock / 1000) / 1000);
}

}  // namespace

void Session::offer_video(std::span<const std::uint32_t> slots, std::span<const std::uint32_t> repairs) {
    ENSURE(!video_ && slots.size() == kVideoSlots && repairs.size() == kVideoSlots);
    video_ = std::make_unique<Video>();
    std::ranges::copy(slots, video_->ssrcs.begin());
    std::ranges::copy(repairs, video_->repair_ssrcs.begin());
}

void Session::describe_video(const std::optional<RemoteVideo>& described) {
    if (!video_ || !described) return;
    if (video_->in) return video_->in->describe(*described);
    video_->in.emplace(*described);
}

std::expected<VideoIn::Picture, Counter> Session::open_picture(Time now, const VideoIn::Incoming& incoming, MutableBytes packet) {
    auto picture = video_->in->open(now, incoming, packet, *transport_.inbound());
    if (picture) show_life(now);
    return picture;
}

void Session::send_picture(std::size_t slot, const media::RewrittenVideo& rewritten, const media::VideoPacket& seen, Outbox& out) {
    const std::size_t overhead = transport_.rtp_overhead();
    if (seen.payload.size() > kMaxPayload || !video_) return;
    const auto room = out.reserve(kMaxHeader + seen.payload.size() + overhead);
    if (room.empty()) return;
    const std::size_t header = wire::write_rtp_header(room, {.marker = rewritten.marker,
                                                             .payload_type = payload_type(seen.codec),
                                                             .sequence = rewritten.sequence,
                                                             .timestamp = rewritten.timestamp,
                                                             .ssrc = video_->ssrcs[slot]});
    if (header == 0) return;
    const auto payload = room.subspan(header, seen.payload.size());
    std::ranges::copy(seen.payload, payload.begin());
    wire::write_picture_numbers(payload, seen.about.places, rewritten.picture_id, rewritten.base_index);
    out.protect({.context = transport_.outbound(),
                 .packet = room.data(),
                 .payload = payload.data(),
                 .header_size = static_cast<std::uint16_t>(header),
                 .payload_size = static_cast<std::uint16_t>(payload.size()),
                 .roc = rewritten.roc});
    out.commit(*ice_.selected(), header + payload.size() + overhead);
}

void Session::protect_rtcp(MutableBytes room, std::size_t size, Outbox& out) {
    if (size == 0) return;
    if (const auto protected_size = transport_.outbound()->protect_rtcp(room, size); protected_size != 0) out.commit(*ice_.selected(), protected_size);
}

void Session::ask_key_frame(VideoKind kind, std::size_t layer, Outbox& out) {
    auto* in = video();
    const auto ssrc = in ? in->ssrc(kind, layer) : 0;
    if (ssrc == 0) return;
    const auto room = out.reserve(12 + kSrtcpRoom);
    if (room.empty()) return;
    wire::RtcpWriter writer{room.first(12)};
    writer.picture_loss(own_rtcp_ssrc_, ssrc);
    protect_rtcp(room, writer.finish().size(), out);
}

std::uint32_t Session::video_slot(std::uint32_t ssrc) const {
    const auto found = std::ranges::find(video_->ssrcs, ssrc);
    return found == video_->ssrcs.end() || ssrc == 0 ? 0 : 1u << (found - video_->ssrcs.begin());
}

void Session::note_feedback(Time now, const wire::RtcpPacket& packet, Feedback& feedback) {
    if (const auto lost = wire::picture_loss(packet)) feedback.pictures_lost |= video_slot(lost->media_ssrc);
    if (const auto lost = wire::full_intra(packet)) {
        for (std::size_t i = 0; i < lost->size(); ++i) feedback.pictures_lost |= video_slot(lost->ssrc(i));
    }
    const auto report = wire::sender_report(packet);
    for (std::size_t i = 0; report && video_->in && i < VideoIn::kStreams; ++i) {
        auto* reception = video_->in->reception(i);
        if (reception && reception->ssrc() == report->ssrc) reception->sender_report(now, *report);
    }
}

void Session::report_video(Now now, std::span<SentStream> streams, Outbox& out) {
    if (!video_ || !ready()) return;
    const auto room = out.reserve(kMaxReport + kSrtcpRoom);
    if (room.empty()) return;
    wire::RtcpWriter writer{room.first(kMaxReport)};
    std::array<wire::ReportBlock, VideoIn::kStreams> blocks;
    std::size_t count = 0;
    for (std::size_t i = 0; video_->in && i < VideoIn::kStreams; ++i) {
        auto* reception = video_->in->reception(i);
        if (reception && reception->fresh()) blocks[count++] = reception->report(now.at);
    }
    if (count != 0) writer.receiver_report(own_rtcp_ssrc_, std::span{blocks}.first(count));
    for (std::size_t slot = 0; slot < std::min(streams.size(), kVideoSlots); ++slot) {
        const auto& stream = streams[slot];
        if (stream.packets == 0 || stream.last_sent < video_->reported) continue;
        writer.sender_report({.ssrc = video_->ssrcs[slot],
                              .ntp = ntp_time(now.wall_ms),
                              .rtp_timestamp = timestamp_at(now.at, stream),
                              .packet_count = stream.packets,
                              .octet_count = stream.octets});
    }
    video_->reported = now.at;
    protect_rtcp(room, writer.finish().size(), out);
}

}  // namespace earshot::rtc
