#include "client/room_book.hpp"

#include "client/house_for_tests.hpp"

using namespace earshot;
using namespace earshot::client;

TEST_CASE("a log is bounded, and what fell out of it can be fetched again") {
    Model model;
    RoomBook book(model, false);
    Outbox out;
    book.joined({}, {.room = "#lobby"}, out);
    for (std::uint64_t id = 1; id <= kMaxLines + 10; ++id) book.message({"#lobby", a_message(id, "x")}, out);
    CHECK(model.rooms[0].lines.size() == kMaxLines);
    CHECK(model.rooms[0].lines.front().id == 11);
    CHECK_FALSE(model.rooms[0].complete);
}

TEST_CASE("too much at once while catching up is asked for again, not lost") {
    Model model;
    RoomBook book(model, false);
    Outbox out;
    book.joined({}, {.room = "#lobby", .last_message = 1}, out);
    book.lost();
    book.joined({}, {.room = "#lobby", .last_message = 2}, out);
    auto wanted = book.take_wanted();
    REQUIRE(wanted.size() == 1);
    for (std::uint64_t id = 3; id <= 3 + RoomBook::kMostEarly; ++id) book.message({"#lobby", a_message(id, "x")}, out);
    book.history(wanted[0], {.room = "#lobby", .messages = {a_message(2, "two")}, .complete = true}, out);
    wanted = book.take_wanted();
    REQUIRE(wanted.size() == 1);
    CHECK(wanted[0].from == 2);
    CHECK(model.rooms[0].lines.size() == 1);
}

TEST_CASE("another house under the same address begins a new log") {
    Model model;
    RoomBook book(model, false);
    Outbox out;
    book.joined({}, {.room = "#lobby", .last_message = 100}, out);
    book.message({"#lobby", a_message(101, "old")}, out);
    book.lost();
    book.joined({}, {.room = "#lobby", .last_message = 3}, out);
    const auto wanted = book.take_wanted();
    REQUIRE(wanted.size() == 1);
    CHECK(model.rooms[0].lines.empty());
    book.history(wanted[0], {.room = "#lobby", .messages = {a_message(3, "new")}, .complete = true}, out);
    CHECK(model.rooms[0].lines.back().text == "new");
}

TEST_CASE("rooms stand in order, come and go, and leaving one shows another") {
    Model model;
    RoomBook book(model, false);
    Outbox out;
    book.room_changed({"#maps", "Maps", 2, 1});
    book.joined({}, {.room = "#lobby"}, out);
    book.joined({}, {.room = "#zoo"}, out);
    CHECK(model.rooms.size() == 3);
    CHECK(model.rooms[1].name == "#maps");
    book.room_gone("#maps");
    book.room_gone("#zoo");  // joined: it stays until we are told that we left
    CHECK(model.rooms.size() == 2);
    book.left("#lobby", out);
    CHECK(model.current == "#zoo");
    book.left("#zoo", out);
    CHECK(model.current.empty());
}

TEST_CASE("/me of others reads as what they do") {
    Model model;
    RoomBook book(model, false);
    Outbox out;
    book.joined({}, {.room = "#lobby"}, out);
    book.message({"#lobby", a_message(1, "_Grace waves_")}, out);
    CHECK(model.rooms[0].lines.back().kind == client::Line::Kind::kAction);
    CHECK(model.rooms[0].lines.back().text == "waves");
    book.message({"#lobby", a_message(2, "_Ada waves_")}, out);  // nobody acts for another
    CHECK(model.rooms[0].lines.back().kind == client::Line::Kind::kMessage);
}
