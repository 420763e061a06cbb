#include "crypto/evp_cipher.hpp"

#include "base/check.hpp"
#include "base/secret.hpp"

namespace earshot::crypto {
namespace {

EvpCipher make_context(const EVP_CIPHER* cipher, Bytes key) {
    ENSURE(key.size() == 16);
    EvpCipher context{EVP_CIPHER_CTX_new()};
    ENSURE(context);
    ENSURE(EVP_EncryptInit_ex(context.get(), cipher, nullptr, key.data(), nullptr) == 1);
    return context;
}

void crypt(const EvpCtrKey& key, const std::array<std::uint8_t, 16>& iv, const std::uint8_t* in, std::uint8_t* out, std::uint32_t size) {
    int written = 0;
    auto* context = key.cipher.get();
    ENSURE(EVP_EncryptInit_ex(context, nullptr, nullptr, nullptr, iv.data()) == 1);
    ENSURE(size == 0 || EVP_EncryptUpdate(context, out, &written, in, static_cast<int>(size)) == 1);
}

}  // namespace

std::unique_ptr<EvpGcmKey> make_evp_gcm(Bytes key) { return std::make_unique<EvpGcmKey>(make_context(EVP_aes_128_gcm(), key)); }

std::unique_ptr<EvpCtrKey> make_evp_ctr(Bytes key, Bytes mac_key) {
    return std::make_unique<EvpCtrKey>(EvpCtrKey{make_context(EVP_aes_128_ctr(), key), HmacSha1Key{mac_key}});
}

void seal(const EvpGcmKey& key, const SealJob& job) {
    auto* context = key.cipher.get();
    int written = 0;
    ENSURE(EVP_EncryptInit_ex(context, nullptr, nullptr, nullptr, job.iv.data()) == 1);
    ENSURE(EVP_EncryptUpdate(context, nullptr, &written, job.header, static_cast<int>(job.header_size)) == 1);
    ENSURE(job.size == 0 || EVP_EncryptUpdate(context, job.out, &written, job.in, static_cast<int>(job.size)) == 1);
    ENSURE(EVP_EncryptFinal_ex(context, job.out + job.size, &written) == 1);
    ENSURE(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, PacketKey::kGcmTag, job.tag) == 1);
}

bool open(const EvpGcmKey& key, const OpenJob& job) {
    auto* context = key.cipher.get();
    int written = 0;
    std::array<std::uint8_t, PacketKey::kGcmTag> tag;  // the interface wants it writable
    std::copy_n(job.tag, tag.size(), tag.begin());
    ENSURE(EVP_DecryptInit_ex(context, nullptr, nullptr, nullptr, job.iv.data()) == 1);
    ENSURE(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, tag.size(), tag.data()) == 1);
    ENSURE(EVP_DecryptUpdate(context, nullptr, &written, job.header, static_cast<int>(job.header_size)) == 1);
    ENSURE(job.size == 0 || EVP_DecryptUpdate(context, job.data, &written, job.data, static_cast<int>(job.size)) == 1);
    return EVP_DecryptFinal_ex(context, job.data + job.size, &written) == 1;
}

void seal(const EvpCtrKey& key, const SealJob& job) {
    crypt(key, job.iv, job.in, job.out, job.size);
    store_u32(job.out + job.size, job.trailer);
    const auto digest = key.mac.sign({job.header, std::size_t{job.header_size} + job.size + 4});
    std::copy_n(digest.begin(), PacketKey::kCtrTag, job.tag);
}

bool mac_matches(const HmacSha1Key& mac, const OpenJob& job) {
    std::array<std::uint8_t, PacketKey::kCtrTag> tag;  // the trailer may take the place of the tag
    std::copy_n(job.tag, tag.size(), tag.begin());
    store_u32(job.data + job.size, job.trailer);
    const auto digest = mac.sign({job.header, std::size_t{job.header_size} + job.size + 4});
    return equal_in_constant_time(tag, Bytes{digest}.first(tag.size()));
}

bool open(const EvpCtrKey& key, const OpenJob& job) {
    if (!mac_matches(key.mac, job)) return false;
    crypt(key, job.iv, job.data, job.data, job.size);
    return true;
}

}  // namespace earshot::crypto
