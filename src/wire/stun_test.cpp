#include "wire/stun.hpp"

#include <doctest/doctest.h>

#include "wire/hex_for_tests.hpp"

namespace earshot::wire {
namespace {

using testing::from_hex;
using testing::hmac_sha1;

// RFC 5769 section 2: samples that others computed.
constexpr auto kRequest =
    "00010058 2112a442 b7e7a701bc34d686fa87dfae 80220010 5354554e207465737420636c69656e74 00240004 6e0001ff"
    "80290008 932ff9b151263b36 00060009 6576746a3a68367659202020 00080014 9aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a2 80280004 e57a3bcf";
constexpr auto kResponseV4 =
    "0101003c 2112a442 b7e7a701bc34d686fa87dfae 8022000b 7465737420766563746f7220 00200008 0001a147e112a643"
    "00080014 2b91f599fd9e90c38c7489f92af9ba53f06be7d7 80280004 c07d4c96";
constexpr auto kResponseV6 =
    "01010048 2112a442 b7e7a701bc34d686fa87dfae 8022000b 7465737420766563746f7220 00200014 0002a147 0113a9faa5d3f179bc25f4b5bed2b9d9"
    "00080014 a382954e4be67bf11784c97c8292c275bfe3ed41 80280004 c8fb0b4c";
const auto kPassword = as_bytes("VOkJxbRl1RmTxUk/WvJxBt");
const StunTransactionId kTransaction{0xb7, 0xe7, 0xa7, 0x01, 0xbc, 0x34, 0xd6, 0x86, 0xfa, 0x87, 0xdf, 0xae};

StunError error_of(Bytes bytes) {
    const auto message = parse_stun(bytes);
    REQUIRE_FALSE(message.has_value());
    return message.error();
}

// A message with right fingerprint around raw attributes.
std::vector<std::uint8_t> around(std::string_view attributes_hex) {
    auto attributes = from_hex(attributes_hex);
    auto bytes = from_hex("00010000 2112a442 b7e7a701bc34d686fa87dfae");
    bytes.insert(bytes.end(), attributes.begin(), attributes.end());
    store_u16(bytes.data() + 2, static_cast<std::uint16_t>(attributes.size()));
    return bytes;
}

}  // namespace

TEST_CASE("the request of RFC 5769 is understood and its integrity holds") {
    const auto bytes = from_hex(kRequest);
    const auto message = parse_stun(bytes);
    REQUIRE(message.has_value());
    CHECK(message->is_binding(StunClass::kRequest));
    CHECK(message->transaction == kTransaction);
    CHECK(message->username == "evtj:h6vY");
    CHECK(stun_local_ufrag(*message) == "evtj");
    CHECK(message->priority == 0x6e0001ffu);
    CHECK(message->ice_controlled == 0x932ff9b151263b36ull);
    CHECK_FALSE(message->ice_controlling.has_value());
    CHECK(message->software == "STUN test client");
    CHECK_FALSE(message->use_candidate);
    CHECK(message->has_fingerprint);
    CHECK(stun_integrity_ok(*message, kPassword, hmac_sha1));
    CHECK_FALSE(stun_integrity_ok(*message, as_bytes("VOkJxbRl1RmTxUk/WvJxBu"), hmac_sha1));
}

TEST_CASE("the responses of RFC 5769 give the mapped address") {
    for (const auto& [hex, address] : {std::pair{kResponseV4, "192.0.2.1:32853"}, std::pair{kResponseV6, "[2001:db8:1234:5678:11:2233:4455:6677]:32853"}}) {
        const auto bytes = from_hex(hex);
        const auto message = parse_stun(bytes);
        REQUIRE(message.has_value());
        CHECK(message->is_binding(StunClass::kSuccess));
        CHECK(message->mapped_address == SocketAddress::parse(address).value());
        CHECK(message->has_fingerprint);
        CHECK(stun_integrity_ok(*message, kPassword, hmac_sha1));
    }
}

TEST_CASE("a flipped bit anywhere is noticed") {
    const auto good = from_hex(kRequest);
    for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
        auto bytes = good;
        bytes[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
        const auto message = parse_stun(bytes);
        // Either it is refused, or it is no longer a message with a fingerprint, which ICE refuses.
        CHECK((!message.has_value() || !message->has_fingerprint));
    }
}

TEST_CASE("every shorter and longer datagram is refused") {
    auto bytes = from_hex(kRequest);
    for (std::size_t size = 0; size < bytes.size(); ++size) CHECK_FALSE(parse_stun(Bytes{bytes}.first(size)).has_value());
    bytes.push_back(0);
    CHECK(error_of(bytes) == StunError::kLength);
}

TEST_CASE("a request goes out and comes back the same") {
    std::array<std::uint8_t, 200> out{};
    const BindingRequest request{.transaction = kTransaction, .remote_ufrag = "srv1", .local_ufrag = "me", .priority = 7,
                                 .tie_breaker = 0x0123456789abcdef, .controlling = true, .use_candidate = true};
    const auto bytes = write_binding_request(out, request, kPassword, hmac_sha1);
    const auto message = parse_stun(bytes);
    REQUIRE(message.has_value());
    CHECK(message->is_binding(StunClass::kRequest));
    CHECK(message->username == "srv1:me");
    CHECK(message->use_candidate);
    CHECK(message->priority == 7u);
    CHECK(message->ice_controlling == 0x0123456789abcdefull);
    CHECK(message->has_fingerprint);
    CHECK(stun_integrity_ok(*message, kPassword, hmac_sha1));
}

TEST_CASE("an answer is never larger than the request that asked for it") {
    std::array<std::uint8_t, 200> out{}, back{};
    for (const auto* text : {"198.51.100.7:9", "[2001:db8::ffff:1]:65535"}) {
        const auto address = SocketAddress::parse(text).value();
        const auto answer = write_binding_success(back, kTransaction, address, kPassword, hmac_sha1);
        const auto message = parse_stun(answer);
        REQUIRE(message.has_value());
        CHECK(message->mapped_address == address);
        CHECK(stun_integrity_ok(*message, kPassword, hmac_sha1));
        const BindingRequest smallest{.remote_ufrag = "abcd", .local_ufrag = "abcd"};
        CHECK(answer.size() <= write_binding_request(out, smallest, kPassword, hmac_sha1).size());
    }
}

TEST_CASE("our bytes are the ones of RFC 5769 but for its own paddings") {
    std::array<std::uint8_t, 200> out{};
    StunWriter writer(out, StunClass::kSuccess, kTransaction);
    writer.software("test vector");
    writer.xor_mapped_address(SocketAddress::parse("192.0.2.1:32853").value());
    const auto bytes = writer.finish();
    const auto theirs = from_hex(kResponseV4);
    // Length and the padding of SOFTWARE differ; the address attribute is the same.
    CHECK(std::equal(bytes.begin() + 36, bytes.begin() + 48, theirs.begin() + 36));
}

TEST_CASE("an error response carries code, reason and what was not understood") {
    std::array<std::uint8_t, 200> out{};
    StunWriter writer(out, StunClass::kError, kTransaction);
    writer.error(487, "Role Conflict");
    writer.unknown_attributes(std::array<std::uint16_t, 1>{0x7777});
    writer.integrity(kPassword, hmac_sha1);
    const auto message = parse_stun(writer.finish());
    REQUIRE(message.has_value());
    CHECK(message->is_binding(StunClass::kError));
    CHECK(message->error_code == 487);
    CHECK(message->error_reason == "Role Conflict");
    CHECK(stun_integrity_ok(*message, kPassword, hmac_sha1));
}

TEST_CASE("of two usernames the first counts") {
    const auto bytes = around("00060003 613a6200 00060003 633a6400");
    CHECK(parse_stun(bytes).value().username == "a:b");
}

TEST_CASE("what stands behind the integrity does not count") {
    const auto bytes = around("00080014 0000000000000000000000000000000000000000 00250000 00060003 613a6200 77770000");
    const auto message = parse_stun(bytes);
    REQUIRE(message.has_value());
    CHECK_FALSE(message->use_candidate);
    CHECK_FALSE(message->username.has_value());
    CHECK(message->unknown_count == 0);
}

TEST_CASE("nothing may follow the fingerprint, even a right one") {
    auto bytes = around("80280004 00000000 00250000");
    std::uint32_t crc = ~0u;  // bit by bit, beside the table of the codec
    for (std::size_t i = 0; i < 20 * 8; ++i) crc = crc >> 1 ^ (((crc ^ bytes[i / 8] >> i % 8) & 1) != 0 ? 0xEDB88320u : 0u);
    store_u32(bytes.data() + 24, ~crc ^ 0x5354554Eu);
    CHECK(error_of(bytes) == StunError::kAttribute);
}

TEST_CASE("unknown attributes are named when they must be understood") {
    const auto bytes = around("77770001 aa000000 f7770001 aa000000 00020000");
    const auto message = parse_stun(bytes);
    REQUIRE(message.has_value());
    CHECK(message->unknown_count == 2);
    CHECK(message->named_unknown()[0] == 0x7777);
    CHECK(message->named_unknown()[1] == 0x0002);
}

TEST_CASE("more unknown attributes than we name are only counted") {
    std::string hex;
    for (int i = 0; i < 40; ++i) hex += "77770000";
    const auto bytes = around(hex);
    const auto message = parse_stun(bytes);
    REQUIRE(message.has_value());
    CHECK(message->unknown_count == 40);
    CHECK(message->named_unknown().size() == kMaxStunUnknown);
}

TEST_CASE("attributes of a wrong shape are refused") {
    for (const auto* hex : {"00240003 00000000", "00250004 00000000", "80290004 00000000", "00080010 00000000000000000000000000000000",
                            "00200008 0002a147e112a643", "00200004 0001a147", "00090004 00000000", "80280008 0000000000000000"})
        CHECK(error_of(around(hex)) == StunError::kAttribute);
    CHECK(error_of(around("00060009 613a6200")) == StunError::kLength);
    CHECK(error_of(around("0006ffff 613a6200")) == StunError::kLength);
    CHECK(error_of(around("80280004 00000000")) == StunError::kFingerprint);
}

TEST_CASE("a length that is no multiple of four is refused") {
    auto bytes = around("00250000");
    bytes.push_back(0);
    store_u16(bytes.data() + 2, 5);
    CHECK(error_of(bytes) == StunError::kLength);
}

TEST_CASE("a buffer that is too small gives nothing") {
    std::array<std::uint8_t, 200> out{};
    const auto address = SocketAddress::parse("192.0.2.1:1").value();
    const auto whole = write_binding_success(out, kTransaction, address, kPassword, hmac_sha1).size();
    for (std::size_t size = 0; size < whole; ++size)
        CHECK(write_binding_success(MutableBytes{out}.first(size), kTransaction, address, kPassword, hmac_sha1).empty());
}

}  // namespace earshot::wire
