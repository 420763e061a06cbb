#include "engine/operator_door.hpp"

#include <doctest/doctest.h>

using namespace earshot;
using namespace earshot::engine;
using Answer = OperatorDoor::Answer;

TEST_CASE("the key opens, a piece of it or more than it does not, and nothing opens a house without a key") {
    OperatorDoor door{"0123456789abcdef"}, none{""};
    const auto from = IpAddress::v4(192, 0, 2, 1);
    CHECK(door.knock(Time{1s}, from, "0123456789abcdef") == Answer::kOpen);
    CHECK(door.knock(Time{1s}, from, "0123456789abcde") == Answer::kWrong);
    CHECK(door.knock(Time{1s}, from, "0123456789abcdef0") == Answer::kWrong);
    CHECK(door.knock(Time{1s}, from, "") == Answer::kWrong);
    CHECK(none.knock(Time{1s}, from, "") == Answer::kWrong);
}

TEST_CASE("wrong keys close the door to their place for a while, the right key costs nothing") {
    OperatorDoor door{"right"};
    const auto from = IpAddress::v4(192, 0, 2, 1), other = IpAddress::v4(192, 0, 2, 2);
    for (int n = 0; n < 50; ++n) CHECK(door.knock(Time{1s}, from, "right") == Answer::kOpen);
    for (int n = 0; n < 5; ++n) CHECK(door.knock(Time{1s}, from, "wrong") == Answer::kWrong);
    CHECK(door.knock(Time{1s}, from, "right") == Answer::kTooOften);
    CHECK(door.knock(Time{1s}, other, "right") == Answer::kOpen);
    CHECK(door.knock(Time{12s}, from, "right") == Answer::kOpen);
}

TEST_CASE("one household of IPv6 is one place, and places without number take no memory without end") {
    OperatorDoor door{"right"};
    const auto a = *IpAddress::parse("2001:db8::1"), b = *IpAddress::parse("2001:db8::ffff:2"), far = *IpAddress::parse("2001:db8:0:1::1");
    CHECK(place_of(a) == place_of(b));
    CHECK(place_of(a) != place_of(far));
    for (int n = 0; n < 5; ++n) door.knock(Time{1s}, a, "wrong");
    CHECK(door.knock(Time{1s}, b, "right") == Answer::kTooOften);
    CHECK(door.knock(Time{1s}, far, "right") == Answer::kOpen);
    for (std::size_t n = 0; n < OperatorDoor::kPlaces; ++n)
        door.knock(Time{1s}, IpAddress::v4(10, 0, static_cast<std::uint8_t>(n >> 8), static_cast<std::uint8_t>(n)), "wrong");
    CHECK(door.knock(Time{1s}, a, "right") == Answer::kOpen);
}
