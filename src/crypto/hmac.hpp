// HMAC-SHA1 (RFC 2104) for STUN's integrity and SRTP's tags, and SHA-256 for fingerprints.
#pragma once
#include <array>
#include <cstdint>

#include "base/bytes.hpp"

namespace earshot::crypto {

using Sha1Digest = std::array<std::uint8_t, 20>;
using Sha256Digest = std::array<std::uint8_t, 32>;

// A key whose two pads are hashed once: every message then costs its own blocks and one more.
// 40 bytes, no heap, free to copy; wiped when it dies.
class HmacSha1Key {
public:
    using State = std::array<std::uint32_t, 5>;

    explicit HmacSha1Key(Bytes key);
    HmacSha1Key(const HmacSha1Key&) = default;
    HmacSha1Key& operator=(const HmacSha1Key&) = default;
    ~HmacSha1Key();

    Sha1Digest sign(Bytes message) const;
    // SHA-1's chaining value behind the inner and the outer pad, as multi-buffer libraries want it.
    const State& inner() const { return inner_; }
    const State& outer() const { return outer_; }

private:
    State inner_{}, outer_{};
};

Sha1Digest hmac_sha1(Bytes key, Bytes message);
Sha256Digest sha256(Bytes message);

}  // namespace earshot::crypto
