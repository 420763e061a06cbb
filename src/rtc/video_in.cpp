#include "rtc/video_in.hpp"

#include <algorithm>

#include "rtc/video_lines.hpp"

namespace earshot::rtc {
namespace {

constexpr std::size_t kShareStream = media::kSimulcastLayers;

struct Numbered {
    wire::VideoCodec codec;
    bool repair;
};
std::optional<Numbered> codec_of(std::uint8_t type) {
    for (const auto codec : {wire::VideoCodec::kVp8, wire::VideoCodec::kVp9, wire::VideoCodec::kH264}) {
        if (type == payload_type(codec)) return Numbered{codec, false};
        if (type == payload_type(codec) + 1) return Numbered{codec, true};
    }
    return std::nullopt;
}

Counter why(crypto::SrtpError error) {
    switch (error) {
        case crypto::SrtpError::kMalformed: return Counter::dropped_rtp_malformed;
        case crypto::SrtpError::kAuthentication: return Counter::dropped_rtp_auth;
        case crypto::SrtpError::kReplay: return Counter::dropped_rtp_replay;
        case crypto::SrtpError::kTooManySources: return Counter::dropped_rtp_source;
    }
    return Counter::dropped_rtp_malformed;
}

}  // namespace

void VideoIn::describe(const RemoteVideo& described) {
    described_ = described;
    if (described.share_ssrcs[0] != 0 && streams_[kShareStream].ssrc == 0) {
        streams_[kShareStream].ssrc = described.share_ssrcs[0];
        streams_[kShareStream].repair_ssrc = described.share_ssrcs[1];
    }
}

std::expected<VideoIn::Incoming, Counter> VideoIn::inspect(Time now, Bytes packet) const {
    const auto header = wire::parse_rtp(packet);
    if (!header) return std::unexpected(Counter::dropped_rtp_malformed);
    const auto numbered = codec_of(header->payload_type);
    auto place = numbered ? known(header->ssrc) : std::nullopt;
    if (numbered && !place) {
        place = named(*header, numbered->repair);
        if (place && !may_take(now, *place)) place.reset();
    }
    if (!place || place->repair != numbered->repair) return std::unexpected(Counter::dropped_rtp_source);
    return Incoming{.header = *header, .codec = numbered->codec, .stream = place->stream, .repair = place->repair};
}

std::optional<VideoIn::Place> VideoIn::known(std::uint32_t ssrc) const {
    for (std::uint8_t i = 0; ssrc != 0 && i < kStreams; ++i) {
        if (streams_[i].ssrc == ssrc) return Place{i, false};
        if (streams_[i].repair_ssrc == ssrc) return Place{i, true};
    }
    return std::nullopt;
}

// Without encodings of its own a camera sends one stream: the smallest, as it were.
std::optional<VideoIn::Place> VideoIn::named(const wire::RtpHeader& header, bool repair) const {
    const auto mid = wire::text_extension(header, described_.mid_extension);
    if (mid == kShareMid && described_.share) return Place{kShareStream, repair};
    if (mid != kCameraMid || !described_.camera) return std::nullopt;
    const auto rid = wire::text_extension(header, repair ? described_.repaired_rid_extension : described_.rid_extension);
    if (rid.empty()) return Place{0, repair};
    const auto found = std::ranges::find(kRids, rid);
    if (found == kRids.end()) return std::nullopt;
    return Place{static_cast<std::uint8_t>(found - kRids.begin()), repair};
}

bool VideoIn::may_take(Time now, const Place& place) const {
    const Stream& stream = streams_[place.stream];
    return place.repair || stream.ssrc == 0 || now - stream.last_packet >= kSourceRest;
}

std::expected<VideoIn::Picture, Counter> VideoIn::open(Time now, const Incoming& incoming, MutableBytes packet, crypto::SrtpInbound& srtp) {
    const auto opened = srtp.unprotect_rtp(packet, incoming.header.size);
    if (!opened) return std::unexpected(why(opened.error()));
    const auto payload = wire::strip_padding(incoming.header, opened->payload);
    if (!payload) return std::unexpected(Counter::dropped_rtp_malformed);
    Stream& stream = streams_[incoming.stream];
    learn(incoming, stream);
    return incoming.repair ? second_hand(incoming, *payload, stream) : first_hand(now, incoming, opened->index, *payload, stream);
}

void VideoIn::learn(const Incoming& incoming, Stream& stream) {
    if (incoming.repair) {
        stream.repair_ssrc = incoming.header.ssrc;
        return;
    }
    if (stream.ssrc != incoming.header.ssrc) {
        stream = Stream{.ssrc = incoming.header.ssrc, .epoch = stream.epoch + 1};
    }
    if (!stream.reception) stream.reception.emplace(stream.ssrc, media::kVideoClock);
}

std::expected<VideoIn::Picture, Counter> VideoIn::first_hand(Time now, const Incoming& incoming, std::uint64_t index, Bytes payload, Stream& stream) {
    const auto& header = incoming.header;
    stream.last_packet = now;
    stream.reception->received(now, index, header.timestamp);
    Picture out{.kind = incoming.stream == kShareStream ? VideoKind::kShare : VideoKind::kCamera};
    out.packet = {.payload = payload,
                  .codec = incoming.codec,
                  .layer = incoming.stream == kShareStream ? std::uint8_t{0} : incoming.stream,
                  .epoch = stream.epoch,
                  .sequence = stream.track.sequence(header.sequence),
                  .timestamp = stream.track.timestamp(header.timestamp),
                  .marker = header.marker};
    out.packet.filler = payload.empty();
    if (out.packet.filler) return out;
    const auto about = wire::read_video_payload(incoming.codec, payload);
    if (!about) return std::unexpected(Counter::dropped_rtp_malformed);
    out.packet.about = *about;
    return out;
}

// RFC 4588 section 4: the number it had stands in front of what it held.
std::expected<VideoIn::Picture, Counter> VideoIn::second_hand(const Incoming& incoming, Bytes payload, Stream& stream) const {
    if (payload.size() <= 2 || !stream.reception) return std::unexpected(Counter::dropped_rtp_malformed);  // padding, or of a stream not yet seen
    const Bytes held = payload.subspan(2);
    const auto about = wire::read_video_payload(incoming.codec, held);
    if (!about) return std::unexpected(Counter::dropped_rtp_malformed);
    Picture out{.kind = incoming.stream == kShareStream ? VideoKind::kShare : VideoKind::kCamera, .repair = true};
    out.packet = {.payload = held,
                  .codec = incoming.codec,
                  .layer = incoming.stream == kShareStream ? std::uint8_t{0} : incoming.stream,
                  .epoch = stream.epoch,
                  .sequence = stream.track.sequence(load_u16(payload.data())),
                  .timestamp = stream.track.timestamp(incoming.header.timestamp),
                  .marker = incoming.header.marker,
                  .about = *about};
    return out;
}

}  // namespace earshot::rtc
