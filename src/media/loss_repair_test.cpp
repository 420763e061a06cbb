#include "media/loss_repair.hpp"

#include <doctest/doctest.h>

#include <deque>
#include <set>
#include <vector>

#include "base/random.hpp"

using namespace earshot;
using namespace earshot::media;

namespace {

constexpr Time kStart{1000s};

std::vector<int> asked(LossRepair& repair, Time now, Duration round_trip = 80ms, std::size_t room = 64) {
    std::vector<std::uint16_t> out(room);
    out.resize(repair.ask(now, round_trip, out));
    return {out.begin(), out.end()};
}

}  // namespace

TEST_CASE("a gap is asked for after a moment, once a round trip, until it is filled") {
    LossRepair repair;
    repair.received(kStart, 10);
    repair.received(kStart, 13);
    CHECK(asked(repair, kStart).empty());
    CHECK(repair.deadline().at == kStart + LossRepair::kLate);
    CHECK(asked(repair, kStart + 8ms) == std::vector{11, 12});
    CHECK(asked(repair, kStart + 50ms).empty());
    repair.received(kStart + 90ms, 11);
    CHECK(asked(repair, kStart + 108ms) == std::vector{12});
    repair.received(kStart + 200ms, 12);
    CHECK(repair.missing() == 0);
    CHECK(repair.deadline().at == kNever);
    CHECK_FALSE(repair.take_broken());
}

TEST_CASE("what only came late is not asked for") {
    LossRepair repair;
    repair.received(kStart, 10);
    repair.received(kStart, 12);
    repair.received(kStart + 3ms, 11);
    CHECK(asked(repair, kStart + 20ms).empty());
}

TEST_CASE("what does not come is given up, and said") {
    LossRepair repair;
    repair.received(kStart, 10);
    repair.received(kStart, 12);
    int asks = 0;
    for (Time now = kStart; now < kStart + 2s; now += 10ms) asks += static_cast<int>(asked(repair, now).size());
    CHECK(asks >= 5);
    CHECK(asks <= LossRepair::kMostAsks);
    CHECK(repair.missing() == 0);
    CHECK(repair.take_broken());
    CHECK_FALSE(repair.take_broken());
}

TEST_CASE("a leap asks for nothing but a key frame, and memory is bounded") {
    LossRepair repair;
    repair.received(kStart, 10);
    repair.received(kStart, 10'000'000);
    CHECK(repair.take_broken());
    CHECK(repair.missing() == 0);
    for (std::uint64_t n = 10'000'002; n < 10'001'000; n += 2) repair.received(kStart, n);
    CHECK(repair.missing() <= LossRepair::kMostMissing);
    CHECK(repair.take_broken());
}

TEST_CASE("numbers around the lap of sixteen bits, little room, and those from before the first") {
    LossRepair repair;
    repair.received(kStart, 0x1fffd);
    repair.received(kStart, 0x20003);
    repair.received(kStart, 0x1fff0);
    CHECK(asked(repair, kStart + 10ms, 80ms, 3) == std::vector{0xfffe, 0xffff, 0});
    CHECK(asked(repair, kStart + 10ms) == std::vector{1, 2});
}

TEST_CASE("across a network that loses every tenth packet nearly everything is there in the end") {
    SeededRandom chance{5};
    LossRepair repair;
    std::set<std::uint64_t> there;
    std::deque<std::pair<Time, std::uint64_t>> again;
    std::uint64_t sent = 100, repeated = 0;
    for (Time now = kStart; now < kStart + 60s; now += 5ms) {
        if (now < kStart + 58s && !chance.chance(0.1)) repair.received(now, sent), there.insert(sent);
        if (now < kStart + 58s) ++sent;
        while (!again.empty() && again.front().first <= now) {
            repair.received(now, again.front().second), there.insert(again.front().second);
            again.pop_front();
        }
        for (const auto number : asked(repair, now)) {
            ++repeated;
            if (!chance.chance(0.1)) again.emplace_back(now + 80ms, (sent & ~std::uint64_t{0xffff}) + static_cast<std::uint64_t>(number));
        }
    }
    const double lost = static_cast<double>(sent - 100) - static_cast<double>(there.size());
    CHECK(lost / static_cast<double>(sent - 100) < 0.001);
    CHECK(repeated < (sent - 100) / 7);
}
