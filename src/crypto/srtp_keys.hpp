// Session keys from a master key: RFC 3711 section 4.3 with a key derivation rate of 0, and RFC 7714
// section 11 for GCM.
#pragma once
#include <bit>

#include "crypto/packet_cipher.hpp"
#include "crypto/srtp.hpp"

namespace earshot::crypto {

// Labels of RFC 3711 section 4.3.2.
enum class SrtpLabel : std::uint8_t { kRtpCipher, kRtpMac, kRtpSalt, kRtcpCipher, kRtcpMac, kRtcpSalt };

using SrtpIv = std::array<std::uint8_t, 16>;  // GCM uses the first 12

// A session salt as the two halves of an IV that SSRC and index are laid over. Not a secret in itself.
struct SrtpSalt {
    std::uint64_t high = 0, low = 0;
    explicit SrtpSalt(Bytes salt);  // 14 bytes, 12 for GCM
};

// out.size() <= 32 bytes of AES counter keystream.
void derive(const SrtpKeys& master, SrtpLabel label, MutableBytes out);

// What one direction needs for RTP, or for RTCP.
struct SrtpSession {
    PacketKey key;
    SrtpSalt salt;

    static SrtpSession rtp(const SrtpKeys& master, CipherLibrary library);
    static SrtpSession rtcp(const SrtpKeys& master, CipherLibrary library);
};

// Two whole words: an IV stored byte by byte stalls the cipher that loads it at once (20 ns a packet).
inline SrtpIv iv_of(std::uint64_t high, std::uint64_t low) {
    if constexpr (std::endian::native == std::endian::little) {
        high = std::byteswap(high);
        low = std::byteswap(low);
    }
    return std::bit_cast<SrtpIv>(std::array{high, low});
}
// `index`: 48 bits (roc << 16 | sequence number) for RTP, 31 bits for RTCP. RFC 3711 section 4.1.1.
inline SrtpIv ctr_iv(const SrtpSalt& salt, std::uint32_t ssrc, std::uint64_t index) { return iv_of(salt.high ^ ssrc, salt.low ^ index << 16); }
// RFC 7714 sections 8.1 and 9.1: SSRC and index stand two bytes further left.
inline SrtpIv gcm_iv(const SrtpSalt& salt, std::uint32_t ssrc, std::uint64_t index) {
    return iv_of(salt.high ^ std::uint64_t{ssrc} << 16 ^ index >> 32, salt.low ^ index << 32);
}
inline SrtpIv srtp_iv(const SrtpSession& session, std::uint32_t ssrc, std::uint64_t index) {
    return session.key.is_gcm() ? gcm_iv(session.salt, ssrc, index) : ctr_iv(session.salt, ssrc, index);
}

}  // namespace earshot::crypto
