// DTLS 1.2 (RFC 6347) with use_srtp (RFC 5764) as a machine: datagrams in, datagrams out, time handed in.
// The handshake is OpenSSL's over memory BIOs; both roles.
#pragma once
#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/deadline.hpp"
#include "crypto/certificate.hpp"
#include "crypto/srtp.hpp"

namespace earshot::crypto {

// "AB:CD:..." upper case, as a=fingerprint:sha-256 has it (RFC 8122).
std::string fingerprint_text(const Fingerprint& fingerprint);

// A self-signed ECDSA P-256 certificate with its key, made once a run.
class Identity {
public:
    static Identity make();
    ~Identity();
    Identity(Identity&&) noexcept;
    Identity& operator=(Identity&&) noexcept;
    const Fingerprint& fingerprint() const;
    struct Impl;
    const Impl& impl() const { return *impl_; }

private:
    Identity();
    std::unique_ptr<Impl> impl_;
};

enum class DtlsRole : std::uint8_t { kServer, kClient };
enum class DtlsState : std::uint8_t { kHandshaking, kConnected, kClosed, kFailed };

struct DtlsOptions {
    bool allow_gcm = true;  // without it only AES-CM with HMAC-SHA1 is offered or taken, as by some stacks
};

// Bounds: a datagram over 2048 bytes and, while shaking hands, every one after the 100th is ignored; what does
// not end within 10 s of the first datagram has failed. For 30 s after that OpenSSL's state is kept, because our
// last flight may be lost and the client then repeats its own; settled() shortens that. Later only a ready-made
// close_notify is left, and a peer's close_notify goes unnoticed (consent freshness sees it).
// Memory: about 40 KB until then, 0.5 KB after.
class Dtls {
public:
    using Sink = std::function<void(Bytes datagram)>;

    // The identity must outlive the constructor only.
    Dtls(const Identity& identity, DtlsRole role, DtlsOptions options = {});
    ~Dtls();
    Dtls(Dtls&&) noexcept;
    Dtls& operator=(Dtls&&) noexcept;

    // Client role: sends the first flight.
    void start(Time now, const Sink& send);
    // Once connected, ClientHellos and whatever does not prove authentic are ignored.
    void receive(Time now, Bytes datagram, const Sink& send);
    void tick(Time now, const Sink& send);
    void close(Time now, const Sink& send);  // close_notify
    // Optional: something arrived that only a peer with our keys can have protected (an authentic SRTP or SRTCP
    // packet), so nobody will repeat a flight, and what 30 s would have been kept for goes now.
    void settled(Time now);
    Deadline deadline() const;               // retransmission, or giving up after 10 s

    DtlsState state() const;
    // Once connected: the peer's certificate. The caller compares it with the SDP's before it takes keys.
    std::optional<Fingerprint> peer_fingerprint() const;
    struct Keys {
        SrtpKeys outbound, inbound;
    };
    // Once connected; takes them out; the second call gives nothing.
    std::optional<Keys> take_keys();

    struct Impl;

private:
    std::unique_ptr<Impl> impl_;
};

}  // namespace earshot::crypto
