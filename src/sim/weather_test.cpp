#include "sim/weather.hpp"

#include <doctest/doctest.h>

#include "sim/world.hpp"

using namespace earshot;
using namespace earshot::sim;

namespace {

struct Tally {
    std::size_t arrived = 0, damaged = 0, overtaken = 0;
};

Tally send_many(const DatagramWeather& weather, std::size_t count) {
    SeededRandom chance{3};
    DatagramLink link;
    Tally tally;
    Time now{}, latest{};
    const std::vector<std::uint8_t> sent(50, 7);
    for (std::size_t i = 0; i < count; ++i, now += 1ms)
        for (const auto& arrival : link.carry(now, sent, weather, chance)) {
            ++tally.arrived;
            tally.damaged += arrival.bytes != sent ? 1u : 0u;
            tally.overtaken += now + arrival.after < latest ? 1u : 0u;
            latest = std::max(latest, now + arrival.after);
        }
    return tally;
}

}  // namespace

TEST_CASE("fair weather carries everything in order") {
    const auto tally = send_many({}, 1000);
    CHECK(tally.arrived == 1000);
    CHECK(tally.damaged == 0);
    CHECK(tally.overtaken == 0);
}

TEST_CASE("jitter alone makes nothing overtake") { CHECK(send_many({.delay = 5ms, .jitter = 40ms}, 1000).overtaken == 0); }

TEST_CASE("each kind of bad weather is felt, about as often as it was asked for") {
    const auto lossy = send_many({.loss = 0.2}, 10'000).arrived;
    CHECK(lossy > 7'700);
    CHECK(lossy < 8'300);
    const auto twice = send_many({.duplicate = 0.1}, 10'000).arrived;
    CHECK(twice > 10'800);
    CHECK(twice < 11'200);
    CHECK(send_many({.corrupt = 0.1}, 10'000).damaged > 800);
    CHECK(send_many({.reorder = 0.1}, 10'000).overtaken > 100);
    const auto bursts = send_many({.burst = 0.002, .burst_span = 100ms}, 10'000).arrived;
    CHECK(bursts < 9'500);
    CHECK(bursts > 5'000);
    CHECK(send_many({.cut = true}, 100).arrived == 0);
}

TEST_CASE("one seed is one world") {
    const auto digest = [](std::uint64_t seed) {
        World world{seed};
        for (int i = 0; i < 50; ++i) world.after(world.between(0ms, 100ms), [&world, i] { world.note("x", "{}", i); });
        world.run_for(1s);
        return world.trace().digest();
    };
    CHECK(digest(1) == digest(1));
    CHECK(digest(1) != digest(2));
}

TEST_CASE("what falls on one moment happens in the order it was asked for") {
    World world{1};
    std::string order;
    for (const char c : {'a', 'b', 'c'}) world.after(1ms, [&order, c] { order += c; });
    world.run_for(1ms);
    CHECK(order == "abc");
}
