// DTLS for keys, SRTP for packets (RFC 5764). Keys are used only once the handshake is done, the description's
// fingerprints are known, and one of them is the certificate's: until then nothing is decrypted and nothing sent.
#pragma once
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "base/token_bucket.hpp"
#include "crypto/dtls.hpp"
#include "crypto/srtp.hpp"
#include "rtc/outbox.hpp"

namespace earshot::rtc {

enum class TransportState : std::uint8_t { kHandshaking, kReady, kClosed, kFailed, kWrongFingerprint };

class SecureTransport {
public:
    // A handshake takes about ten datagrams, twice as many with losses; what comes faster is dropped unread.
    static constexpr double kDatagramsPerSecond = 8;
    static constexpr double kDatagramBurst = 24;

    SecureTransport(const crypto::Identity& identity, crypto::DtlsRole role) : identity_(&identity), role_(role) {}

    // Client role: begins. `path`: where the flight goes.
    void start(Time now, const port::Path& path, Outbox& out);
    // `path` has passed an ICE check; answers go back on it.
    void receive(Time now, const port::Path& path, Bytes datagram, Outbox& out);
    void set_fingerprints(std::vector<crypto::Fingerprint> accepted, Time now, const std::optional<port::Path>& path, Outbox& out);
    void tick(Time now, const std::optional<port::Path>& path, Outbox& out);
    // close_notify, if there is somebody to tell.
    void close(Time now, const std::optional<port::Path>& path, Outbox& out);
    Deadline deadline() const;

    TransportState state() const { return state_; }
    // An authentic packet came: the peer has our last flight, so the handshake's memory (40 KB) can go.
    void proved(Time now) {
        if (dtls_ && !std::exchange(proved_, true)) dtls_->settled(now);
    }
    // Null until kReady.
    crypto::SrtpInbound* inbound() { return inbound_ ? &*inbound_ : nullptr; }
    crypto::SrtpOutbound* outbound() { return outbound_ ? &*outbound_ : nullptr; }
    const crypto::SrtpOutbound* outbound() const { return outbound_ ? &*outbound_ : nullptr; }
    // What it adds to a packet. Kept here: asking it would fetch its keys from memory long before they are needed.
    std::size_t rtp_overhead() const { return rtp_overhead_; }

private:
    void ensure_dtls();
    void judge(Time now, const std::optional<port::Path>& path, Outbox& out);
    void activate(Time now, const std::optional<port::Path>& path, Outbox& out);
    bool fingerprint_accepted() const;

    const crypto::Identity* identity_;
    crypto::DtlsRole role_;
    TransportState state_ = TransportState::kHandshaking;
    std::optional<crypto::Dtls> dtls_;  // made when the first datagram comes
    std::optional<std::vector<crypto::Fingerprint>> accepted_;
    std::optional<crypto::SrtpInbound> inbound_;
    std::optional<crypto::SrtpOutbound> outbound_;
    bool proved_ = false;
    std::size_t rtp_overhead_ = 0;
    TokenBucket budget_{kDatagramsPerSecond, kDatagramBurst};
};

}  // namespace earshot::rtc
