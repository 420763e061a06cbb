#include "media/leg.hpp"

#include <doctest/doctest.h>

#include <set>

#include "base/random.hpp"
#include "media/track.hpp"

using namespace earshot;
using namespace earshot::media;

namespace {

constexpr Time kStart{1000s};

Packet packet(std::uint64_t sequence, std::uint64_t timestamp = 0) { return {.sequence = sequence, .timestamp = timestamp}; }

struct Row {
    Tenure tenure;
    std::uint64_t in;
    int out;  // after the first: 100 + this; -1: dropped
};

void check_rows(std::initializer_list<Row> rows) {
    Leg leg{100, 0};
    int n = 0;
    for (const auto& row : rows) {
        CAPTURE(n++);
        const auto got = leg.rewrite(packet(row.in, row.in * 960), row.tenure, kStart);
        CHECK((got ? got->sequence - 100 : -1) == row.out);
    }
}

}  // namespace

TEST_CASE("a leg knows what it passed over, and how far its speaker's stay goes back") {
    Leg leg{100, 0};
    CHECK(leg.rewrite(packet(10), 1, kStart)->history == 0);
    CHECK(leg.rewrite(packet(14), 1, kStart)->history == 4);
    CHECK(leg.passed_over() == 3);
    CHECK(leg.rewrite(packet(12), 1, kStart)->history == 2);
    CHECK(leg.passed_over() == 2);
    CHECK(leg.rewrite(packet(500), 2, kStart)->history == 0);
    CHECK(leg.passed_over() == 2);
}

TEST_CASE("a table of what goes in and out of a leg") {
    SUBCASE("in order") { check_rows({{1, 5000, 0}, {1, 5001, 1}, {1, 5002, 2}}); }
    SUBCASE("a gap of the speaker stays a gap") { check_rows({{1, 10, 0}, {1, 13, 3}, {1, 14, 4}}); }
    SUBCASE("reordered packets find their place") { check_rows({{1, 10, 0}, {1, 12, 2}, {1, 11, 1}, {1, 13, 3}}); }
    SUBCASE("a duplicate goes out once") { check_rows({{1, 10, 0}, {1, 10, -1}, {1, 12, 2}, {1, 11, 1}, {1, 11, -1}, {1, 12, -1}}); }
    SUBCASE("before the first packet there is no place") { check_rows({{1, 10, 0}, {1, 9, -1}, {1, 11, 1}}); }
    SUBCASE("a change of speaker goes on by one") { check_rows({{1, 10, 0}, {1, 11, 1}, {2, 70000, 2}, {2, 70001, 3}, {3, 11, 4}}); }
    SUBCASE("late from before the change is dropped") { check_rows({{1, 10, 0}, {1, 12, 2}, {2, 500, 3}, {2, 499, -1}, {2, 501, 4}}); }
    SUBCASE("the same speaker on a new stay goes on by one") { check_rows({{1, 10, 0}, {2, 3010, 1}, {2, 3009, -1}}); }
    SUBCASE("a jump of the speaker's counter is no gap") { check_rows({{1, 10, 0}, {1, 3010, 3000}, {1, 6011, 3001}, {1, 6010, -1}, {1, 6012, 3002}}); }
    SUBCASE("deeper than the window is dropped") { check_rows({{1, 10, 0}, {1, 110, 100}, {1, 47, 37}, {1, 46, -1}}); }
}

TEST_CASE("a pause leaves no gap") {
    Leg leg{1, 0};
    CHECK(leg.rewrite(packet(10), 1, kStart)->sequence == 1);
    leg.pause();
    const auto after = leg.rewrite(packet(500), 1, kStart);
    CHECK(after->sequence == 2);
    CHECK(after->marker);
    CHECK_FALSE(leg.rewrite(packet(501), 1, kStart)->marker);
}

TEST_CASE("time on a leg runs on by the listener's clock across a change of speaker") {
    Leg leg{1, 5000};
    CHECK(leg.rewrite(packet(10, 70000), 1, kStart)->timestamp == 5000);
    CHECK(leg.rewrite(packet(11, 70960), 1, kStart + 20ms)->timestamp == 5960);
    CHECK(leg.rewrite(packet(900, 123), 2, kStart + 1020ms)->timestamp == 5960 + 48000);
    CHECK(leg.rewrite(packet(901, 1083), 2, kStart + 1040ms)->timestamp == 5960 + 48960);
    // Two speakers within one millisecond do not overlap.
    CHECK(leg.rewrite(packet(1, 0), 3, kStart + 1041ms)->timestamp == 5960 + 48960 + 960);
}

TEST_CASE("the roll-over counter starts at zero and counts the laps") {
    Leg leg{32767, 0};
    std::uint32_t roc = 0;
    for (std::uint64_t i = 0; i < 100000; ++i) {
        const auto out = leg.rewrite(packet(i), 1, kStart);
        REQUIRE(out);
        REQUIRE((std::uint64_t{out->roc} << 16 | out->sequence) == 32767 + i);
        roc = out->roc;
    }
    CHECK(roc == 2);
}

TEST_CASE("whatever comes in, no number is used twice") {
    SeededRandom random{7};
    Leg leg{1, 0};
    std::set<std::uint64_t> used;
    std::uint64_t base = 1000;
    Tenure tenure = 1;
    for (int i = 0; i < 50000; ++i) {
        if (random.chance(0.01)) tenure += 1;
        if (random.chance(0.01)) base = random.below(1'000'000);
        if (random.chance(0.01)) leg.pause();
        base += random.below(3);
        if (const auto out = leg.rewrite(packet(base + random.below(100), 0), tenure, kStart)) REQUIRE(used.insert(std::uint64_t{out->roc} << 16 | out->sequence).second);
    }
    CHECK(used.size() > 1000);
}

TEST_CASE("counters unwrap to the nearest value") {
    Track track;
    const auto first = track.sequence(65534);
    CHECK(track.sequence(65535) == first + 1);
    CHECK(track.sequence(1) == first + 3);
    CHECK(track.sequence(0) == first + 2);
    CHECK(track.sequence(65530) == first - 4);
    CHECK(track.sequence(2) == first + 4);
    const auto stamp = track.timestamp(0xffffff00u);
    CHECK(track.timestamp(0x100) == stamp + 0x200);
    Track early;
    const auto zero = early.sequence(0);
    CHECK(early.sequence(65535) == zero - 1);
}
