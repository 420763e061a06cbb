// Voix: lines through the whole text side, and the relay of its talks.
#include <algorithm>

#include "engine/control_house_for_tests.hpp"
#include "engine/talk_relay.hpp"

using namespace earshot;
using namespace earshot::engine;

namespace {

ConnectionId connect(TestHouse& house, const std::string& name, std::uint8_t address = 1) {
    const auto id = house.voix(address);
    house.text(id, "CONNECT: \"" + name + "\" \"Real Name\" 1.0.0\n");
    REQUIRE(house.read(id).starts_with("ACCEPT: earshot\nJOINED: #lobby\nUSERLIST #lobby: "));
    return id;
}

// The key out of "TALK peer key: REQUEST".
std::string key_in(const std::string& line) {
    const auto end = line.find(": REQUEST");
    REQUIRE(end != std::string::npos);
    const auto begin = line.rfind(' ', end - 1) + 1;
    return line.substr(begin, end - begin);
}

// A relay with addresses that speak to it.
struct TestRelay {
    using Sent = std::vector<std::pair<std::uint16_t, std::string>>;
    explicit TestRelay(TestHouse& its_house) : house(its_house) {}
    // What each address was sent for this datagram.
    std::vector<std::pair<std::uint16_t, std::string>> say(std::uint16_t port, std::string text, std::uint8_t address = 1) {
        relay.drain({at, 0}, arena);
        port::Path path{.remote = {IpAddress::v4(127, 0, 0, address), port}};
        port::Datagram datagram{&path, {reinterpret_cast<std::uint8_t*>(text.data()), text.size()}};
        relay.receive({at, 0}, {&datagram, 1}, arena);
        std::vector<std::pair<std::uint16_t, std::string>> sent;
        for (const auto& item : arena.items()) sent.emplace_back(item.path.remote.port, as_text(arena.bytes(item)));
        arena.clear();
        return sent;
    }
    // What each address is sent when the bridge has these for it.
    Sent mix(PeerId peer, char sound) {
        REQUIRE(from_bridge.push([&](TalkFrame& frame) {
            frame.peer = peer;
            frame.bytes.fill(static_cast<std::uint8_t>(sound));
        }));
        relay.drain({at, 0}, arena);
        Sent sent;
        for (const auto& item : arena.items()) sent.emplace_back(item.path.remote.port, as_text(arena.bytes(item)));
        arena.clear();
        return sent;
    }
    std::vector<std::pair<PeerId, char>> said() {
        std::vector<std::pair<PeerId, char>> all;
        to_bridge.take_each([&](const TalkFrame& frame) { all.emplace_back(frame.peer, static_cast<char>(frame.bytes[0])); });
        return all;
    }
    TestHouse& house;
    Counters counters;
    TalkFrameBox to_bridge{8}, from_bridge{8};
    TalkRelay relay{house.talks, counters, &to_bridge, &from_bridge};
    port::SendArena arena{64};
    Time at{1s};
};

const std::string kStranger = "SESSIONERROR: There is no such talk.\n";

}  // namespace

TEST_CASE("CONNECT comes first, and a name is had once") {
    TestHouse house;
    const auto ada = house.voix();
    CHECK(house.read(ada).empty());
    house.text(ada, "JOIN: #maps\r\n");
    CHECK(house.read(ada) == "NOTACCEPTED: CONNECT comes first: CONNECT: \"nickname\" \"real name\" 1.0.0\n");
    house.text(ada, "CONNECT: ada\n");
    CHECK(house.read(ada).starts_with("NOTACCEPTED: That should be CONNECT:"));
    house.text(ada, "CONNECT: ada \"Ada Love");
    CHECK(house.read(ada).empty());
    house.text(ada, "lace\" 1.0.0\r\nJOIN: #maps\nMSG #maps: first\n");
    CHECK(house.read(ada) == "ACCEPT: earshot\nJOINED: #lobby\nUSERLIST #lobby: ada\nJOINED: #maps\nUSERLIST #maps: ada\n");
    const auto eve = house.voix();
    house.text(eve, "CONNECT: ADA x 1.0.0\n");
    CHECK(house.read(eve).starts_with("NICKNAMEINUSE: "));
    house.text(eve, "CONNECT: eve x 1.0.0\n");
    CHECK(house.read(eve) == "ACCEPT: earshot\nJOINED: #lobby\nUSERLIST #lobby: ada, eve\n");
    CHECK(house.read(ada) == "USERJOIN #lobby: eve\n");
    house.text(eve, "DISCONNECT\n");
    CHECK(house.closed(eve));
    CHECK(house.read(ada) == "USERLEAVE #lobby: eve\n");
}

TEST_CASE("lines that come before a channel was joined wait for it") {
    TestHouse house;
    const auto ada = connect(house, "ada");
    house.read(ada);
    const auto bob = house.voix();
    house.text(bob, "CONNECT: bob x 1.0.0\nMSG ada: already known\nJOIN: maps\nJOIN: #maps\nMSG #maps: in here\nMSG ada: still known\n");
    CHECK(house.read(ada) == "USERJOIN #lobby: bob\nMSG bob ada: already known\nMSG bob ada: still known\n");
    const auto told = house.read(bob);
    CHECK(told.find("NOTACCEPTED: A room name is") != std::string::npos);
    CHECK(told.ends_with("JOINED: #maps\nUSERLIST #maps: bob\n"));
    house.text(bob, "JOIN: #maps\nMSG ada: and after joining again\n");
    CHECK(house.read(bob) == "JOINED: #maps\nUSERLIST #maps: bob\n");
    CHECK(house.read(ada) == "MSG bob ada: and after joining again\n");
}

TEST_CASE("every argument may stand in quotes") {
    TestHouse house;
    const auto ada = connect(house, "ada"), bob = connect(house, "bob");
    house.read(ada);
    house.text(ada, "TALK \"bob\": \"REQUEST\"\r\n");
    const auto key = key_in(house.read(ada));
    house.read(bob);
    house.text(bob, "TALK \"" + key + "\": \"ACCEPT\"\n");
    CHECK(house.read(ada) == "TALK " + key + ": ACCEPTED\n");
    for (int round = 1; round <= 5; ++round) {
        house.pass(50s);
        house.text(bob, "PONG: \"" + std::to_string(round) + "\"\n");
    }
    CHECK(house.closed(ada));
    CHECK_FALSE(house.closed(bob));
}

TEST_CASE("who makes only mistakes is sent away, and so is a line without an end") {
    TestHouse house;
    const auto fool = house.voix();
    for (int i = 0; i < 10; ++i) house.text(fool, "HELLO\n");
    CHECK(house.closed(fool));
    const auto flood = house.voix();
    house.text(flood, std::string(20'000, 'x'));
    CHECK(house.closed(flood));
    const auto mute = house.voix();
    house.pass(61s);
    CHECK(house.closed(mute));
}

TEST_CASE("messages reach the channel, one person, and people with other clients") {
    TestHouse house;
    const auto web = house.person("Webber");
    const auto ada = connect(house, "ada"), bob = connect(house, "bob");
    CHECK(house.get<out::PersonJoined>(web).at(0).person.client == wire::web::ClientKind::voix);
    house.read(ada);
    house.text(ada, "MSG #lobby: hello: all\n");
    CHECK(house.read(ada).empty());
    CHECK(house.read(bob) == "MSG ada #lobby: hello: all\n");
    CHECK(house.get<out::RoomMessage>(web).at(0).message.text == "hello: all");
    house.say(web, in::Say{3, "#lobby", "one\ntwo", "12345678"});
    CHECK(house.read(ada) == "MSG Webber #lobby: one two\n");
    house.read(bob);
    house.text(bob, "MSG Ada: \"for you\"\n");
    CHECK(house.read(ada) == "MSG bob ada: for you\n");
    CHECK(house.read(bob).empty());
    house.text(bob, "MSG nobody: hi\nMSG #nowhere: hi\n");
    CHECK(house.read(bob).starts_with("NOTACCEPTED: Nobody called nobody is in your channels.\nNOTACCEPTED: "));
}

TEST_CASE("a client that answers no PING is dropped after 150 seconds") {
    TestHouse house;
    const auto ada = connect(house, "ada"), bob = connect(house, "bob");
    house.read(ada);
    for (int round = 1; round <= 5; ++round) {
        house.pass(50s);
        const auto number = std::to_string(round);
        CHECK(house.read(bob).find("PING: " + number + "\n") != std::string::npos);
        house.text(bob, "PONG: " + number + "\n");
        if (round <= 2) house.text(ada, "PONG: 99\n");
        CHECK(house.closed(ada) == (round >= 3));
    }
    CHECK_FALSE(house.closed(bob));
}

TEST_CASE("two people talk: asked, accepted, and their datagrams pass unchanged") {
    TestHouse house;
    const auto ada = connect(house, "ada", 1), bob = connect(house, "bob", 2);
    house.read(ada);
    TestRelay relay(house);
    house.text(ada, "TALK bob: REQUEST\n");
    const auto asked = house.read(ada);
    const auto key = key_in(asked);
    CHECK(asked == "TALK bob " + key + ": REQUEST\n");
    CHECK(house.read(bob) == "TALK ada " + key + ": REQUEST\n");
    CHECK(relay.say(5000, "TALKSESSION: " + key) == TestRelay::Sent{{5000, kStranger}});  // nobody has accepted yet
    house.text(bob, "TALK " + key + ": ACCEPT\n");
    CHECK(house.read(ada) == "TALK " + key + ": ACCEPTED\n");
    CHECK(house.read(bob).empty());
    CHECK(relay.say(5000, "TALKSESSION: " + key + "\n").empty());
    CHECK(relay.say(6000, "TALKSESSION: " + key, 2).empty());
    const std::string voice("\x00\x01TALK\xff", 7);
    CHECK(relay.say(5000, voice) == TestRelay::Sent{{6000, voice}});
    CHECK(relay.say(6000, voice, 2) == TestRelay::Sent{{5000, voice}});
    house.text(bob, "DISCONNECT\n");
    CHECK(house.read(ada) == "USERLEAVE #lobby: bob\nTALK " + key + ": DENIED\n");
    relay.at += 1s;
    CHECK(relay.say(5000, voice) == TestRelay::Sent{{5000, kStranger.substr(0, 7)}});
    CHECK(relay.relay.talks() == 0);
}

TEST_CASE("an unanswered call ends after thirty seconds") {
    TestHouse house;
    const auto ada = connect(house, "ada"), bob = connect(house, "bob");
    house.read(ada);
    house.text(ada, "TALK bob: REQUEST\n");
    const auto key = key_in(house.read(ada));
    house.read(bob);
    house.pass(29s);
    CHECK(house.read(ada).empty());
    house.pass(2s);
    CHECK(house.read(ada) == "TALK " + key + ": DENIED\n");
    CHECK(house.read(bob) == "TALK " + key + ": DENIED\n");
    house.text(bob, "TALK " + key + ": ACCEPT\n");
    CHECK(house.read(bob) == "SESSIONERROR: There is no such talk, or it is over.\n");
    CHECK(house.talks.empty());
}

TEST_CASE("a call is denied, and one's own cannot be accepted") {
    TestHouse house;
    const auto web = house.person("Webber");
    static_cast<void>(web);
    const auto ada = connect(house, "ada"), bob = connect(house, "bob"), eve = connect(house, "eve");
    house.text(ada, "TALK bob: REQUEST\n");
    house.read(ada);
    const auto key = key_in(house.read(bob));
    for (const auto other : {ada, eve}) {
        house.read(other);
        house.text(other, "TALK " + key + ": ACCEPT\n");
        CHECK(house.read(other).starts_with("SESSIONERROR: "));
    }
    house.text(bob, "TALK " + key + ": DENY\n");
    CHECK(house.read(ada) == "TALK " + key + ": DENIED\n");
    house.text(ada, "TALK ada: REQUEST\nTALK Webber: REQUEST\nTALK nobody: REQUEST\nTALK bob: SING\n");
    CHECK(house.read(ada) ==
          "NOTACCEPTED: Nobody called nobody is in your channels.\nNOTACCEPTED: A TALK is a REQUEST, or an ACCEPT or DENY of one.\n"
          "SESSIONERROR: You cannot call yourself.\nSESSIONERROR: Only somebody with a Voix client can be called; in a channel's talk everybody is heard.\n");
}

TEST_CASE("a stolen key from another address is refused, and errors are rare and small") {
    TestHouse house;
    const auto ada = connect(house, "ada", 1), bob = connect(house, "bob", 2);
    TestRelay relay(house);
    house.text(ada, "TALK bob: REQUEST\n");
    house.read(ada);
    const auto key = key_in(house.read(bob));
    house.text(bob, "TALK " + key + ": ACCEPT\n");
    CHECK(relay.say(5000, "TALKSESSION: " + key).empty());
    CHECK(relay.say(6000, "TALKSESSION: " + key, 2).empty());
    CHECK(relay.say(7000, "TALKSESSION: " + key, 3) == TestRelay::Sent{{7000, kStranger}});
    CHECK(relay.say(7000, "TALKSESSION: " + key, 3).empty());  // said within this second
    relay.at += 1s;
    CHECK(relay.say(7000, "ab", 3) == TestRelay::Sent{{7000, "SE"}});
    CHECK(relay.say(5000, "voice") == TestRelay::Sent{{6000, "voice"}});
    // His own new address takes over only by TALKSESSION.
    CHECK(relay.say(5001, "voice").front().second == "SESSI");
    CHECK(relay.say(5001, "TALKSESSION: " + key).empty());
    CHECK(relay.say(5001, "voice") == TestRelay::Sent{{6000, "voice"}});
    CHECK(relay.say(6000, "answer", 2) == TestRelay::Sent{{5001, "answer"}});
}

TEST_CASE("a channel's talk takes everybody who asks, and the others hear him") {
    TestHouse house;
    const auto ada = connect(house, "ada", 1), bob = connect(house, "bob", 2), cy = connect(house, "cy", 3);
    TestRelay relay(house);
    std::string key;
    for (const auto id : {ada, bob, cy}) {
        house.read(id);
        house.text(id, "TALK #lobby: REQUEST\n");
        const auto answer = house.read(id);
        key = key_in(answer.substr(0, answer.find('\n')));
        CHECK(answer == "TALK #lobby " + key + ": REQUEST\nTALK " + key + ": ACCEPTED\n");
    }
    for (std::uint16_t i = 1; i <= 3; ++i) CHECK(relay.say(static_cast<std::uint16_t>(5000 + i), "TALKSESSION: " + key, static_cast<std::uint8_t>(i)).empty());
    CHECK(relay.say(5001, "hi") == TestRelay::Sent{{5002, "hi"}, {5003, "hi"}});
    house.text(bob, "DISCONNECT\n");
    CHECK(relay.say(5001, "hi") == TestRelay::Sent{{5003, "hi"}});
    house.text(ada, "DISCONNECT\n");
    house.text(cy, "DISCONNECT\n");
    static_cast<void>(relay.say(5001, "hi"));
    CHECK(relay.relay.talks() == 0);
}

TEST_CASE("one address may not send more than voice needs") {
    TestHouse house;
    const auto ada = connect(house, "ada", 1), bob = connect(house, "bob", 2);
    TestRelay relay(house);
    house.text(ada, "TALK bob: REQUEST\n");
    house.read(ada);
    const auto key = key_in(house.read(bob));
    house.text(bob, "TALK " + key + ": ACCEPT\n");
    CHECK(relay.say(5000, "TALKSESSION: " + key).empty());
    CHECK(relay.say(6000, "TALKSESSION: " + key, 2).empty());
    std::size_t passed = 0;
    for (int i = 0; i < 1000; ++i) passed += relay.say(5000, "x").size();
    CHECK(passed == 100);
}

TEST_CASE("nobody can be rung without end") {
    TestHouse house;
    const auto ada = connect(house, "ada"), bob = connect(house, "bob");
    for (int i = 0; i < 50; ++i) {
        house.text(ada, "TALK bob: REQUEST\n");
        const auto rung = house.read(bob);
        if (rung.find("REQUEST") != std::string::npos) house.text(bob, "TALK " + key_in(rung) + ": DENY\n");
        CHECK((rung.find("REQUEST") != std::string::npos) == (i < 5));
    }
    CHECK(house.read(ada).ends_with("NOTACCEPTED: That is calling too often; wait a few seconds.\n"));
    house.pass(5s);
    house.text(ada, "TALK bob: REQUEST\n");
    CHECK(house.read(bob).find("REQUEST") != std::string::npos);
}

TEST_CASE("of a bridged talk, sound goes to the bridge and a mix comes back; other datagrams are relayed") {
    TestHouse house;
    const auto ada = connect(house, "ada", 1), bob = connect(house, "bob", 2);
    TestRelay relay(house);
    std::string key;
    for (const auto id : {ada, bob}) {
        house.read(id);
        house.text(id, "TALK #lobby: REQUEST\n");
        const auto answer = house.read(id);
        key = key_in(answer.substr(0, answer.find('\n')));
    }
    CHECK(relay.say(5001, "TALKSESSION: " + key, 1).empty());
    CHECK(relay.say(5002, "TALKSESSION: " + key, 2).empty());
    REQUIRE(house.talks.push(BridgeTalk{key, MemberId{1}, PeerId{71}}));
    REQUIRE(house.talks.push(BridgeTalk{key, MemberId{2}, PeerId{}}));
    const std::string sound(kTalkFrameBytes, 'a');
    CHECK(relay.say(5001, sound) == TestRelay::Sent{{5002, sound}});  // who has no mix yet hears him as he is
    REQUIRE(house.talks.push(BridgeTalk{key, MemberId{2}, PeerId{72}}));
    CHECK(relay.say(5001, sound).empty());
    CHECK(relay.say(5002, std::string(kTalkFrameBytes, 'b'), 2).empty());
    CHECK(relay.said() == std::vector<std::pair<PeerId, char>>{{PeerId{71}, 'a'}, {PeerId{71}, 'a'}, {PeerId{72}, 'b'}});
    CHECK(relay.say(5001, "something else") == TestRelay::Sent{{5002, "something else"}});
    CHECK(relay.mix(PeerId{72}, 'm') == TestRelay::Sent{{5002, std::string(kTalkFrameBytes, 'm')}});
    CHECK(relay.mix(PeerId{73}, 'm').empty());
    for (int i = 0; i < 20; ++i) CHECK(relay.say(5001, sound).empty());  // the bridge is asleep: what it cannot take is lost and counted
    CHECK(relay.said().size() == 8);
    CHECK(relay.counters.get(Counter::bare_packets_lost) == 12);
    house.text(bob, "TALK " + key + ": DENY\n");  // leaves the channel's talk
    CHECK(house.read(bob).empty());
    CHECK(relay.say(5002, sound, 2) == TestRelay::Sent{{5002, kStranger}});
    CHECK(relay.mix(PeerId{72}, 'm').empty());
    CHECK(relay.relay.talks() == 1);
}

TEST_CASE("who talks in a channel is in its call, and leaves it with the talk") {
    TestHouse house;
    const auto web = house.person("Webber");
    const auto ada = connect(house, "ada");
    house.ordered<AddBare>();
    house.text(ada, "TALK #lobby: REQUEST\n");
    const auto answer = house.read(ada);
    const auto key = key_in(answer.substr(0, answer.find('\n')));
    const auto bare = house.told_bridge<AddBareMember>();
    REQUIRE(bare.size() == 1);
    CHECK_FALSE(bare[0].voice);  // his sound comes as frames of the talk
    const auto orders = house.talks.take();
    REQUIRE(orders.size() == 2);
    CHECK(std::get<SeatInTalk>(orders[0]).key == key);
    CHECK(std::get<BridgeTalk>(orders[1]).peer == bare[0].peer);
    const auto changed = house.get<out::PersonChanged>(web);
    REQUIRE_FALSE(changed.empty());
    CHECK(changed.back().person.in_call);
    house.text(ada, "TALK " + key + ": DENY\n");
    CHECK(house.told_bridge<RemoveBareMember>().size() == 1);
    CHECK_FALSE(house.get<out::PersonChanged>(web).back().person.in_call);
}
