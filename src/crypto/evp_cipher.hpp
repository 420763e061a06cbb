// The packet ciphers by OpenSSL: one EVP context a key, only the IV changes from packet to packet.
#pragma once
#include <openssl/evp.h>

#include <memory>

#include "crypto/hmac.hpp"
#include "crypto/packet_cipher.hpp"

namespace earshot::crypto {

struct EvpCipherDeleter {
    void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using EvpCipher = std::unique_ptr<EVP_CIPHER_CTX, EvpCipherDeleter>;

struct EvpGcmKey {
    EvpCipher cipher;
};
struct EvpCtrKey {
    EvpCipher cipher;
    HmacSha1Key mac;
};

std::unique_ptr<EvpGcmKey> make_evp_gcm(Bytes key);
std::unique_ptr<EvpCtrKey> make_evp_ctr(Bytes key, Bytes mac_key);
void seal(const EvpGcmKey& key, const SealJob& job);
void seal(const EvpCtrKey& key, const SealJob& job);
bool open(const EvpGcmKey& key, const OpenJob& job);
bool open(const EvpCtrKey& key, const OpenJob& job);

// The tag over everything from `job.header` to the trailer, which must stand in memory already.
bool mac_matches(const HmacSha1Key& mac, const OpenJob& job);

}  // namespace earshot::crypto
