#include "rtc/secure_transport.hpp"

#include <algorithm>

#include "base/secret.hpp"

namespace earshot::rtc {
namespace {

crypto::Dtls::Sink sink_to(const port::Path& path, Outbox& out) {
    return [&path, &out](Bytes datagram) { out.send(path, datagram); };
}

}  // namespace

void SecureTransport::ensure_dtls() {
    if (!dtls_) dtls_.emplace(*identity_, role_);
}

void SecureTransport::start(Time now, const port::Path& path, Outbox& out) {
    ensure_dtls();
    dtls_->start(now, sink_to(path, out));
}

void SecureTransport::receive(Time now, const port::Path& path, Bytes datagram, Outbox& out) {
    const bool listening = state_ == TransportState::kHandshaking || state_ == TransportState::kReady;
    if (!listening || !budget_.take(now)) return out.counters().add(Counter::dropped_dtls);
    ensure_dtls();
    dtls_->receive(now, datagram, sink_to(path, out));
    judge(now, path, out);
}

void SecureTransport::set_fingerprints(std::vector<crypto::Fingerprint> accepted, Time now, const std::optional<port::Path>& path, Outbox& out) {
    if (accepted_) return;  // keys once agreed are not re-judged; another certificate needs another peer
    accepted_ = std::move(accepted);
    judge(now, path, out);
}

void SecureTransport::tick(Time now, const std::optional<port::Path>& path, Outbox& out) {
    if (!dtls_ || dtls_->deadline().at > now) return;
    dtls_->tick(now, [&](Bytes datagram) {
        if (path) out.send(*path, datagram);
    });
    judge(now, path, out);
}

void SecureTransport::close(Time now, const std::optional<port::Path>& path, Outbox& out) {
    if (!dtls_ || !path || state_ == TransportState::kClosed || state_ == TransportState::kFailed) return;
    dtls_->close(now, sink_to(*path, out));
}

Deadline SecureTransport::deadline() const {
    const bool over = state_ != TransportState::kHandshaking && state_ != TransportState::kReady;
    return dtls_ && !over ? dtls_->deadline() : Deadline{};
}

void SecureTransport::judge(Time now, const std::optional<port::Path>& path, Outbox& out) {
    if (!dtls_ || (state_ != TransportState::kHandshaking && state_ != TransportState::kReady)) return;
    switch (dtls_->state()) {
        case crypto::DtlsState::kHandshaking: return;
        case crypto::DtlsState::kConnected: return activate(now, path, out);
        case crypto::DtlsState::kClosed: state_ = TransportState::kClosed; return;
        case crypto::DtlsState::kFailed: state_ = TransportState::kFailed; return;
    }
}

void SecureTransport::activate(Time now, const std::optional<port::Path>& path, Outbox& out) {
    if (state_ == TransportState::kReady || !accepted_) return;
    if (!fingerprint_accepted()) {
        close(now, path, out);
        state_ = TransportState::kWrongFingerprint;
        return;
    }
    auto keys = dtls_->take_keys();
    if (!keys) {  // no SRTP profile in common
        state_ = TransportState::kFailed;
        return;
    }
    outbound_.emplace(keys->outbound);
    rtp_overhead_ = outbound_->rtp_overhead();
    inbound_.emplace(keys->inbound);
    state_ = TransportState::kReady;
}

bool SecureTransport::fingerprint_accepted() const {
    const auto shown = dtls_->peer_fingerprint();
    return shown && std::any_of(accepted_->begin(), accepted_->end(), [&](const auto& wanted) { return equal_in_constant_time(wanted, *shown); });
}

}  // namespace earshot::rtc
