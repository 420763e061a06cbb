#include "base/edit_distance.hpp"

#include <doctest/doctest.h>

using namespace earshot;

TEST_CASE("the distance of two words counts what was inserted, left out and changed") {
    CHECK(edit_distance("", "") == 0);
    CHECK(edit_distance("", "room") == 4);
    CHECK(edit_distance("room", "room") == 0);
    CHECK(edit_distance("rooms", "room") == 1);
    CHECK(edit_distance("plain.phrase", "plain.phrases") == 1);
    CHECK(edit_distance("kitten", "sitting") == 3);
}
