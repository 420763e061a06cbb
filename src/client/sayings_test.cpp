#include "client/sayings.hpp"

#include <doctest/doctest.h>

using namespace earshot;
using namespace earshot::client;

TEST_CASE("one at a time, in order, each under a key of its own") {
    SeededRandom random(1);
    Sayings sayings(random);
    sayings.add("#lobby", 0, "one");
    sayings.add("#lobby", 0, "two");
    const auto* first = sayings.next(Time{});
    REQUIRE(first != nullptr);
    const auto key = first->key;
    CHECK(key.size() == 32);
    CHECK(sayings.next(Time{}) == nullptr);
    sayings.lost();
    CHECK(sayings.next(Time{})->key == key);  // the same message again
    CHECK(sayings.finish()->text == "one");
    CHECK(sayings.next(Time{})->text == "two");
    CHECK(sayings.next(Time{}) == nullptr);
    sayings.finish();
    CHECK(sayings.empty());
    CHECK_FALSE(sayings.finish());
}

TEST_CASE("after a flood the same is said again, later") {
    SeededRandom random(1);
    Sayings sayings(random);
    sayings.add("#lobby", 0, "one");
    sayings.next(Time{});
    sayings.flooded(Time{});
    CHECK(sayings.next(Time{}) == nullptr);
    CHECK(sayings.deadline().at == Time{} + Sayings::kAfterFlood);
    CHECK(sayings.next(Time{} + Sayings::kAfterFlood) != nullptr);
}

TEST_CASE("too many are told") {
    SeededRandom random(1);
    Sayings sayings(random);
    for (std::size_t i = 0; i < Sayings::kMost; ++i) CHECK(sayings.add("#lobby", 0, "x"));
    CHECK_FALSE(sayings.add("#lobby", 0, "x"));
}
