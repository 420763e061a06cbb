#include "media/retransmission.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace earshot;
using namespace earshot::media;

namespace {

constexpr Time kStart{1000s};
constexpr double kFast = 1e9;
SentBook::Sent packet(std::uint16_t sequence, std::uint16_t size = 1200) { return {.ticket = sequence + 1u, .sequence = sequence, .size = size}; }

}  // namespace

TEST_CASE("a packet is found for a second, and until so many more were kept") {
    PacketStore store;
    CHECK(store.find(kStart, 1).empty());
    const auto first = store.keep(kStart, as_bytes("first"));
    CHECK(as_text(store.find(kStart + 1s, first)) == "first");
    CHECK(store.find(kStart + 1001ms, first).empty());
    CHECK(store.find(kStart, first + 1).empty());
    CHECK(store.find(kStart, 0).empty());
    for (std::size_t i = 1; i < PacketStore::kPackets; ++i) store.keep(kStart, as_bytes("x"));
    CHECK(as_text(store.find(kStart, first)) == "first");
    store.keep(kStart, as_bytes("x"));
    CHECK(store.find(kStart, first).empty());
    CHECK(store.keep(kStart, as_bytes(std::string(PacketStore::kLargest + 1, 'x'))) == 0);
}

TEST_CASE("what was asked for is sent again, once a round trip and not for ever") {
    SentBook book;
    book.note(kStart, packet(7));
    CHECK_FALSE(book.again(kStart, 8, 50ms, kFast).has_value());
    REQUIRE(book.again(kStart + 5ms, 7, 50ms, kFast).has_value());
    CHECK_FALSE(book.again(kStart + 20ms, 7, 50ms, kFast).has_value());
    CHECK(book.again(kStart + 60ms, 7, 50ms, kFast)->ticket == 8);
    CHECK(book.again(kStart + 120ms, 7, 50ms, kFast).has_value());
    CHECK(book.again(kStart + 180ms, 7, 50ms, kFast).has_value());
    CHECK_FALSE(book.again(kStart + 240ms, 7, 50ms, kFast).has_value());
    CHECK(book.refused() == 3);
}

TEST_CASE("what is older than a second, or whose number came round again, is not what was asked for") {
    SentBook book;
    CHECK_FALSE(book.again(kStart, 0, 50ms, kFast).has_value());
    book.note(kStart, packet(7));
    CHECK_FALSE(book.again(kStart + 1100ms, 7, 50ms, kFast).has_value());
    book.note(kStart + 2s, packet(7 + SentBook::kRemembered));
    CHECK_FALSE(book.again(kStart + 2s, 7, 50ms, kFast).has_value());
    CHECK(book.again(kStart + 2s, 7 + SentBook::kRemembered, 50ms, kFast).has_value());
}

TEST_CASE("who asks for everything gets a quarter of his line, and no more") {
    SentBook book;
    std::size_t bytes = 0;
    std::uint16_t number = 0;
    for (Time now = kStart; now < kStart + 10s; now += 1ms) {
        book.note(now, packet(++number));
        if (const auto again = book.again(now, number, 50ms, 1e6)) bytes += again->size;
    }
    CHECK(static_cast<double>(bytes) * 8 / 10 <= 0.27e6);
    CHECK(static_cast<double>(bytes) * 8 / 10 >= 0.23e6);
}
