// OpenSSL's low-level SHA-1 on purpose: EVP_MAC duplicates its digest context on the heap for every
// message, and it has no way to hand out a chaining value. Same assembly (SHA-NI) underneath.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "crypto/hmac.hpp"

#include <openssl/sha.h>

#include "base/secret.hpp"

namespace earshot::crypto {
namespace {

constexpr std::size_t kBlock = SHA_CBLOCK;

HmacSha1Key::State state_of(const SHA_CTX& hash) { return {hash.h0, hash.h1, hash.h2, hash.h3, hash.h4}; }

// A hash that has already eaten exactly one block.
SHA_CTX resume(const HmacSha1Key::State& state) {
    SHA_CTX hash{};
    hash.h0 = state[0], hash.h1 = state[1], hash.h2 = state[2], hash.h3 = state[3], hash.h4 = state[4];
    hash.Nl = kBlock * 8;
    return hash;
}

HmacSha1Key::State absorb_pad(Bytes key, std::uint8_t pad) {
    std::array<std::uint8_t, kBlock> block{};
    std::copy(key.begin(), key.end(), block.begin());
    for (auto& byte : block) byte ^= pad;
    SHA_CTX hash;
    SHA1_Init(&hash);
    SHA1_Update(&hash, block.data(), block.size());
    wipe(block);
    return state_of(hash);
}

}  // namespace

HmacSha1Key::HmacSha1Key(Bytes key) {
    Sha1Digest hashed;  // RFC 2104 section 2: a key longer than a block is hashed first
    if (key.size() > kBlock) {
        SHA1(key.data(), key.size(), hashed.data());
        key = hashed;
    }
    inner_ = absorb_pad(key, 0x36);
    outer_ = absorb_pad(key, 0x5c);
}

HmacSha1Key::~HmacSha1Key() {
    wipe({reinterpret_cast<std::uint8_t*>(inner_.data()), sizeof inner_});
    wipe({reinterpret_cast<std::uint8_t*>(outer_.data()), sizeof outer_});
}

Sha1Digest HmacSha1Key::sign(Bytes message) const {
    Sha1Digest digest;
    SHA_CTX hash = resume(inner_);
    SHA1_Update(&hash, message.data(), message.size());
    SHA1_Final(digest.data(), &hash);
    hash = resume(outer_);
    SHA1_Update(&hash, digest.data(), digest.size());
    SHA1_Final(digest.data(), &hash);
    return digest;
}

Sha1Digest hmac_sha1(Bytes key, Bytes message) { return HmacSha1Key{key}.sign(message); }

Sha256Digest sha256(Bytes message) {
    Sha256Digest digest;
    SHA256(message.data(), message.size(), digest.data());
    return digest;
}

}  // namespace earshot::crypto
