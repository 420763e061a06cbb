// The video half of a ClientSession.
#include <algorithm>
#include <array>

#include "rtc/client_session.hpp"
#include "rtc/negotiation.hpp"

namespace earshot::rtc {
namespace {

constexpr std::size_t kMaxKeyRequests = 64;
constexpr std::size_t kMaxPictureHeader = 12 + 4 + 20 + 8;
constexpr std::size_t kSrtcpRoom = 20;

}  // namespace

void ClientSession::show(const ShownPicture& picture, Outbox& out) {
    if (!ready()) return;
    const auto* srtp = transport_.outbound();
    const auto room = out.reserve(kMaxPictureHeader + picture.payload.size() + srtp->rtp_overhead());
    if (room.empty()) return;
    std::array<wire::ExtensionElement, 2> elements{{{kMidExtension, as_bytes(picture.mid)}, {kRidExtension, as_bytes(picture.rid)}}};
    const std::size_t named = picture.mid.empty() ? 0 : picture.rid.empty() ? 1 : 2;
    const auto header = wire::write_rtp_header(room,
                                               {.marker = picture.marker,
                                                .payload_type = payload_type(picture.codec),
                                                .sequence = static_cast<std::uint16_t>(picture.sequence),
                                                .timestamp = picture.timestamp,
                                                .ssrc = picture.ssrc},
                                               std::span<const wire::ExtensionElement>{elements}.first(named));
    if (header == 0) return;
    std::ranges::copy(picture.payload, room.begin() + static_cast<std::ptrdiff_t>(header));
    out.protect({.context = srtp,
                 .packet = room.data(),
                 .payload = room.data() + header,
                 .header_size = static_cast<std::uint16_t>(header),
                 .payload_size = static_cast<std::uint16_t>(picture.payload.size()),
                 .roc = static_cast<std::uint32_t>(picture.sequence >> 16)});
    out.commit(*ice_.selected(), header + picture.payload.size() + srtp->rtp_overhead());
}

bool ClientSession::receive_picture(Time now, const wire::RtpHeader& header, MutableBytes packet) {
    const auto found = std::ranges::find(config_.video_ssrcs, header.ssrc);
    if (found == config_.video_ssrcs.end()) return false;
    auto* srtp = transport_.inbound();
    const auto opened = srtp ? srtp->unprotect_rtp(packet, header.size) : std::unexpected(crypto::SrtpError::kMalformed);
    if (!opened) {
        ++statistics_.failed;
        return true;
    }
    ++statistics_.received;
    if (pictures_.size() == kMaxReceived) pictures_.erase(pictures_.begin());
    const auto codec = header.payload_type == kVp9PayloadType    ? wire::VideoCodec::kVp9
                       : header.payload_type == kH264PayloadType ? wire::VideoCodec::kH264
                                                                 : wire::VideoCodec::kVp8;
    pictures_.push_back({.slot = static_cast<std::size_t>(found - config_.video_ssrcs.begin()),
                         .codec = codec,
                         .payload = {opened->payload.begin(), opened->payload.end()},
                         .sequence = opened->index,
                         .timestamp = header.timestamp,
                         .marker = header.marker,
                         .at = now});
    return true;
}

void ClientSession::lose_picture(std::size_t slot, Outbox& out) {
    const auto room = ready() && slot < config_.video_ssrcs.size() ? out.reserve(12 + kSrtcpRoom) : MutableBytes{};
    if (room.empty()) return;
    wire::RtcpWriter writer{room.first(12)};
    writer.picture_loss(config_.mic_ssrc, config_.video_ssrcs[slot]);
    if (const auto size = transport_.outbound()->protect_rtcp(room, writer.finish().size()); size != 0) out.commit(*ice_.selected(), size);
}

void ClientSession::note_key_request(const wire::RtcpPacket& packet) {
    const auto lost = wire::picture_loss(packet);
    if (lost && key_requests_.size() < kMaxKeyRequests) key_requests_.push_back(lost->media_ssrc);
}

}  // namespace earshot::rtc
