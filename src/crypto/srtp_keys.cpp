#include "crypto/srtp_keys.hpp"

#include "base/check.hpp"
#include "crypto/evp_cipher.hpp"

namespace earshot::crypto {
namespace {

SrtpSession make_session(const SrtpKeys& master, SrtpLabel cipher, SrtpLabel mac, SrtpLabel salt, CipherLibrary library) {
    Secret<16> key;
    Secret<20> mac_key;
    SrtpSalt session_salt;
    derive(master, cipher, key.fill());
    const bool gcm = master.profile == SrtpProfile::kAeadAes128Gcm;
    derive(master, salt, session_salt.fill().first(gcm ? 12 : 14));
    if (gcm) return {PacketKey::gcm(key.view(), library), session_salt};
    derive(master, mac, mac_key.fill());
    return {PacketKey::ctr_hmac(key.view(), mac_key.view(), library), session_salt};
}

// An IV is the salt with SSRC and index laid over it; `ssrc_at` says where the SSRC begins, the index
// follows behind `gap` bytes.
SrtpIv overlay(const SrtpSalt& salt, std::size_t size, std::size_t ssrc_at, std::uint32_t ssrc, std::uint64_t index) {
    SrtpIv iv{};
    store_u32(iv.data() + ssrc_at, ssrc);
    store_u16(iv.data() + ssrc_at + 4, static_cast<std::uint16_t>(index >> 32));
    store_u32(iv.data() + ssrc_at + 6, static_cast<std::uint32_t>(index));
    for (std::size_t i = 0; i < size; ++i) iv[i] ^= salt.view()[i];
    return iv;
}

}  // namespace

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

SrtpIv ctr_iv(const SrtpSalt& salt, std::uint32_t ssrc, std::uint64_t index) { return overlay(salt, 14, 4, ssrc, index); }
SrtpIv gcm_iv(const SrtpSalt& salt, std::uint32_t ssrc, std::uint64_t index) { return overlay(salt, 12, 2, ssrc, index); }

}  // namespace earshot::crypto
