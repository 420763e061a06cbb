#include "crypto/hmac.hpp"

#include <doctest/doctest.h>

#include "crypto/hex_for_tests.hpp"

using namespace earshot;
using namespace earshot::crypto;

TEST_CASE("HMAC-SHA1 gives the answers of RFC 2202") {
    CHECK(same(hmac_sha1(std::vector<std::uint8_t>(20, 0x0b), as_bytes("Hi There")), from_hex("b617318655057264e28bc0b6fb378c8ef146be00")));
    CHECK(same(hmac_sha1(as_bytes("Jefe"), as_bytes("what do ya want for nothing?")), from_hex("effcdf6ae5eb2fa2d27416d5f184df9c259a7c79")));
    CHECK(same(hmac_sha1(std::vector<std::uint8_t>(80, 0xaa), as_bytes("Test Using Larger Than Block-Size Key - Hash Key First")),
               from_hex("aa4ae5e15272d00e95705637ce8a3b55ed402112")));
    CHECK(same(hmac_sha1({}, {}), from_hex("fbdb1d1b18aa6c08324b7d64b71fb76370690e1d")));
}

TEST_CASE("one key signs many messages") {
    const HmacSha1Key key{as_bytes("Jefe")};
    CHECK(key.sign(as_bytes("a")) == hmac_sha1(as_bytes("Jefe"), as_bytes("a")));
    CHECK(same(key.sign(as_bytes("what do ya want for nothing?")), from_hex("effcdf6ae5eb2fa2d27416d5f184df9c259a7c79")));
}

TEST_CASE("SHA-256 gives the answer of FIPS 180-4") {
    CHECK(same(sha256(as_bytes("abc")), from_hex("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")));
}
