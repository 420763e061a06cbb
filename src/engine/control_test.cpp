#include "engine/control_house_for_tests.hpp"

using namespace earshot;
using namespace earshot::engine;

TEST_CASE("a line client is prompted, welcomed, shown to others and heard") {
    TestHouse house;
    const auto ana = house.person("Ana");
    const auto bo = house.socket();
    CHECK(house.read(bo) == "Enter your name:");
    house.text(bo, "bo\r\n");
    CHECK(house.read(bo) == "Welcome bo! Type {quit} to exit the chat room.\n");
    CHECK(house.get<out::PersonJoined>(ana).at(0).person.name == "bo");
    house.text(bo, "hello\n\n  \n");
    CHECK(house.read(bo) == "bo>>hello\n");
    CHECK(house.get<out::RoomMessage>(ana).at(0).message.text == "hello");
    house.say(ana, in::Say{3, "#lobby", "one\ntwo", "12345678"});
    CHECK(house.read(bo) == "Ana>>one / two\n");
    house.text(bo, "{quit}\n");
    CHECK(house.read(bo) == "{quit}\n");
    CHECK(house.closed(bo));
    CHECK(house.get<out::PersonLeft>(ana).at(0).name == "bo");
}

TEST_CASE("a segment client is sent no newline") {
    TestHouse house;
    const auto a = house.socket(), b = house.socket();
    house.text(a, "ann");
    house.pass(250ms);
    CHECK(house.read(a) == "Enter your name:Welcome ann! Type {quit} to exit the chat room.");
    house.text(b, "bob");
    house.pass(250ms);
    CHECK(house.read(a) == "bob has entered the chat room!");
    house.text(b, "hi");
    CHECK(house.read(a) == "bob>>hi");
    house.text(b, "{quit}");
    CHECK(house.read(a) == "bob has left the chat room.");
    CHECK(house.read(b).ends_with("bob>>hi{quit}"));
}

TEST_CASE("a taken name is told in a sentence, then the prompt comes again") {
    TestHouse house;
    house.person("Ana");
    const auto other = house.socket();
    house.text(other, "аnа\nana\nbea\n");  // mixed alphabets, then taken, then free: all in one write
    const auto said = house.read(other);
    CHECK(said.find("alphabet") != std::string::npos);
    CHECK(said.find("choose another. Try ana2.\nEnter your name:") != std::string::npos);
    CHECK(said.ends_with("Welcome bea! Type {quit} to exit the chat room.\n"));
}

TEST_CASE("a message is shown and accepted only once it is on disk, and what follows waits behind it") {
    TestHouse house;
    const auto ana = house.person("Ana"), bo = house.person("Bo");
    house.get<out::Joined>(bo);
    house.keep_disk_waiting = true;
    house.say(ana, in::Say{3, "#lobby", "first", "11111111"});
    const auto cy = house.web();
    house.say(cy, in::Hello{.request = 1, .protocol = 1, .name = "Cy", .kind = wire::web::ClientKind::browser});
    house.say(cy, in::Join{2, "#lobby"});
    CHECK(house.get<out::RoomMessage>(bo).empty());
    CHECK(house.get<out::Joined>(cy).empty());
    house.flush_disk();
    const auto joined = house.get<out::Joined>(cy);
    REQUIRE(joined.size() == 1);
    CHECK(joined[0].last_message.has_value());
    CHECK(joined[0].people.size() == 3);
    CHECK(house.get<out::RoomMessage>(bo).size() == 1);
    CHECK(house.get<out::Accepted>(ana).at(0).client_message_id == "11111111");
}

TEST_CASE("a retry is answered with the first message and shown once") {
    TestHouse house;
    const auto ana = house.person("Ana"), bo = house.person("Bo");
    house.get<out::Joined>(bo);
    house.say(ana, in::Say{3, "#lobby", "once", "11111111"});
    const auto first = house.get<out::Accepted>(ana).at(0);
    house.say(ana, in::Say{4, "#lobby", "once", "11111111"});
    const auto again = house.get<out::Accepted>(ana).at(0);
    CHECK(again.id == first.id);
    CHECK(again.request == 4);
    CHECK(house.get<out::RoomMessage>(bo).size() == 1);
}

TEST_CASE("what cannot be saved is refused and shown to nobody") {
    TestHouse house;
    const auto ana = house.person("Ana");
    house.get<out::Joined>(ana);
    house.disk_fails = true;
    house.say(ana, in::Say{3, "#lobby", "lost", "11111111"});
    CHECK(house.get<out::Refused>(ana).at(0).code == wire::web::Refusal::not_saved);
    house.disk_fails = false;
    house.say(ana, in::Say{4, "#lobby", "lost", "11111111"});
    CHECK(house.get<out::Accepted>(ana).size() == 1);
}

TEST_CASE("one who vanishes is quiet, reconnecting, gone; and may come back as himself") {
    TestHouse house;
    const auto bo = house.person("Bo");
    const auto ana = house.web();
    house.say(ana, in::Hello{.request = 1, .protocol = 1, .name = "Ana", .kind = wire::web::ClientKind::browser});
    const auto welcome = house.get<out::Welcome>(ana).at(0);
    house.say(ana, in::Join{2, "#lobby"});
    house.get<out::Joined>(bo);
    house.hang_up(ana);
    house.pass(4s);
    CHECK(house.get<out::PersonChanged>(bo).empty());
    house.pass(2s);
    CHECK(house.get<out::PersonChanged>(bo).at(0).person.presence == wire::web::Presence::quiet);
    house.pass(6s);
    CHECK(house.get<out::PersonChanged>(bo).at(0).person.presence == wire::web::Presence::reconnecting);

    SUBCASE("within 30 s nobody is told of a departure") {
        const auto back = house.web();
        house.say(back, in::Hello{.request = 1, .protocol = 1, .name = "Ana", .kind = wire::web::ClientKind::browser, .session = welcome.session});
        house.say(bo, in::Ping{9});
        house.pass(30s);
        const auto again = house.get<out::Welcome>(back);
        REQUIRE(again.size() == 1);
        CHECK(again[0].resumed);
        CHECK(again[0].member == welcome.member);
        CHECK(again[0].joined == std::vector<std::string>{"#lobby"});
        CHECK(house.get<out::PersonLeft>(bo).empty());
    }
    SUBCASE("later he left, but gets his name and rooms back") {
        house.say(bo, in::Ping{9});
        house.pass(25s);
        CHECK(house.get<out::PersonLeft>(bo).at(0).reason == wire::web::LeaveReason::lost);
        const auto back = house.web();
        house.say(back, in::Hello{.request = 1, .protocol = 1, .name = "Ana", .kind = wire::web::ClientKind::browser, .session = welcome.session});
        CHECK(house.get<out::PersonJoined>(bo).at(0).person.member == welcome.member);
    }
}

TEST_CASE("floods, long texts, foreign rooms and nonsense are refused by name") {
    TestHouse house;
    const auto ana = house.person("Ana");
    house.get<out::Joined>(ana);
    house.say(ana, in::Say{3, "#lobby", std::string(4001, 'x'), "11111111"});
    CHECK(house.get<out::Refused>(ana).at(0).code == wire::web::Refusal::too_long);
    house.say(ana, in::Say{4, "#elsewhere", "x", "11111111"});
    CHECK(house.get<out::Refused>(ana).at(0).code == wire::web::Refusal::not_in_room);
    house.text(ana, "{\"type\":\"dance\",\"request\":5}");
    CHECK(house.get<out::Refused>(ana).at(0).code == wire::web::Refusal::unknown_type);
    house.text(ana, "not json");
    CHECK(house.get<out::Refused>(ana).at(0).code == wire::web::Refusal::bad_request);
    for (int i = 0; i < 30; ++i) house.say(ana, in::Say{10 + i, "#lobby", "x", "22222222" + std::to_string(i)});
    const auto refused = house.get<out::Refused>(ana);
    CHECK(refused.size() >= 10);
    CHECK(refused.at(0).code == wire::web::Refusal::flood);
}

TEST_CASE("one who does not read is told so and dropped; the others go on") {
    TestHouse house;
    const auto ana = house.person("Ana"), slow = house.person("Slow");
    house.not_reading = slow;
    for (int i = 0; i < 400 && !house.closed(slow); ++i) {
        house.pass(200ms);
        house.say(ana, in::Say{10 + i, "#lobby", std::string(3900, 'x'), "33333333" + std::to_string(i)});
        house.say(slow, in::Ping{1});
    }
    CHECK(house.closed(slow));
    CHECK(house.control().waiting_bytes(slow) <= limits::kWaitingBytes + 16 * 1024);
}

TEST_CASE("a call is offered, answered, spoken in, restarted and left") {
    TestHouse house;
    const auto ana = house.person("Ana"), bo = house.person("Bo");
    house.get<out::Joined>(bo);
    house.say(ana, in::CallJoin{.request = 3, .room = "#lobby"});
    const auto frames = house.get<out::CallOffer>(ana);
    REQUIRE(frames.size() == 1);
    CHECK(frames[0].request == 3);
    CHECK(house.get<out::PersonChanged>(bo).at(0).person.in_call);
    const auto added = house.ordered<AddPeer>();
    REQUIRE(added.size() == 1);
    CHECK(added[0].slot_ssrcs.size() == kHeardSlots);
    CHECK(frames[0].sdp.find(added[0].ufrag) != std::string::npos);

    const auto offer = rtc::read_offer(frames[0].sdp).value();
    const rtc::LocalAnswer answer{.ufrag = "abcd", .pwd = std::string(24, 'p'), .fingerprint = {1, 2, 3}, .mic_ssrc = 77, .cname = "x"};
    house.say(ana, in::CallAnswer{4, frames[0].call + 1, rtc::make_answer(offer, answer)});
    CHECK(house.get<out::Refused>(ana).at(0).code == wire::web::Refusal::no_call);
    house.say(ana, in::CallAnswer{4, frames[0].call, "v=nonsense"});
    CHECK(house.get<out::Refused>(ana).at(0).code == wire::web::Refusal::bad_sdp);
    house.say(ana, in::CallAnswer{4, frames[0].call, rtc::make_answer(offer, answer)});
    CHECK(house.get<out::Done>(ana).at(0).request == 4);
    CHECK(house.ordered<SetRemote>().at(0).media.fingerprints.at(0) == answer.fingerprint);

    const auto* member = &house.control().hub().room_named("#lobby")->people().at(0);
    const auto room = house.control().hub().room_named("#lobby")->id();
    house.hear(SlotsChanged{room, {member->member}});
    CHECK(house.get<out::CallSlots>(bo).at(0).slots.at(0).member == member->member.value);
    CHECK_FALSE(house.get<out::CallSlots>(ana).at(0).slots.at(0).member.has_value());
    house.hear(Speaking{room, member->member, true});
    CHECK(house.get<out::Speaking>(bo).at(0).speaking);

    house.say(ana, in::Voice{.muted = true, .deafened = false});
    CHECK(house.ordered<SetVoice>().at(0).muted);
    CHECK(house.get<out::PersonChanged>(bo).at(0).person.muted);
    house.say(ana, in::CallRestart{5, frames[0].call});
    const auto again = house.get<out::CallOffer>(ana);
    REQUIRE(again.size() == 1);
    CHECK(again[0].call == frames[0].call);
    CHECK(house.ordered<RestartIce>().at(0).ufrag != added[0].ufrag);

    SUBCASE("by his own wish") {
        house.say(ana, in::CallLeave{6});
        CHECK(house.ordered<RemovePeer>().size() == 1);
        CHECK(house.get<out::PersonChanged>(bo).at(0).person.in_call == false);
        CHECK(house.get<out::CallEnded>(ana).empty());
    }
    SUBCASE("because the media side lost him") {
        house.hear(PeerLost{PeerId{frames[0].call}, LostReason::kConsent});
        CHECK(house.get<out::CallEnded>(ana).at(0).reason == wire::web::CallEndReason::lost);
    }
    SUBCASE("with the room") {
        house.say(ana, in::Leave{7, "#lobby"});
        CHECK(house.ordered<RemovePeer>().size() == 1);
        CHECK(house.get<out::CallEnded>(ana).at(0).reason == wire::web::CallEndReason::room_left);
    }
}

TEST_CASE("everyone is told when the house goes down") {
    TestHouse house;
    const auto ana = house.person("Ana");
    const auto bo = house.socket();
    house.text(bo, "bo\n");
    house.read(bo);
    port::ControlOutbox box;
    house.control().shutdown({Time{2s}, 0}, box);
    int closes = 0, sends = 0;
    for (const auto& item : box.take()) {
        closes += std::holds_alternative<port::Close>(item);
        sends += std::holds_alternative<port::Send>(item);
    }
    CHECK(closes == 2);
    CHECK(sends == 2);
    (void)ana;
}
