#include "crypto/replay_window.hpp"

#include <doctest/doctest.h>

#include <set>

#include "base/random.hpp"

using namespace earshot;
using namespace earshot::crypto;

TEST_CASE("an index counts once, and one older than the window not at all") {
    ReplayWindow<128> window;
    CHECK(window.fresh(1000));
    window.accept(1000);
    CHECK_FALSE(window.fresh(1000));
    CHECK(window.fresh(999));
    CHECK(window.fresh(1000 - 127));
    CHECK_FALSE(window.fresh(1000 - 128));
    window.accept(999);
    CHECK_FALSE(window.fresh(999));
    window.accept(1000 + 127);
    CHECK_FALSE(window.fresh(1000));
    CHECK(window.fresh(1001));
    window.accept(1'000'000);
    CHECK(window.fresh(1'000'000 - 127));
    CHECK_FALSE(window.fresh(1001));
}

TEST_CASE("the window agrees with a set that forgets nothing") {
    SeededRandom random{7};
    ReplayWindow<128> window;
    std::set<std::uint64_t> seen;
    std::uint64_t highest = 0;
    for (int i = 0; i < 50'000; ++i) {
        const std::uint64_t step = random.below(40) == 0 ? random.below(300) : random.below(4);
        const std::uint64_t back = random.below(200);
        const std::uint64_t index = highest + step > back ? highest + step - back : 0;
        const bool expected = seen.empty() || index > highest || (highest - index < 128 && !seen.contains(index));
        REQUIRE(window.fresh(index) == expected);
        if (!expected) continue;
        window.accept(index);
        seen.insert(index);
        highest = std::max(highest, index);
    }
}
