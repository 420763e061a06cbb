#include "crypto/srtp_keys.hpp"

#include "base/check.hpp"
#include "crypto/evp_cipher.hpp"

namespace earshot::crypto {
namespace {

SrtpSession make_session(const SrtpKeys& master, SrtpLabel cipher, SrtpLabel mac, SrtpLabel salt, CipherLibrary library) {
    Secret<16> key;
    Secret<20> mac_key;
    std::array<std::uint8_t, 14> salt_bytes{};
    derive(master, cipher, key.fill());
    const bool gcm = master.profile == SrtpProfile::kAeadAes128Gcm;
    derive(master, salt, std::span{salt_bytes}.first(gcm ? 12 : 14));
    const SrtpSalt session_salt{salt_bytes};
    if (gcm) return {PacketKey::gcm(key.view(), library), session_salt};
    derive(master, mac, mac_key.fill());
    return {PacketKey::ctr_hmac(key.view(), mac_key.view(), library), session_salt};
}

}  // namespace

SrtpSalt::SrtpSalt(Bytes salt) {
    SrtpIv padded{};
    std::copy_n(salt.begin(), std::min(salt.size(), padded.size()), padded.begin());
    high = load_u64(padded.data());
    low = load_u64(padded.data() + 8);
}

void derive(const SrtpKeys& master, SrtpLabel label, MutableBytes out) {
    SrtpIv iv{};
    const std::size_t salt_size = master.profile == SrtpProfile::kAeadAes128Gcm ? 12 : 14;  // RFC 7714 section 11
    std::copy_n(master.master_salt.view().begin(), salt_size, iv.begin());
    iv[7] ^= static_cast<std::uint8_t>(label);
    const EvpCipher aes{EVP_CIPHER_CTX_new()};
    const std::array<std::uint8_t, 32> zeros{};
    int written = 0;
    ENSURE(aes && out.size() <= zeros.size());
    ENSURE(EVP_EncryptInit_ex(aes.get(), EVP_aes_128_ctr(), nullptr, master.master_key.view().data(), iv.data()) == 1);
    ENSURE(EVP_EncryptUpdate(aes.get(), out.data(), &written, zeros.data(), static_cast<int>(out.size())) == 1);
}

SrtpSession SrtpSession::rtp(const SrtpKeys& master, CipherLibrary library) {
    return make_session(master, SrtpLabel::kRtpCipher, SrtpLabel::kRtpMac, SrtpLabel::kRtpSalt, library);
}

SrtpSession SrtpSession::rtcp(const SrtpKeys& master, CipherLibrary library) {
    return make_session(master, SrtpLabel::kRtcpCipher, SrtpLabel::kRtcpMac, SrtpLabel::kRtcpSalt, library);
}

}  // namespace earshot::crypto
