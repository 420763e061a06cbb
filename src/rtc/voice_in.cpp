#include "rtc/voice_in.hpp"

#include <algorithm>

#include "wire/red.hpp"

namespace earshot::rtc {
namespace {

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

std::expected<VoiceIn::Incoming, Counter> VoiceIn::inspect(Time now, Bytes packet) const {
    const auto header = wire::parse_rtp(packet);
    if (!header) return std::unexpected(Counter::dropped_rtp_malformed);
    if (!may_be(header->payload_type) || !ours(now, *header)) return std::unexpected(Counter::dropped_rtp_source);
    Incoming incoming{.header = *header};
    if (const auto level = wire::audio_level(*header, media_.level_extension)) {
        incoming.level = *level;
        incoming.has_level = true;
    } else {
        incoming.level.level = media::guessed_level(packet.size() - header->size);
    }
    return incoming;
}

// RFC 8843 section 9.2 in small: the SSRC we know, else the mid the packet names, else the one m-line there is.
bool VoiceIn::ours(Time now, const wire::RtpHeader& header) const {
    if (media_.mic_mid.empty()) return false;
    if (reception_ && reception_->ssrc() == header.ssrc) return true;
    if (reception_ && now - last_packet_ < kSourceRest) return false;
    if (std::find(media_.mic_ssrcs.begin(), media_.mic_ssrcs.end(), header.ssrc) != media_.mic_ssrcs.end()) return true;
    const auto mid = wire::text_extension(header, media_.mid_extension);
    return mid.empty() || mid == media_.mic_mid;
}

void VoiceIn::skip(const Incoming& incoming) {
    if (reception_ && reception_->ssrc() == incoming.header.ssrc) reception_->skipped();
}

std::expected<VoiceIn::Voice, Counter> VoiceIn::open(Time now, const Incoming& incoming, MutableBytes packet, crypto::SrtpInbound& srtp) {
    const auto& header = incoming.header;
    const auto opened = srtp.unprotect_rtp(packet, header.size);
    if (!opened) return std::unexpected(why(opened.error()));
    const auto payload = wire::strip_padding(header, opened->payload);
    if (!payload) return std::unexpected(Counter::dropped_rtp_malformed);
    Voice voice;
    if (!reception_ || reception_->ssrc() != header.ssrc) {
        voice.new_source = reception_.has_value();
        reception_.emplace(header.ssrc);
        track_ = {};
        seen_ = {};
    }
    last_packet_ = now;
    reception_->received(now, opened->index, header.timestamp);
    voice.packet = {.payload = *payload, .sequence = opened->index, .timestamp = track_.timestamp(header.timestamp), .level = incoming.level.level,
                    .voice = incoming.level.voice, .marker = header.marker};
    if (header.payload_type == kRedPayloadType && media_.mic_red) {
        const auto newest = take_copies(*payload, header.timestamp, voice);
        if (!newest) return std::unexpected(Counter::dropped_rtp_malformed);
        voice.packet.payload = *newest;
    }
    seen_.note(opened->index);
    if (!incoming.has_level) voice.packet.level = media::guessed_level(voice.packet.payload.size());
    return voice;
}

// Copies are of the packets right before, as every sender of RED for voice has it; those that are news go into `voice`. The newest
// payload is returned, none when this is no RED of Opus.
std::optional<Bytes> VoiceIn::take_copies(Bytes payload, std::uint32_t timestamp, Voice& voice) {
    const auto red = wire::parse_red(payload);
    if (!red || red->payload_type != media_.opus_payload_type) return std::nullopt;
    const auto copies = red->earlier();
    for (std::size_t back = std::min(copies.size(), media::kMaxCopies); back > 0; --back) {
        const auto& copy = copies[copies.size() - back];
        const std::uint64_t sequence = voice.packet.sequence - back;
        if (copy.payload_type != media_.opus_payload_type || copy.payload.empty() || copy.behind == 0 || !seen_.news(sequence)) continue;
        auto& lost = voice.recovered[voice.recovered_count++] = voice.packet;
        lost.payload = copy.payload;
        lost.sequence = sequence;
        lost.timestamp = track_.timestamp(timestamp - copy.behind);
        lost.marker = false;
        lost.recovered = true;
        seen_.note(sequence);
    }
    return red->payload;
}

}  // namespace earshot::rtc
