#include "wire/red.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "wire/hex_for_tests.hpp"

namespace earshot::wire {

using testing::from_hex;

TEST_CASE("a payload with two copies is read, oldest first") {
    // 111, 1920 behind, 2 bytes; 111, 960 behind, 3 bytes; 111, the rest.
    const auto bytes = from_hex("ef 1e0002 ef 0f0003 6f a1a2 b1b2b3 c1c2c3c4");
    const auto red = parse_red(bytes);
    REQUIRE(red.has_value());
    REQUIRE(red->earlier().size() == 2);
    CHECK(red->copies[0].payload_type == 111);
    CHECK(red->copies[0].behind == 1920);
    CHECK(std::vector(red->copies[0].payload.begin(), red->copies[0].payload.end()) == from_hex("a1a2"));
    CHECK(red->copies[1].behind == 960);
    CHECK(std::vector(red->copies[1].payload.begin(), red->copies[1].payload.end()) == from_hex("b1b2b3"));
    CHECK(red->payload_type == 111);
    CHECK(std::vector(red->payload.begin(), red->payload.end()) == from_hex("c1c2c3c4"));
}

TEST_CASE("what is written is read the same, at the ends of the ranges too") {
    const std::vector<std::uint8_t> longest(kMaxRedCopySize, 7), shortest{};
    const std::vector<RedCopy> copies{{127, kMaxRedBehind, longest}, {0, 0, shortest}, {111, 960, as_bytes("copy")}};
    std::vector<std::uint8_t> out(2000);
    const auto size = write_red(out, copies, 96, as_bytes("newest"));
    CHECK(size == red_size(copies, 6));
    const auto red = parse_red(Bytes{out}.first(size));
    REQUIRE(red.has_value());
    REQUIRE(red->count == 3);
    for (std::size_t i = 0; i < 3; ++i) {
        CHECK(red->copies[i].payload_type == copies[i].payload_type);
        CHECK(red->copies[i].behind == copies[i].behind);
        CHECK(as_text(red->copies[i].payload) == as_text(copies[i].payload));
    }
    CHECK(red->payload_type == 96);
    CHECK(as_text(red->payload) == "newest");
}

TEST_CASE("a payload without copies is its header and the packet") {
    std::vector<std::uint8_t> out(16);
    const auto size = write_red(out, {}, 111, as_bytes("abc"));
    CHECK(std::vector(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(size)) == from_hex("6f616263"));
    CHECK(parse_red(Bytes{out}.first(size))->count == 0);
}

TEST_CASE("what does not lie inside is refused") {
    for (const auto* broken : {"", "ef", "ef0f00", "ef0f0003", "ef0f0003 6f", "ef0f0003 6f a1a2", "ef0f0001 ef0f0001 6f a1"}) {
        CAPTURE(std::string(broken));
        CHECK_FALSE(parse_red(from_hex(broken)).has_value());
    }
    CHECK(parse_red(from_hex("ef0f0003 6f a1a2a3"))->payload.empty());
    std::string many;
    for (std::size_t i = 0; i <= kMaxRedCopies; ++i) many += "ef000000";
    CHECK_FALSE(parse_red(from_hex(many + "6f")).has_value());
    CHECK(parse_red(from_hex(many.substr(8) + "6f"))->count == kMaxRedCopies);
}

TEST_CASE("what cannot be said is not written") {
    std::vector<std::uint8_t> out(4000), large(kMaxRedCopySize + 1);
    const auto write = [&](RedCopy copy, std::size_t room = 4000) { return write_red(MutableBytes{out}.first(room), {&copy, 1}, 111, as_bytes("new")); };
    CHECK(write({111, 960, as_bytes("old")}) == 11);
    CHECK(write({111, 960, as_bytes("old")}, 10) == 0);
    CHECK(write({111, kMaxRedBehind + 1, as_bytes("old")}) == 0);
    CHECK(write({128, 960, as_bytes("old")}) == 0);
    CHECK(write({111, 960, large}) == 0);
    const std::vector<RedCopy> many(kMaxRedCopies + 1);
    CHECK(write_red(out, many, 111, {}) == 0);
}

}  // namespace earshot::wire
