#include "rtc/client_session.hpp"

#include <algorithm>
#include <utility>

#include "rtc/red_copies.hpp"
#include "wire/demultiplex.hpp"
#include "wire/rtp.hpp"

namespace earshot::rtc {
namespace {

constexpr media::Tenure kOnlyTenure = 1;  // the microphone's stream has one speaker

}  // namespace

ClientSession::ClientSession(const crypto::Identity& identity, ClientConfig config, Random& random)
    : random_(random),
      config_(std::move(config)),
      ice_(config_.local, config_.remote, random),
      transport_(identity, crypto::DtlsRole::kClient),
      reports_(random),
      next_sequence_(1 + random.below(32767)),
      slots_(config_.slot_ssrcs.size()) {
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
        case wire::Kind::kRtcp: return receive_rtcp(now.at, datagram);
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
    if (header && receive_picture(now, *header, packet)) return;
    const auto slot = header ? slot_of(header->ssrc) : std::nullopt;
    auto* srtp = transport_.inbound();
    const auto opened = slot && srtp ? srtp->unprotect_rtp(packet, header->size) : std::unexpected(crypto::SrtpError::kMalformed);
    if (!opened) {
        ++statistics_.failed;
        return;
    }
    ++statistics_.received;
    auto& reception = slots_[*slot].reception;
    if (!reception) reception.emplace(header->ssrc);
    reception->received(now, opened->index, header->timestamp);
    const auto level = wire::audio_level(*header, config_.level_extension).value_or(wire::AudioLevel{});
    Received newest{
        .slot = *slot, .payload = {}, .sequence = opened->index, .timestamp = header->timestamp, .marker = header->marker, .level = level.level, .at = now};
    if (header->payload_type == config_.red_payload_type && config_.red_payload_type != 0) return take_red(*slot, newest, opened->payload);
    newest.payload.assign(opened->payload.begin(), opened->payload.end());
    hand_over(std::move(newest));
}

// The copies that are news first, then the packet itself, so that everything comes in order.
void ClientSession::take_red(std::size_t slot, const Received& newest, Bytes payload) {
    const auto red = wire::parse_red(payload);
    if (!red) {
        ++statistics_.failed;
        return;
    }
    const auto copies = red->earlier();
    for (std::size_t back = std::min<std::size_t>(copies.size(), media::kMaxCopies); back > 0; --back) {
        const auto& copy = copies[copies.size() - back];
        if (copy.payload.empty() || copy.behind == 0 || !slots_[slot].seen.news(newest.sequence - back)) continue;
        Received lost = newest;
        lost.payload.assign(copy.payload.begin(), copy.payload.end());
        lost.sequence = newest.sequence - back;
        lost.timestamp = newest.timestamp - copy.behind;
        lost.marker = false;
        lost.recovered = true;
        ++statistics_.recovered;
        hand_over(std::move(lost));
    }
    Received primary = newest;
    primary.payload.assign(red->payload.begin(), red->payload.end());
    hand_over(std::move(primary));
}

// A packet that comes after its copy was heard already.
void ClientSession::hand_over(Received packet) {
    if (slots_[packet.slot].seen.had(packet.sequence)) return;
    slots_[packet.slot].seen.note(packet.sequence);
    if (received_.size() == kMaxReceived) received_.erase(received_.begin());
    received_.push_back(std::move(packet));
}

void ClientSession::receive_rtcp(Time now, MutableBytes packet) {
    auto* srtp = transport_.inbound();
    const auto plain = srtp ? srtp->unprotect_rtcp(packet) : std::unexpected(crypto::SrtpError::kMalformed);
    auto compound = plain ? wire::parse_rtcp(*plain) : std::unexpected(wire::RtcpError::kTooShort);
    if (!compound) return;
    while (const auto each = compound->next()) {
        const auto sent = wire::sender_report(*each);
        const auto received = wire::receiver_report(*each);
        if (sent) ++statistics_.sender_reports;
        if (const auto slot = sent ? slot_of(sent->ssrc) : std::nullopt; slot && slots_[*slot].reception) slots_[*slot].reception->sender_report(now, *sent);
        note_key_request(*each);
        const auto blocks = sent ? sent->blocks : received ? received->blocks : wire::ReportBlocks{};
        for (std::size_t i = 0; i < blocks.size(); ++i) {
            if (blocks[i].ssrc != config_.mic_ssrc) continue;
            ++statistics_.report_blocks;
            statistics_.last_block = blocks[i];
            choice_.reported(now, blocks[i].fraction_lost / 256.0);
        }
    }
}

void ClientSession::speak(Now now, Bytes payload, std::uint32_t timestamp, std::uint8_t level, Outbox& out) {
    if (!ready()) return;
    send_packet(now, {.payload = payload, .sequence = next_sequence_, .timestamp = timestamp, .level = level, .marker = mic_.packets == 0}, out);
}

void ClientSession::send_packet(Now now, const media::Packet& packet, Outbox& out) {
    const auto* srtp = transport_.outbound();
    const auto earlier = spoken_.before(packet, kOnlyTenure);
    const RedCopies copies{config_.opus_payload_type, earlier, this->copies(), packet.payload.size()};
    const std::size_t size = copies.empty() ? packet.payload.size() : wire::red_size(copies.span(), packet.payload.size());
    const auto room = out.reserve(wire::kMaxAudioHeaderSize + size + srtp->rtp_overhead());
    if (room.empty()) return;
    const auto header = wire::write_rtp_header(room,
                                               {.marker = packet.marker,
                                                .payload_type = copies.empty() ? config_.opus_payload_type : config_.red_payload_type,
                                                .sequence = static_cast<std::uint16_t>(packet.sequence),
                                                .timestamp = static_cast<std::uint32_t>(packet.timestamp),
                                                .ssrc = config_.mic_ssrc},
                                               {.level_id = config_.level_extension,
                                                .level = {.level = packet.level, .voice = packet.level < 60},
                                                .mid_id = config_.mid_extension,
                                                .mid = config_.mic_mid});
    if (header == 0) return;
    if (copies.empty())
        std::copy(packet.payload.begin(), packet.payload.end(), room.begin() + static_cast<std::ptrdiff_t>(header));
    else if (wire::write_red(room.subspan(header), copies.span(), config_.opus_payload_type, packet.payload) != size)
        return;
    ++next_sequence_;
    out.protect({.context = srtp,
                 .packet = room.data(),
                 .payload = room.data() + header,
                 .header_size = static_cast<std::uint16_t>(header),
                 .payload_size = static_cast<std::uint16_t>(size),
                 .roc = static_cast<std::uint32_t>(packet.sequence >> 16)});
    out.commit(*ice_.selected(), header + size + srtp->rtp_overhead());
    spoken_.keep(packet, kOnlyTenure);
    ++statistics_.sent;
    ++mic_.packets;
    mic_.octets += static_cast<std::uint32_t>(size);
    mic_.last_timestamp = static_cast<std::uint32_t>(packet.timestamp);
    mic_.last_sent = now.at;
}

void ClientSession::change_microphone(std::uint32_t ssrc) {
    config_.mic_ssrc = ssrc;
    mic_ = SentStream{.ssrc = ssrc};
    next_sequence_ = 1 + random_.below(32767);
    spoken_ = {};
}

void ClientSession::report(Now now, Outbox& out) {
    std::array<Reception*, Reports::kMaxHeard> heard{};
    for (std::size_t slot = 0; slot < std::min(slots_.size(), heard.size()); ++slot) heard[slot] = slots_[slot].reception ? &*slots_[slot].reception : nullptr;
    reports_.send(now, config_.mic_ssrc, config_.cname, {&mic_, 1}, heard, *transport_.outbound(), *ice_.selected(), out);
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
