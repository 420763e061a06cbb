#include "client/quality.hpp"

#include <doctest/doctest.h>

using namespace earshot;
using namespace earshot::client;

TEST_CASE("the round trip is what is left when the server's own delay is taken off") {
    constexpr WallMs sent = 1795292043000, now = sent + 150;
    const auto middle = static_cast<std::uint32_t>((static_cast<std::uint64_t>(sent) / 1000 + 2208988800u) << 16);
    CHECK(round_trip_ms({.last_sender_report = middle, .delay_since = 65536 / 10}, now) == 50);
    CHECK_FALSE(round_trip_ms({}, now));
    CHECK_FALSE(round_trip_ms({.last_sender_report = middle, .delay_since = 65536}, now));  // longer than there was time
    CHECK_FALSE(round_trip_ms({.last_sender_report = middle}, now + 10 * 60 * 1000));
}

TEST_CASE("bars fall with delay and with loss") {
    CHECK(quality_bars(20, 0) == 4);
    CHECK(quality_bars(130, 0) == 3);
    CHECK(quality_bars(20, 2) == 3);
    CHECK(quality_bars(300, 0) == 2);
    CHECK(quality_bars(20, 11) == 1);
}
