// SRTP and SRTCP (RFC 3711, RFC 7714): packet logic ours, ciphers libipsec-mb's or OpenSSL's.
// Outgoing packets are protected in batches under many keys; incoming ones are checked one by one.
#pragma once
#include <cstdint>
#include <expected>
#include <memory>
#include <span>

#include "base/bytes.hpp"
#include "base/secret.hpp"
#include "crypto/cipher_library.hpp"

namespace earshot::crypto {

// The numbers of RFC 5764 section 4.1.2 and RFC 7714 section 14.2.
enum class SrtpProfile : std::uint16_t { kAes128CmSha1_80 = 0x0001, kAeadAes128Gcm = 0x0007 };

struct SrtpKeys {
    SrtpProfile profile = SrtpProfile::kAeadAes128Gcm;
    Secret<16> master_key;
    Secret<14> master_salt;  // GCM uses the first 12 bytes
};

enum class SrtpError : std::uint8_t { kMalformed, kAuthentication, kReplay, kTooManySources };

class SrtpOutbound {
public:
    explicit SrtpOutbound(const SrtpKeys& keys, CipherLibrary library = CipherLibrary::kFastest);
    SrtpOutbound(SrtpOutbound&&) noexcept;
    SrtpOutbound& operator=(SrtpOutbound&&) noexcept;
    ~SrtpOutbound();

    SrtpProfile profile() const;
    // Bytes that protection adds to an RTP packet: 16 (GCM) or 10 (CM with SHA-1).
    std::size_t rtp_overhead() const;
    // Protects an RTCP compound in place (the index is kept here); buffer.size() must leave 20 bytes of room
    // behind `size`, which is at least 8. Returns the size on the wire; 0 once 2^31 packets are spent and
    // nothing more may be sent under this key (RFC 3711 section 9.2).
    std::size_t protect_rtcp(MutableBytes buffer, std::size_t size);

    struct Impl;
    const Impl& impl() const { return *impl_; }

private:
    std::unique_ptr<Impl> impl_;
};

// One RTP packet to protect. The header stands at `packet` already; ciphertext and tag are written behind it.
struct ProtectJob {
    const SrtpOutbound* context = nullptr;
    std::uint8_t* packet = nullptr;
    const std::uint8_t* payload = nullptr;  // plaintext; may be packet + header_size
    std::uint16_t header_size = 0;
    std::uint16_t payload_size = 0;
    std::uint32_t roc = 0;  // RFC 3711 section 3.3.1, of this SSRC; the sequence number is read from the header
};
// Size on the wire: header_size + payload_size + context->rtp_overhead(). One call a turn, any mix of keys.
void protect_rtp(std::span<const ProtectJob> jobs);

class SrtpInbound {
public:
    static constexpr std::size_t kMaxSources = 32;
    static constexpr std::size_t kReplayWindow = 1024;

    explicit SrtpInbound(const SrtpKeys& keys, CipherLibrary library = CipherLibrary::kFastest);
    SrtpInbound(SrtpInbound&&) noexcept;
    SrtpInbound& operator=(SrtpInbound&&) noexcept;
    ~SrtpInbound();

    struct Rtp {
        MutableBytes payload;     // decrypted in place, padding still on
        std::uint64_t index = 0;  // roc << 16 | sequence number
    };
    // `header_size`: fixed header, CSRCs and extension. Nothing is remembered of a packet that fails;
    // its payload is then zeros or as it came. A source begins with a roc of 0.
    std::expected<Rtp, SrtpError> unprotect_rtp(MutableBytes packet, std::size_t header_size);
    // The plain compound, in place. RTCP has 32 sources of its own, and a window of 128 packets each.
    std::expected<MutableBytes, SrtpError> unprotect_rtcp(MutableBytes packet);

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace earshot::crypto
