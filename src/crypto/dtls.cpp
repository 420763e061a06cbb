#include "crypto/dtls.hpp"

#include <openssl/err.h>
#include <openssl/srtp.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "base/check.hpp"
#include "crypto/datagram_bio.hpp"
#include "crypto/identity_impl.hpp"
#include "crypto/openssl_clock.hpp"

namespace earshot::crypto {
namespace {

constexpr Duration kGiveUp = 10s;
constexpr Duration kKeepHandshake = 30s;
constexpr unsigned kFirstTimeoutUs = 250'000, kLongestTimeoutUs = 2'000'000;
constexpr int kMaxHandshakeDatagrams = 100;
constexpr std::size_t kMaxDatagram = 2048;
constexpr long kMtu = 1200;

using SslPtr = std::unique_ptr<SSL, OpensslDeleter<SSL_free>>;

// RFC 6347 section 4.2.4.1 begins at a second; the path was proved by ICE just now, and a caller waits.
unsigned next_timeout_us(SSL*, unsigned current) { return current == 0 ? kFirstTimeoutUs : std::min(current * 2, kLongestTimeoutUs); }

SslPtr make_ssl(const Identity& identity, DtlsRole role, DtlsOptions options, DatagramPort& port) {
    SslPtr ssl{SSL_new(identity.impl().context.get())};
    ENSURE(ssl);
    auto* bio = make_datagram_bio(port);
    SSL_set_bio(ssl.get(), bio, bio);
    SSL_set_mtu(ssl.get(), kMtu);
    DTLS_set_timer_cb(ssl.get(), next_timeout_us);
    if (!options.allow_gcm) ENSURE(SSL_set_tlsext_use_srtp(ssl.get(), kSrtpCmOnly) == 0);
    if (role == DtlsRole::kServer) SSL_set_accept_state(ssl.get());
    else SSL_set_connect_state(ssl.get());
    return ssl;
}

std::optional<SrtpProfile> negotiated_profile(SSL* ssl) {
    const auto* profile = SSL_get_selected_srtp_profile(ssl);
    if (profile == nullptr) return std::nullopt;
    return profile->id == SRTP_AEAD_AES_128_GCM ? SrtpProfile::kAeadAes128Gcm : SrtpProfile::kAes128CmSha1_80;
}

// RFC 5764 section 4.2: client key, server key, client salt, server salt.
std::optional<Dtls::Keys> export_keys(SSL* ssl, DtlsRole role) {
    static constexpr std::string_view label = "EXTRACTOR-dtls_srtp";
    const auto profile = negotiated_profile(ssl);
    if (!profile) return std::nullopt;
    const std::size_t salt_size = *profile == SrtpProfile::kAeadAes128Gcm ? 12 : 14;
    Secret<60> material;
    if (SSL_export_keying_material(ssl, material.fill().data(), 32 + 2 * salt_size, label.data(), label.size(), nullptr, 0, 0) != 1) return std::nullopt;
    const auto bytes = material.view();
    const SrtpKeys client{*profile, Secret<16>{bytes.subspan(0, 16)}, Secret<14>{bytes.subspan(32, salt_size)}};
    const SrtpKeys server{*profile, Secret<16>{bytes.subspan(16, 16)}, Secret<14>{bytes.subspan(32 + salt_size, salt_size)}};
    if (role == DtlsRole::kServer) return Dtls::Keys{server, client};
    return Dtls::Keys{client, server};
}

std::optional<Fingerprint> certificate_of_peer(SSL* ssl) {
    const X509Ptr certificate{SSL_get1_peer_certificate(ssl)};
    if (!certificate) return std::nullopt;
    return fingerprint_of(certificate.get());
}

// Buffers were let go after the last datagram; OpenSSL's DTLS takes them back for reading, but does not
// look before it writes.
void send_close_notify(SSL* ssl) {
    if (SSL_alloc_buffers(ssl) == 1) SSL_shutdown(ssl);
}

}  // namespace

struct Dtls::Impl {
    DtlsRole role;
    DatagramPort port{};
    SslPtr ssl;  // after the port: it writes there while it dies
    DtlsState state = DtlsState::kHandshaking;
    int datagrams = 0;
    Time began = kNever, retransmit_at = kNever, forget_at = kNever;
    std::optional<Fingerprint> peer;
    std::optional<Keys> keys;
    std::vector<std::uint8_t> farewell;  // our close_notify, made when the rest was let go

    Impl(const Identity& identity, DtlsRole own_role, DtlsOptions options) : role(own_role), ssl(make_ssl(identity, own_role, options, port)) {}

    void begin(Time now) {
        if (began == kNever) began = now;
    }
    void end(DtlsState last) {
        state = last;
        ssl.reset();
        keys.reset();
        began = retransmit_at = forget_at = kNever;
    }
    void shake_hands(Time now);
    void connected(Time now);
    void drain();
    void note_timer(Time now);
    void forget(Time now);
};

namespace {

// One turn of OpenSSL: it sees this moment, writes to this sink, and leaves no error behind for the next.
class Turn {
public:
    Turn(DatagramPort& port, Time now, const Dtls::Sink& send) : port_(port), time_(now) {
        ERR_clear_error();
        port_.outgoing = &send;
    }
    ~Turn() {
        port_ = {};
        ERR_clear_error();
    }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;

private:
    DatagramPort& port_;
    OpensslTime time_;
};

}  // namespace

void Dtls::Impl::shake_hands(Time now) {
    const int result = SSL_do_handshake(ssl.get());
    if (result == 1) return connected(now);
    if (SSL_get_error(ssl.get(), result) != SSL_ERROR_WANT_READ) return end(DtlsState::kFailed);
    note_timer(now);
}

void Dtls::Impl::connected(Time now) {
    peer = certificate_of_peer(ssl.get());
    keys = export_keys(ssl.get(), role);
    if (!peer || !keys) return end(DtlsState::kFailed);
    state = DtlsState::kConnected;
    retransmit_at = kNever;
    forget_at = now + kKeepHandshake;
    drain();
}

// Nothing of ours travels as application data, so what comes is a repeated flight or an alert.
void Dtls::Impl::drain() {
    std::array<std::uint8_t, kMaxDatagram> ignored;
    for (;;) {
        const int got = SSL_read(ssl.get(), ignored.data(), ignored.size());
        if (got > 0) continue;
        if (SSL_get_error(ssl.get(), got) != SSL_ERROR_WANT_READ) return end(DtlsState::kClosed);
        SSL_free_buffers(ssl.get());  // some 20 KB, until the next datagram
        return;
    }
}

void Dtls::Impl::note_timer(Time now) {
    timeval left{};
    const bool running = DTLSv1_get_timeout(ssl.get(), &left) == 1;
    retransmit_at = running ? now + std::chrono::seconds{left.tv_sec} + std::chrono::microseconds{left.tv_usec} : kNever;
}

void Dtls::Impl::forget(Time now) {
    const Sink keep = [this](Bytes datagram) { farewell.assign(datagram.begin(), datagram.end()); };
    {
        const Turn turn{port, now, keep};
        send_close_notify(ssl.get());
    }
    ssl.reset();
    forget_at = kNever;
}

Dtls::Dtls(const Identity& identity, DtlsRole role, DtlsOptions options) : impl_(std::make_unique<Impl>(identity, role, options)) {}
Dtls::~Dtls() = default;
Dtls::Dtls(Dtls&&) noexcept = default;
Dtls& Dtls::operator=(Dtls&&) noexcept = default;

DtlsState Dtls::state() const { return impl_->state; }
std::optional<Fingerprint> Dtls::peer_fingerprint() const { return impl_->peer; }
std::optional<Dtls::Keys> Dtls::take_keys() { return std::exchange(impl_->keys, std::nullopt); }

void Dtls::start(Time now, const Sink& send) {
    auto& impl = *impl_;
    if (impl.role != DtlsRole::kClient || impl.began != kNever || impl.state != DtlsState::kHandshaking) return;
    impl.begin(now);
    const Turn turn{impl.port, now, send};
    impl.shake_hands(now);
}

void Dtls::receive(Time now, Bytes datagram, const Sink& send) {
    auto& impl = *impl_;
    if (!impl.ssl || datagram.empty() || datagram.size() > kMaxDatagram) return;
    const bool handshaking = impl.state == DtlsState::kHandshaking;
    if (handshaking && impl.datagrams++ >= kMaxHandshakeDatagrams) return;
    impl.begin(now);
    const Turn turn{impl.port, now, send};
    impl.port.incoming = datagram;
    if (handshaking) impl.shake_hands(now);
    else impl.drain();
}

void Dtls::tick(Time now, const Sink& send) {
    auto& impl = *impl_;
    if (impl.state == DtlsState::kConnected && now >= impl.forget_at) return impl.forget(now);
    if (impl.state != DtlsState::kHandshaking || impl.began == kNever) return;
    if (now >= impl.began + kGiveUp) return impl.end(DtlsState::kFailed);
    if (now < impl.retransmit_at) return;
    const Turn turn{impl.port, now, send};
    if (DTLSv1_handle_timeout(impl.ssl.get()) < 0) return impl.end(DtlsState::kFailed);
    impl.note_timer(now);
}

void Dtls::close(Time now, const Sink& send) {
    auto& impl = *impl_;
    if (impl.state == DtlsState::kConnected && !impl.farewell.empty()) send(impl.farewell);
    if (impl.ssl && impl.state == DtlsState::kConnected) {
        const Turn turn{impl.port, now, send};
        send_close_notify(impl.ssl.get());
    }
    if (impl.state != DtlsState::kFailed) impl.end(DtlsState::kClosed);
}

void Dtls::settled(Time now) {
    if (impl_->forget_at != kNever) impl_->forget(now);
}

Deadline Dtls::deadline() const {
    const auto& impl = *impl_;
    Deadline deadline;
    if (impl.state == DtlsState::kHandshaking && impl.began != kNever) {
        deadline.sooner({impl.began + kGiveUp, "DTLS gives up"});
        deadline.sooner({impl.retransmit_at, "DTLS retransmission"});
    }
    if (impl.forget_at != kNever) deadline.sooner({impl.forget_at, "DTLS forgets the handshake"});
    return deadline;
}

}  // namespace earshot::crypto
