#include "rtc/session.hpp"

#include <algorithm>

#include "rtc/red_copies.hpp"
#include "wire/rtp.hpp"

namespace earshot::rtc {
namespace {

// Payload beyond this would not fit one datagram with its header and tag.
constexpr std::size_t kMaxPayload = 1400;

}  // namespace

Session::Session(const crypto::Identity& identity, SessionConfig config, Random& random, Time now)
    : transport_(identity, crypto::DtlsRole::kServer),
      ice_(std::move(config.credentials)),
      reports_(random),
      created_(now),
      own_rtcp_ssrc_(config.own_rtcp_ssrc),
      cname_(std::move(config.cname)) {
    std::copy_n(config.slot_ssrcs.begin(), std::min(config.slot_ssrcs.size(), slot_ssrcs_.size()), slot_ssrcs_.begin());
}

IceLite::Verdict Session::receive_stun(Time now, const port::Path& path, const wire::StunMessage& message, Outbox& out) {
    auto verdict = ice_.receive(now, path, message, out);
    if (verdict.valid) last_life_ = now;
    return verdict;
}

void Session::receive_dtls(Time now, const port::Path& path, Bytes datagram, Outbox& out) {
    if (!ice_.knows(path)) return out.counters().add(Counter::dropped_dtls);
    transport_.receive(now, path, datagram, out);
    start_reports(now);
}

void Session::set_remote(Time now, RemoteMedia media, Outbox& out) {
    opus_payload_type_ = media.opus_payload_type;
    level_extension_ = media.level_extension;
    slots_red_ = media.slots_red;
    choose_copies(now);
    transport_.set_fingerprints(media.fingerprints, now, ice_.selected(), out);
    start_reports(now);
    describe_video(media.video);
    if (voice_) return voice_->describe(std::move(media));
    voice_.emplace(std::move(media));
}

void Session::start_reports(Time now) {
    if (transport_.state() == TransportState::kReady && reports_.deadline().at == kNever) reports_.start(now);
}

std::expected<VoiceIn::Voice, Counter> Session::open_voice(Time now, const VoiceIn::Incoming& incoming, MutableBytes packet) {
    auto voice = voice_->open(now, incoming, packet, *transport_.inbound());
    if (voice) show_life(now);
    return voice;
}

void Session::show_life(Time now) {
    last_life_ = now;
    transport_.proved(now);
}

Session::Feedback Session::receive_rtcp(Time now, MutableBytes packet, Counters& counters) {
    Feedback feedback;
    auto* srtp = transport_.inbound();
    const auto plain = srtp ? srtp->unprotect_rtcp(packet) : std::unexpected(crypto::SrtpError::kAuthentication);
    auto compound = plain ? wire::parse_rtcp(*plain) : std::unexpected(wire::RtcpError::kTooShort);
    if (!compound) {
        counters.add(Counter::dropped_rtcp);
        return feedback;
    }
    show_life(now);
    // A BYE is not believed: who leaves says so on the control side, and the consent ends (RFC 7675).
    while (const auto each = compound->next()) {
        const auto report = wire::sender_report(*each);
        auto* reception = voice_ ? voice_->reception() : nullptr;
        if (report && reception && reception->ssrc() == report->ssrc) reception->sender_report(now, *report);
        take_blocks(report ? report->blocks : wire::receiver_report(*each).value_or(wire::ReceiverReport{}).blocks);
        if (video_) note_feedback(now, *each, feedback);
    }
    if (const auto lost = slot_reports_.take_loss()) choice_.downlink(now, *lost);
    choose_copies(now);
    return feedback;
}

void Session::take_blocks(const wire::ReportBlocks& blocks) {
    for (std::size_t i = 0; i < blocks.size(); ++i) {
        const auto block = blocks[i];
        const auto slot = std::find(slot_ssrcs_.begin(), slot_ssrcs_.end(), block.ssrc);
        if (block.ssrc == 0 || slot == slot_ssrcs_.end()) continue;
        const auto index = static_cast<std::size_t>(slot - slot_ssrcs_.begin());
        slot_reports_.add(index, block, passed_over_[index]);
    }
}

void Session::choose_copies(Time now) { copies_ = slots_red_ ? static_cast<std::uint8_t>(choice_.copies(now)) : std::uint8_t{0}; }

wire::RtpFields Session::fields(std::size_t slot, const media::Rewritten& rewritten, std::uint8_t payload_type) const {
    return {.marker = rewritten.marker, .payload_type = payload_type, .sequence = rewritten.sequence, .timestamp = rewritten.timestamp, .ssrc = slot_ssrcs_[slot]};
}

void Session::send_voice(std::size_t slot, const media::Rewritten& rewritten, const media::Packet& heard, Outbox& out) {
    const auto* srtp = transport_.outbound();
    const std::size_t overhead = transport_.rtp_overhead();
    if (heard.payload.size() > kMaxPayload || slot_ssrcs_[slot] == 0) return;
    const auto room = out.reserve(wire::kMaxAudioHeaderSize + heard.payload.size() + overhead);
    if (room.empty()) return;
    const std::size_t header = wire::write_rtp_header(room, fields(slot, rewritten, opus_payload_type_),
                                                      {.level_id = level_extension_, .level = {.level = heard.level, .voice = heard.voice}});
    if (header == 0) return;
    out.protect({.context = srtp,
                 .packet = room.data(),
                 .payload = heard.payload.data(),
                 .header_size = static_cast<std::uint16_t>(header),
                 .payload_size = static_cast<std::uint16_t>(heard.payload.size()),
                 .roc = rewritten.roc});
    out.commit(*ice_.selected(), header + heard.payload.size() + overhead);
}

void Session::send_with_copies(std::size_t slot, const media::Rewritten& rewritten, const media::Packet& heard, const media::Earlier& earlier, Outbox& out) {
    // Numbers from before this speaker's stay are another's.
    const std::size_t wanted = std::min<std::size_t>(copies_, rewritten.history);
    const RedCopies copies{opus_payload_type_, earlier, wanted, heard.payload.size()};
    if (copies.empty() || slot_ssrcs_[slot] == 0) return send_voice(slot, rewritten, heard, out);
    const std::size_t overhead = transport_.rtp_overhead();
    const std::size_t size = wire::red_size(copies.span(), heard.payload.size());
    const auto room = out.reserve(wire::kMaxAudioHeaderSize + size + overhead);
    if (room.empty()) return;
    const std::size_t header = wire::write_rtp_header(room, fields(slot, rewritten, kRedPayloadType),
                                                      {.level_id = level_extension_, .level = {.level = heard.level, .voice = heard.voice}});
    if (header == 0 || wire::write_red(room.subspan(header), copies.span(), opus_payload_type_, heard.payload) != size) return;
    out.protect({.context = transport_.outbound(),
                 .packet = room.data(),
                 .payload = room.data() + header,
                 .header_size = static_cast<std::uint16_t>(header),
                 .payload_size = static_cast<std::uint16_t>(size),
                 .roc = rewritten.roc});
    out.commit(*ice_.selected(), header + size + overhead);
}

void Session::report(Now now, std::array<SentStream, kHeardSlots> streams, Outbox& out) {
    for (std::size_t slot = 0; slot < streams.size(); ++slot) streams[slot].ssrc = slot_ssrcs_[slot];
    auto* heard = voice_ ? voice_->reception() : nullptr;
    reports_.send(now, own_rtcp_ssrc_, cname_, streams, {&heard, 1}, *transport_.outbound(), *ice_.selected(), out);
    if (!heard) return;
    choice_.uplink(now.at, heard->reported_loss());
    choose_copies(now.at);
}

void Session::tick(Time now, Outbox& out) { transport_.tick(now, ice_.selected(), out); }

void Session::close(Time now, Outbox& out) { transport_.close(now, ice_.selected(), out); }

Deadline Session::deadline(Time now) const {
    Deadline next = transport_.deadline();
    next.sooner({consent_until(), "consent"});
    if (last_life_ && !quiet(now)) next.sooner({*last_life_ + kQuiet, "quiet"});
    if (ready()) next.sooner(reports_.deadline());
    return next;
}

Loss Session::loss(Time now) const {
    switch (transport_.state()) {
        case TransportState::kClosed: return Loss::kClosed;
        case TransportState::kFailed: return Loss::kDtlsFailed;
        case TransportState::kWrongFingerprint: return Loss::kFingerprintMismatch;
        case TransportState::kHandshaking:
        case TransportState::kReady: break;
    }
    return now >= consent_until() ? Loss::kConsent : Loss::kNone;
}

}  // namespace earshot::rtc
