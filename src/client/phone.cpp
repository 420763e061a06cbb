#include "client/phone.hpp"

#include <algorithm>
#include <utility>

namespace earshot::client {
namespace {

// Addresses that no server has; a hostile one shall not make us knock there.
bool is_possible(const SocketAddress& address) {
    const auto& bytes = address.ip.bytes;
    const bool multicast = address.ip.is_v4() ? bytes[12] >= 224 : bytes[0] == 0xff;
    return address.port != 0 && !multicast && !address.ip.is_any();
}

}  // namespace

Phone::Phone(const crypto::Identity& identity, Random& random) : identity_(identity), random_(random) {}

template <typename Act>
void Phone::with_session(port::SendArena& arena, Act&& act) {
    rtc::Outbox out{arena, jobs_, counters_};
    act(*session_, out);
}

std::expected<std::string, std::string> Phone::take_offer(Time now, const std::string& sdp, bool fresh, bool listen_only, std::optional<IpAddress> home,
                                                          port::SendArena& out) {
    auto offer = rtc::read_offer(sdp);
    if (!offer) return std::unexpected(offer.error());
    local_ = {random_.ice_chars(8), random_.ice_chars(24)};
    if (fresh || !session_) {
        hang_up(now, out);
        mic_ssrc_ = random_.u32() | 1;
        session_id_ = random_.u64() >> 2;
        session_version_ = 0;
        rtc::ClientConfig config{
            .local = local_, .remote = {offer->ufrag, offer->pwd}, .fingerprints = offer->fingerprints, .slot_ssrcs = offer->slot_ssrcs, .mic_ssrc = mic_ssrc_};
        if (offer->mic) {
            const auto& line = offer->lines[*offer->mic];
            config.opus_payload_type = line.opus_payload_type;
            config.red_payload_type = line.red_payload_type;
            config.level_extension = line.level_extension;
            config.mid_extension = line.mid_extension;
            config.mic_mid = line.mid;
        }
        config.cname = random_.ice_chars(16);
        session_.emplace(identity_, std::move(config), random_);
    } else {
        with_session(out, [&](rtc::ClientSession& session, rtc::Outbox& box) { session.restart_ice(now, local_, {offer->ufrag, offer->pwd}, box); });
    }
    was_ready_ = false;
    started_ = heard_ = now;
    tcp_at_ = now + kTcpAfter;
    want_candidates(*offer, home);
    return rtc::make_answer(*offer, {.ufrag = local_.ufrag,
                                     .pwd = local_.pwd,
                                     .fingerprint = identity_.fingerprint(),
                                     .mic_ssrc = listen_only ? 0 : mic_ssrc_,
                                     .cname = "earshot",
                                     .session_id = session_id_,
                                     .session_version = ++session_version_});
}

// The server's own order, but the address that already answered us comes first: of paths that answer, the first wins the
// handshake.
void Phone::want_candidates(const rtc::RemoteOffer& offer, std::optional<IpAddress> home) {
    std::vector<SocketAddress> udp, tcp;
    for (const auto& candidate : offer.candidates) {
        const auto address = candidate.socket_address();
        if (!address || !is_possible(*address)) continue;
        auto& list = candidate.transport == wire::CandidateTransport::kUdp ? udp : tcp;
        if (candidate.transport == wire::CandidateTransport::kTcp && candidate.tcp_type != wire::TcpType::kPassive) continue;
        if (std::ranges::find(list, *address) == list.end()) list.push_back(*address);
    }
    for (auto* list : {&udp, &tcp}) std::ranges::stable_partition(*list, [&](const SocketAddress& each) { return home && each.ip == *home; });
    udp.resize(std::min(udp.size(), kMostUdp));
    tcp.resize(std::min(tcp.size(), kMostTcp));
    wants_ = {.udp = std::move(udp)};
    tcp_candidates_ = std::move(tcp);
}

void Phone::hang_up(Time now, port::SendArena& out) {
    if (session_) with_session(out, [&](rtc::ClientSession& session, rtc::Outbox& box) { session.close(now, box); });
    session_.reset();
    statistics_ = {};
    wants_ = {};
    news_ = PhoneNews::kNone;
    tcp_at_ = kNever;
}

void Phone::add_path(Time now, const port::Path& path, port::SendArena& out) {
    if (session_) with_session(out, [&](rtc::ClientSession& session, rtc::Outbox& box) { session.add_path(now, path, box); });
}

void Phone::receive(Now now, const port::Path& path, MutableBytes datagram, port::SendArena& out) {
    if (!session_) return;
    heard_ = now.at;
    with_session(out, [&](rtc::ClientSession& session, rtc::Outbox& box) { session.receive(now, path, datagram, box); });
    look(now.at);
}

void Phone::tick(Now now, port::SendArena& out) {
    if (!session_) return;
    if (session_->deadline().at <= now.at) with_session(out, [&](rtc::ClientSession& session, rtc::Outbox& box) { session.tick(now, box); });
    if (tcp_at_ <= now.at) {
        tcp_at_ = kNever;
        if (!session_->ready()) wants_.tcp = tcp_candidates_;
    }
    look(now.at);
}

void Phone::look(Time now) {
    statistics_ = session_->statistics();
    const bool ready = session_->ready();
    if (ready && !was_ready_) {
        was_ready_ = true;
        news_ = PhoneNews::kConnected;
        tcp_at_ = kNever;
    }
    const bool dead = session_->transport_state() == rtc::TransportState::kFailed || (ready ? now - heard_ > kSilence : now - started_ > kFirstWithin);
    if (!dead || started_ == kNever) return;
    news_ = PhoneNews::kLost;
    started_ = kNever;  // told once
}

Deadline Phone::deadline() const {
    if (!session_) return {};
    auto due = session_->deadline();
    due.sooner({tcp_at_, "TCP for the voice"});
    if (started_ != kNever) due.sooner({session_->ready() ? heard_ + kSilence + 1ms : started_ + kFirstWithin + 1ms, "the voice is silent"});
    return due;
}

void Phone::speak(Now now, Bytes payload, std::uint32_t timestamp, std::uint8_t level, port::SendArena& out) {
    if (session_) with_session(out, [&](rtc::ClientSession& session, rtc::Outbox& box) { session.speak(now, payload, timestamp, level, box); });
}

Route Phone::route() const {
    if (!ready()) return Route::kNone;
    return session_->path()->transport == port::Transport::kTcp ? Route::kTcp : Route::kUdp;
}

}  // namespace earshot::client
