// An invariant that cannot fail proves nothing: here each of the book's is made to.
#include "sim/ledger.hpp"

#include <doctest/doctest.h>

using namespace earshot;
using namespace earshot::sim;

namespace {

struct Desk {
    World world{1};
    Ledger ledger{world};
    TornLog disk;
    void store(std::uint64_t id, const std::string& text) {
        port::StoredMessage message;
        message.id = MessageId{id};
        message.room = RoomId{1};
        message.text = text;
        port::RoomRow room;
        room.room = RoomId{1};
        room.name = "#lobby";
        disk.execute(port::Append{BatchId{id}, {room, message}});
    }
    std::string broken() { return world.sound() ? "" : world.failures().front().invariant; }
};

}  // namespace

TEST_CASE("what agrees breaks nothing") {
    Desk desk;
    desk.store(1, "[ann-1] a");
    desk.store(2, "[ann-2] b");
    desk.ledger.shown("ann", {1, "#lobby", "Ann", "[ann-1] a"});
    desk.ledger.shown("ben", {1, "#lobby", "Ann", "[ann-1] a"});
    desk.ledger.accepted("ann", "[ann-1] a", 1);
    desk.ledger.shown_in_order("pat", 1, "[ann-1] a");
    desk.ledger.shown_in_order("pat", 1, "[ann-2] b");
    desk.ledger.check_against(desk.disk);
    CHECK(desk.broken() == "");
}

TEST_CASE("two views of one message are noticed at once") {
    Desk desk;
    desk.ledger.shown("ann", {1, "#lobby", "Ann", "[ann-1] a"});
    desk.ledger.shown("ben", {1, "#lobby", "Ann", "[ann-2] b"});
    CHECK(desk.broken() == "one order for all");
}

TEST_CASE("a promise that was broken is noticed") {
    Desk desk;
    desk.ledger.accepted("ann", "[ann-1] a", 1);
    desk.ledger.check_against(desk.disk);
    CHECK(desk.broken() == "acknowledged survives a crash");
}

TEST_CASE("a retry that became a second message is noticed") {
    Desk desk;
    desk.store(1, "[ann-1] a");
    desk.store(2, "[ann-1] a");
    desk.ledger.check_against(desk.disk);
    CHECK(desk.broken() == "a retry is not a second message");
}

TEST_CASE("what was shown and is not on disk is noticed") {
    Desk desk;
    desk.ledger.shown("ann", {1, "#lobby", "Ann", "[ann-1] a"});
    desk.ledger.check_against(desk.disk);
    CHECK(desk.broken() == "what was shown is kept");
}

TEST_CASE("two messages in the wrong order, or one twice, are noticed where there are no ids") {
    for (const bool twice : {false, true}) {
        Desk desk;
        desk.store(1, "[ann-1] a");
        desk.store(2, "[ann-2] b");
        desk.ledger.shown_in_order("pat", 1, "[ann-2] b");
        desk.ledger.shown_in_order("pat", 1, twice ? "[ann-2] b" : "[ann-1] a");
        desk.ledger.check_against(desk.disk);
        CHECK(desk.broken() == "one order for all");
    }
}
