#include "wire/rtp.hpp"

#include <doctest/doctest.h>

#include <map>

#include "wire/hex_for_tests.hpp"

namespace earshot::wire {

using testing::from_hex;

TEST_CASE("the first two bytes tell what a datagram is") {
    const auto kind = [](int first, int second) {
        return classify(std::array<std::uint8_t, 2>{static_cast<std::uint8_t>(first), static_cast<std::uint8_t>(second)});
    };
    std::map<Kind, int> counts;
    for (int first = 0; first < 256; ++first) ++counts[kind(first, 0)];
    CHECK(counts == std::map<Kind, int>{{Kind::kStun, 4}, {Kind::kDtls, 44}, {Kind::kRtp, 64}, {Kind::kUnknown, 144}});
    for (int second = 0; second < 256; ++second) CHECK(kind(0x80, second) == (second >= 192 && second <= 223 ? Kind::kRtcp : Kind::kRtp));
    // Payload types 35 to 63 with the marker bit set are RTP, though masked they would look like RTCP's neighbours.
    for (int type = 35; type < 64; ++type) CHECK(kind(0x90, 0x80 | type) == Kind::kRtp);
    CHECK(classify(Bytes{}) == Kind::kUnknown);
}

TEST_CASE("a plain header is read") {
    const auto bytes = from_hex("80ef1234 00010203 deadbeef aabb");
    const auto header = parse_rtp(bytes);
    REQUIRE(header.has_value());
    CHECK(header->marker);
    CHECK(header->payload_type == 111);
    CHECK(header->sequence == 0x1234);
    CHECK(header->timestamp == 0x00010203u);
    CHECK(header->ssrc == 0xdeadbeefu);
    CHECK(header->size == 12);
}

TEST_CASE("sources and one-byte elements are read") {
    const auto bytes = from_hex("926f0001 00000000 00000001 0000000a 0000000b bede0003 1085 4130 00 3212abcd 0000 00 ff");
    const auto header = parse_rtp(bytes);
    REQUIRE(header.has_value());
    CHECK(header->csrc_count == 2);
    CHECK(load_u32(header->csrcs.data() + 4) == 11);
    CHECK(header->size == 12 + 8 + 4 + 12);
    CHECK(audio_level(*header, 1)->level == 5);
    CHECK(audio_level(*header, 1)->voice);
    CHECK(text_extension(*header, 4) == std::string_view("0\0", 2));
    CHECK(absolute_send_time(*header, 3) == 0x12abcdu);
    CHECK(find_extension(*header, 9).empty());
    CHECK(find_extension(*header, 0).empty());
}

TEST_CASE("two-byte elements are read") {
    const auto bytes = from_hex("906f0001 00000000 00000001 10000003 0101 85 0a00 03021234 000000");
    const auto header = parse_rtp(bytes);
    REQUIRE(header.has_value());
    CHECK(audio_level(*header, 1)->level == 5);
    CHECK(transport_sequence(*header, 3) == 0x1234);
    CHECK(find_extension(*header, 10).empty());
    int seen = 0;
    for_each_extension(*header, [&](std::uint8_t, Bytes) { return ++seen != 0; });
    CHECK(seen == 3);
}

TEST_CASE("id 15 of the one-byte form ends the elements, and an unknown profile has none") {
    const auto stopped = from_hex("906f0001 00000000 00000001 bede0002 f0ff 1085 00000000");
    CHECK_FALSE(audio_level(parse_rtp(stopped).value(), 1).has_value());
    const auto foreign = from_hex("906f0001 00000000 00000001 cafe0001 10850000");
    CHECK_FALSE(audio_level(parse_rtp(foreign).value(), 1).has_value());
}

TEST_CASE("an element that runs past the extension is not read, those before it are") {
    const auto bytes = from_hex("906f0001 00000000 00000001 bede0001 1085 2f00");
    const auto header = parse_rtp(bytes).value();
    CHECK(audio_level(header, 1)->level == 5);
    CHECK(find_extension(header, 2).empty());
}

TEST_CASE("a header that does not fit the packet is refused") {
    const auto bytes = from_hex("926f0001 00000000 00000001 0000000a 0000000b bede0001 10850000");
    for (std::size_t size = 0; size < bytes.size(); ++size) CHECK(parse_rtp(Bytes{bytes}.first(size)).error() == RtpError::kTooShort);
    CHECK(parse_rtp(bytes).has_value());
    CHECK(parse_rtp(from_hex("406f0001 00000000 00000001")).error() == RtpError::kVersion);
}

TEST_CASE("padding is cut off, and a lie about it is refused") {
    const RtpHeader padded{.padding = true};
    const auto strip = [&](std::string_view hex) {
        auto bytes = from_hex(hex);
        const auto rest = strip_padding(padded, bytes);
        return rest ? static_cast<int>(rest->size()) : -1;
    };
    CHECK(strip("aabb0002") == 2);
    CHECK(strip("00000004") == 0);
    CHECK(strip("00000005") == -1);
    CHECK(strip("aabbcc00") == -1);
    CHECK(strip("") == -1);
    auto untouched = from_hex("aabb0002");
    CHECK(strip_padding(RtpHeader{}, untouched)->size() == 4);
}

TEST_CASE("what is written is read the same") {
    std::array<std::uint8_t, 64> out{};
    const RtpFields fields{.marker = true, .payload_type = 111, .sequence = 65535, .timestamp = 0xfffffff0, .ssrc = 77};
    for (const bool voice : {false, true}) {
        const auto size = write_rtp_header(out, fields, {.level_id = 1, .level = {30, voice}, .mid_id = 4, .mid = "12"});
        const auto header = parse_rtp(Bytes{out}.first(size));
        REQUIRE(header.has_value());
        CHECK(size == header->size);
        CHECK(size == 12 + 4 + 8);
        CHECK(header->marker);
        CHECK(header->payload_type == 111);
        CHECK(header->sequence == 65535);
        CHECK(header->timestamp == 0xfffffff0u);
        CHECK(header->ssrc == 77);
        CHECK(audio_level(*header, 1)->level == 30);
        CHECK(audio_level(*header, 1)->voice == voice);
        CHECK(text_extension(*header, 4) == "12");
    }
    CHECK(write_rtp_header(out, fields) == 12);
}

TEST_CASE("elements out of range and small buffers are refused") {
    std::array<std::uint8_t, 64> out{};
    CHECK(write_rtp_header(out, {}, {.level_id = 15}) == 0);
    CHECK(write_rtp_header(out, {}, {.mid_id = 4, .mid = ""}) == 0);
    CHECK(write_rtp_header(out, {}, {.mid_id = 4, .mid = "12345678901234567"}) == 0);
    CHECK(write_rtp_header(out, {}, {.mid_id = 4, .mid = "1234567890123456"}) == 36);
    for (std::size_t size = 0; size < 20; ++size) CHECK(write_rtp_header(MutableBytes{out}.first(size), {}, {.level_id = 1}) == 0);
}

}  // namespace earshot::wire
