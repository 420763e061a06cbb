#include "rtc/client_session.hpp"

#include <algorithm>
#include <utility>

#include "wire/demultiplex.hpp"
#include "wire/rtp.hpp"

namespace earshot::rtc {

ClientSession::ClientSession(const crypto::Identity& identity, ClientConfig config, Random& random)
    : random_(random),
      config_(std::move(config)),
      ice_(config_.local, config_.remote, random),
      transport_(identity, crypto::DtlsRole::kClient),
      reports_(random),
      next_sequence_(1 + random.below(32767)) {
    mic_.ssrc = config_.mic_ssrc;
}

void ClientSession::add_path(Time now, const port::Path& path, Outbox& out) { ice_.add_path(now, path, out); }

void ClientSession::restart_ice(Time now, IceCredentials local, IceCredentials remote, Outbox& out) {
    ice_.restart(now, std::move(local), std::move(remote), out);
}

void ClientSession::receive(Now now, const port::Path& path, MutableBytes datagram, Outbox& out) {
    switch (wire::classify(datagram)) {
        case wire::Kind::kStun: return receive_stun(now.at, datagram, out);
        case wire::Kind::kDtls:
            transport_.receive(now.at, path, datagram, out);
            if (ready() && reports_.deadline().at == kNever) reports_.start(now.at);
            return;
        case wire::Kind::kRtp: return receive_rtp(now.at, datagram);
        case wire::Kind::kRtcp: return receive_rtcp(datagram);
        case wire::Kind::kUnknown: return;
    }
}

void ClientSession::receive_stun(Time now, Bytes datagram, Outbox& out) {
    const auto message = wire::parse_stun(datagram);
    if (!message || !ice_.receive(now, *message) || handshaking_) return;
    handshaking_ = true;
    transport_.set_fingerprints(config_.fingerprints, now, ice_.selected(), out);
    transport_.start(now, *ice_.selected(), out);
}

std::optional<std::size_t> ClientSession::slot_of(std::uint32_t ssrc) const {
    const auto found = std::find(config_.slot_ssrcs.begin(), config_.slot_ssrcs.end(), ssrc);
    return found == config_.slot_ssrcs.end() ? std::nullopt : std::optional{static_cast<std::size_t>(found - config_.slot_ssrcs.begin())};
}

void ClientSession::receive_rtp(Time now, MutableBytes packet) {
    const auto header = wire::parse_rtp(packet);
    const auto slot = header ? slot_of(header->ssrc) : std::nullopt;
    auto* srtp = transport_.inbound();
    const auto opened = slot && srtp ? srtp->unprotect_rtp(packet, header->size) : std::unexpected(crypto::SrtpError::kMalformed);
    if (!opened) {
        ++statistics_.failed;
        return;
    }
    ++statistics_.received;
    if (received_.size() == kMaxReceived) received_.erase(received_.begin());
    const auto level = wire::audio_level(*header, config_.level_extension).value_or(wire::AudioLevel{});
    received_.push_back({.slot = *slot,
                         .payload = {opened->payload.begin(), opened->payload.end()},
                         .sequence = opened->index,
                         .timestamp = header->timestamp,
                         .marker = header->marker,
                         .level = level.level,
                         .at = now});
}

void ClientSession::receive_rtcp(MutableBytes packet) {
    auto* srtp = transport_.inbound();
    const auto plain = srtp ? srtp->unprotect_rtcp(packet) : std::unexpected(crypto::SrtpError::kMalformed);
    auto compound = plain ? wire::parse_rtcp(*plain) : std::unexpected(wire::RtcpError::kTooShort);
    if (!compound) return;
    while (const auto each = compound->next()) {
        const auto sent = wire::sender_report(*each);
        const auto received = wire::receiver_report(*each);
        if (sent) ++statistics_.sender_reports;
        const auto blocks = sent ? sent->blocks : received ? received->blocks : wire::ReportBlocks{};
        for (std::size_t i = 0; i < blocks.size(); ++i) {
            if (blocks[i].ssrc != config_.mic_ssrc) continue;
            ++statistics_.report_blocks;
            statistics_.last_block = blocks[i];
        }
    }
}

void ClientSession::speak(Now now, Bytes payload, std::uint32_t timestamp, std::uint8_t level, Outbox& out) {
    if (!ready()) return;
    const auto* srtp = transport_.outbound();
    const auto room = out.reserve(wire::kMaxAudioHeaderSize + payload.size() + srtp->rtp_overhead());
    if (room.empty()) return;
    const auto sequence = next_sequence_++;
    const auto header = wire::write_rtp_header(room,
                                               {.marker = mic_.packets == 0,
                                                .payload_type = config_.opus_payload_type,
                                                .sequence = static_cast<std::uint16_t>(sequence),
                                                .timestamp = timestamp,
                                                .ssrc = config_.mic_ssrc},
                                               {.level_id = config_.level_extension, .level = {.level = level, .voice = level < 60}, .mid_id = config_.mid_extension, .mid = config_.mic_mid});
    if (header == 0) return;
    std::copy(payload.begin(), payload.end(), room.begin() + static_cast<std::ptrdiff_t>(header));
    out.protect({.context = srtp,
                 .packet = room.data(),
                 .payload = room.data() + header,
                 .header_size = static_cast<std::uint16_t>(header),
                 .payload_size = static_cast<std::uint16_t>(payload.size()),
                 .roc = static_cast<std::uint32_t>(sequence >> 16)});
    out.commit(*ice_.selected(), header + payload.size() + srtp->rtp_overhead());
    ++statistics_.sent;
    ++mic_.packets;
    mic_.octets += static_cast<std::uint32_t>(payload.size());
    mic_.last_timestamp = timestamp;
    mic_.last_sent = now.at;
}

void ClientSession::change_microphone(std::uint32_t ssrc) {
    config_.mic_ssrc = ssrc;
    mic_ = SentStream{.ssrc = ssrc};
    next_sequence_ = 1 + random_.below(32767);
}

void ClientSession::report(Now now, Outbox& out) {
    reports_.send(now, config_.mic_ssrc, config_.cname, {&mic_, 1}, nullptr, *transport_.outbound(), *ice_.selected(), out);
}

void ClientSession::tick(Now now, Outbox& out) {
    ice_.tick(now.at, out);
    transport_.tick(now.at, ice_.selected(), out);
    if (ready() && reports_.due(now.at)) report(now, out);
}

Deadline ClientSession::deadline() const {
    Deadline next = ice_.deadline();
    next.sooner(transport_.deadline());
    if (ready()) next.sooner(reports_.deadline());
    return next;
}

void ClientSession::close(Time now, Outbox& out) { transport_.close(now, ice_.selected(), out); }

std::vector<Received> ClientSession::take_received() { return std::exchange(received_, {}); }

}  // namespace earshot::rtc
