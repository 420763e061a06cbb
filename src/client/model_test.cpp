#include "client/model.hpp"

#include <doctest/doctest.h>

#include "client/action.hpp"

using namespace earshot::client;

TEST_CASE("a room is found by its whole name, a person in whichever room he is") {
    Model model;
    model.rooms = {Room{.name = "#lobby"}, Room{.name = "#maps"}};
    model.rooms[1].people[7].name = "Ana";
    CHECK(model.find_room("#maps") == &model.rooms[1]);
    CHECK(model.find_room("#map") == nullptr);
    REQUIRE(model.find_person(7) != nullptr);
    CHECK(model.find_person(7)->name == "Ana");
    CHECK(model.find_person(8) == nullptr);
}
