#include "media/pacer.hpp"

#include <doctest/doctest.h>

#include <vector>

using namespace earshot;
using namespace earshot::media;

namespace {

constexpr Time kStart{1000s};

struct Left {
    Time at{};
    Lane lane{};
    std::uint64_t ticket = 0;
};

// Time goes on from deadline to deadline until nothing waits.
std::vector<Left> drain(Pacer& pacer, Time now, Duration longest = 5s) {
    std::vector<Left> left;
    for (const Time end = now + longest; now <= end;) {
        while (const auto due = pacer.pop(now)) left.push_back({now, due->lane, due->ticket});
        if (pacer.empty()) break;
        REQUIRE(pacer.deadline().at > now);
        now = pacer.deadline().at;
    }
    return left;
}

}  // namespace

TEST_CASE("a few packets leave at once") {
    Pacer pacer;
    pacer.set_rate(1e6);
    for (std::uint64_t n = 0; n < 10; ++n) CHECK(pacer.push(kStart, Lane::kSpeaker, n, 1200));
    const auto left = drain(pacer, kStart);
    REQUIRE(left.size() == 10);
    CHECK(left.back().at == kStart);
    CHECK(pacer.deadline().at == kNever);
}

TEST_CASE("a key frame is spread at half more than the rate, in order") {
    Pacer pacer;
    pacer.set_rate(4e6);
    for (std::uint64_t n = 0; n < 110; ++n) CHECK(pacer.push(kStart, Lane::kSpeaker, n, 1200));
    const auto left = drain(pacer, kStart);
    REQUIRE(left.size() == 110);
    for (std::size_t n = 0; n < left.size(); ++n) CHECK(left[n].ticket == n);
    const double seconds = std::chrono::duration<double>(left.back().at - kStart).count();
    CHECK(seconds == doctest::Approx((110 * 1200 - 12'500) * 8 / 6e6).epsilon(0.02));
    // No stretch of 20 ms carries more than a burst and its share.
    for (std::size_t from = 0, to = 0; to < left.size(); ++to) {
        while (left[to].at - left[from].at > 20ms) ++from;
        CHECK((to - from + 1) * 1200 <= 12'500 + 6e6 / 8 * 0.02 + 1200);
    }
}

TEST_CASE("repair goes before the share, the share before the speaker, he before the rest") {
    Pacer pacer;
    pacer.set_rate(1e6);
    for (const auto lane : {Lane::kOthers, Lane::kSpeaker, Lane::kShare, Lane::kRepair}) {
        for (std::uint64_t n = 0; n < 5; ++n) pacer.push(kStart, lane, n, 1200);
    }
    const auto left = drain(pacer, kStart);
    REQUIRE(left.size() == 20);
    for (std::size_t i = 0; i < left.size(); ++i) CHECK(left[i].lane == static_cast<Lane>(i / 5));
}

TEST_CASE("what waits too long or has no room is dropped and said, and memory is bounded") {
    Pacer pacer;
    pacer.set_rate(100e3);
    for (std::uint64_t n = 0; n < Pacer::kWaiting; ++n) CHECK(pacer.push(kStart, Lane::kOthers, n, 1200));
    CHECK_FALSE(pacer.push(kStart, Lane::kOthers, 9999, 1200));
    CHECK(pacer.take_broken() == 1u << 3);
    CHECK(pacer.take_broken() == 0);
    const auto left = drain(pacer, kStart);
    CHECK(left.back().at <= kStart + Pacer::kLongest);
    CHECK(left.size() < 30);
    CHECK(pacer.take_broken() == 1u << 3);
    CHECK(pacer.waiting_bytes() == 0);
}

TEST_CASE("a lane that begins anew forgets what waited") {
    Pacer pacer;
    pacer.set_rate(100e3);
    for (std::uint64_t n = 0; n < 50; ++n) pacer.push(kStart, Lane::kShare, n, 1200), pacer.push(kStart, Lane::kSpeaker, n, 1000);
    pacer.clear(Lane::kShare);
    CHECK(pacer.waiting_bytes() == 50'000);
    CHECK(pacer.pop(kStart)->lane == Lane::kSpeaker);
}
