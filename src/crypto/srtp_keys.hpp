// Session keys from a master key: RFC 3711 section 4.3 with a key derivation rate of 0, and RFC 7714
// section 11 for GCM.
#pragma once
#include "crypto/packet_cipher.hpp"
#include "crypto/srtp.hpp"

namespace earshot::crypto {

// Labels of RFC 3711 section 4.3.2.
enum class SrtpLabel : std::uint8_t { kRtpCipher, kRtpMac, kRtpSalt, kRtcpCipher, kRtcpMac, kRtcpSalt };

using SrtpIv = std::array<std::uint8_t, 16>;  // GCM uses the first 12
using SrtpSalt = Secret<14>;                  // GCM uses the first 12

// out.size() <= 32 bytes of AES counter keystream.
void derive(const SrtpKeys& master, SrtpLabel label, MutableBytes out);

// What one direction needs for RTP, or for RTCP.
struct SrtpSession {
    PacketKey key;
    SrtpSalt salt;

    static SrtpSession rtp(const SrtpKeys& master, CipherLibrary library);
    static SrtpSession rtcp(const SrtpKeys& master, CipherLibrary library);
};

// `index`: 48 bits (roc << 16 | sequence number) for RTP, 31 bits for RTCP. RFC 3711 section 4.1.1.
SrtpIv ctr_iv(const SrtpSalt& salt, std::uint32_t ssrc, std::uint64_t index);
// RFC 7714 sections 8.1 and 9.1: the same six bytes of index, two places further left.
SrtpIv gcm_iv(const SrtpSalt& salt, std::uint32_t ssrc, std::uint64_t index);

inline SrtpIv srtp_iv(const SrtpSession& session, std::uint32_t ssrc, std::uint64_t index) {
    return session.key.is_gcm() ? gcm_iv(session.salt, ssrc, index) : ctr_iv(session.salt, ssrc, index);
}

}  // namespace earshot::crypto
