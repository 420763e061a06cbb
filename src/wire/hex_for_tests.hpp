// For tests and fuzz targets only: bytes from hexadecimal, and a plain SHA-1 for HMAC, since wire knows no cipher.
#pragma once
#include <array>
#include <bit>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"

namespace earshot::wire::testing {

// Blanks are skipped.
inline std::vector<std::uint8_t> from_hex(std::string_view text) {
    std::vector<std::uint8_t> out;
    int high = -1;
    for (const char c : text) {
        const int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
        if (digit < 0) continue;
        if (high < 0) {
            high = digit;
        } else {
            out.push_back(static_cast<std::uint8_t>(high << 4 | digit));
            high = -1;
        }
    }
    return out;
}

// FIPS 180-4 section 6.1.
inline std::array<std::uint8_t, 20> sha1(std::vector<std::uint8_t> message) {
    const std::uint64_t bits = message.size() * 8;
    message.push_back(0x80);
    while (message.size() % 64 != 56) message.push_back(0);
    message.resize(message.size() + 8);
    store_u64(message.data() + message.size() - 8, bits);
    std::array<std::uint32_t, 5> h{0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0};
    for (std::size_t block = 0; block < message.size(); block += 64) {
        std::array<std::uint32_t, 80> w{};
        for (std::size_t i = 0; i < 80; ++i)
            w[i] = i < 16 ? load_u32(message.data() + block + i * 4) : std::rotl(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
        auto [a, b, c, d, e] = h;
        for (std::size_t i = 0; i < 80; ++i) {
            const std::uint32_t f = i < 20 ? (b & c) | (~b & d) : i < 40 || i >= 60 ? b ^ c ^ d : (b & c) | (b & d) | (c & d);
            const std::uint32_t k = i < 20 ? 0x5A827999 : i < 40 ? 0x6ED9EBA1 : i < 60 ? 0x8F1BBCDC : 0xCA62C1D6;
            const std::uint32_t next = std::rotl(a, 5) + f + e + k + w[i];
            e = d, d = c, c = std::rotl(b, 30), b = a, a = next;
        }
        h = {h[0] + a, h[1] + b, h[2] + c, h[3] + d, h[4] + e};
    }
    std::array<std::uint8_t, 20> out{};
    for (std::size_t i = 0; i < 5; ++i) store_u32(out.data() + i * 4, h[i]);
    return out;
}

// Keys of at most 64 bytes.
inline std::array<std::uint8_t, 20> hmac_sha1(Bytes key, Bytes message) {
    std::vector<std::uint8_t> inner(64, 0x36), outer(64, 0x5c);
    for (std::size_t i = 0; i < key.size() && i < 64; ++i) inner[i] ^= key[i], outer[i] ^= key[i];
    inner.insert(inner.end(), message.begin(), message.end());
    const auto digest = sha1(inner);
    outer.insert(outer.end(), digest.begin(), digest.end());
    return sha1(outer);
}

}  // namespace earshot::wire::testing
