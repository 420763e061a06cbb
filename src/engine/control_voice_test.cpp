// Bare voice as the text side sees it: whose a voice socket is, and what follows when either end leaves.
#include <doctest/doctest.h>

#include "engine/control_house_for_tests.hpp"

using namespace earshot;
using namespace earshot::engine;

namespace {

ConnectionId named(TestHouse& house, const std::string& name, std::uint8_t address = 1) {
    const auto id = house.socket(address);
    house.text(id, name + "\n");
    return id;
}

const core::Member* called(TestHouse& house, const std::string& name) {
    for (std::uint64_t i = 1; i < 50; ++i)
        if (const auto* member = house.control().hub().member(MemberId{i}); member && member->name == name) return member;
    return nullptr;
}

}  // namespace

TEST_CASE("a voice socket makes its text's member one of the call, whichever comes first") {
    TestHouse house;
    named(house, "bo");
    const auto voice = house.voice();
    auto added = house.told_bridge<AddBareMember>();
    REQUIRE(added.size() == 1);
    CHECK(added[0].voice == voice);
    CHECK(added[0].member == called(house, "bo")->id);
    const auto seats = house.ordered<AddBare>();
    REQUIRE(seats.size() == 1);
    CHECK(seats[0].peer == added[0].peer);
    CHECK(called(house, "bo")->call == added[0].room);

    // Both sockets first, the name long after.
    const auto text = house.socket(2);
    house.voice(2);
    house.pass(20s);
    CHECK(house.told_bridge<AddBareMember>().empty());
    house.text(text, "cy\n");
    added = house.told_bridge<AddBareMember>();
    REQUIRE(added.size() == 1);
    CHECK(added[0].member == called(house, "cy")->id);
}

TEST_CASE("a_voice_socket_leaves_with_its_text") {
    TestHouse house;
    const auto text = named(house, "bo");
    const auto voice = house.voice();
    house.text(text, "{quit}\n");
    auto closed = house.told_bridge<CloseVoice>();
    REQUIRE(closed.size() == 1);
    CHECK(closed[0].voice == voice);
    CHECK(called(house, "bo") == nullptr);

    // The connection breaks without a word, before a name and after.
    const auto nameless = house.socket();
    house.voice();
    house.hang_up(nameless);
    CHECK(house.told_bridge<CloseVoice>().size() == 1);
    const auto lost = named(house, "cy");
    house.voice();
    house.hang_up(lost);
    CHECK(house.told_bridge<CloseVoice>().size() == 1);
    CHECK(called(house, "cy") == nullptr);
}

TEST_CASE("a text leaves with its voice socket, and is told why") {
    TestHouse house;
    const auto bo = named(house, "bo");
    const auto voice = house.voice();
    const auto cy = named(house, "cy", 2);
    const auto fast = house.voice(2);
    house.read(bo);
    house.hear(VoiceClosed{voice, VoiceEnd::kLeft});
    CHECK(house.read(bo).find("Your voice connection has ended") != std::string::npos);
    CHECK(house.closed(bo));
    CHECK(called(house, "bo") == nullptr);
    house.hear(VoiceClosed{fast, VoiceEnd::kTooFast});
    CHECK(house.read(cy).find("faster than it can be heard: this port takes 44100 Hz, stereo, 16 bit") != std::string::npos);
    CHECK(house.closed(cy));
    CHECK(house.told_bridge<CloseVoice>().empty());  // they are closed already
}

TEST_CASE("a voice socket without a text becomes a member named by its address, and leaves as one") {
    TestHouse house;
    const auto bo = named(house, "bo", 9);
    const auto voice = house.voice(4);
    house.pass(limits::kPairingGrace - 10ms);
    CHECK(house.told_bridge<AddBareMember>().empty());
    house.pass(20ms);
    CHECK(house.read(bo).find("127.0.0.4-5") != std::string::npos);
    const auto added = house.told_bridge<AddBareMember>();
    REQUIRE(added.size() == 1);
    CHECK(added[0].voice == voice);
    const auto* alone = house.control().hub().member(added[0].member);
    REQUIRE(alone);
    CHECK(alone->client == core::ClientKind::kSocket);
    CHECK(alone->call == added[0].room);
    house.hear(VoiceClosed{voice, VoiceEnd::kLeft});
    CHECK(house.control().hub().member(added[0].member) == nullptr);
    CHECK(house.read(bo).find("127.0.0.4-5") != std::string::npos);
    CHECK(house.told_bridge<RemoveBareMember>().size() == 1);
}

TEST_CASE("a pair of ports has its own words, room and voices") {
    TestHouse house;
    const auto text = house.socket(1, 1);
    CHECK(house.read(text) == "Type your name and press enter!");
    house.text(text, "bo\n");
    CHECK(house.read(text) == "Welcome bo! If you ever want to quit, type {quit} to exit.\n");
    house.voice(1, 0);  // of the other pair
    CHECK(house.told_bridge<AddBareMember>().empty());
    house.voice(1, 1);
    CHECK(house.told_bridge<AddBareMember>().size() == 1);
    CHECK(house.control().hub().room(called(house, "bo")->call)->name() == "#other");
}

TEST_CASE("[audio] is no message: it says whether he can be heard, and lifts his mute") {
    TestHouse house;
    const auto bo = named(house, "bo");
    house.read(bo);
    house.text(bo, "[audio]\n");
    CHECK(house.read(bo) == "No voice connection belongs to you: connect one to the voice port, and you are heard.\n");
    house.voice();
    house.text(bo, "[audio]\n");
    CHECK(house.read(bo) == "You are heard when you speak.\n");
}

TEST_CASE("the people's list has a socket that is in the call") {
    TestHouse house;
    const auto ana = house.person("Ana");
    named(house, "bo");
    house.voice();
    house.pass(1s);
    bool seen = false;
    for (const auto& changed : house.get<out::PersonChanged>(ana))
        seen = seen || (changed.person.name == "bo" && changed.person.in_call && changed.person.client == wire::web::ClientKind::socket);
    CHECK(seen);
}

TEST_CASE("when the media side has no place for him his voice is closed") {
    TestHouse house;
    named(house, "bo");
    house.voice();
    const auto peer = house.told_bridge<AddBareMember>().at(0).peer;
    house.hear(PeerLost{peer, LostReason::kRefused});
    CHECK(house.told_bridge<CloseVoice>().size() == 1);
    CHECK_FALSE(called(house, "bo")->call);
    const auto alone = house.voice(7);
    house.pass(4s);
    const auto added = house.told_bridge<AddBareMember>().at(0);
    CHECK(added.voice == alone);
    house.hear(PeerLost{added.peer, LostReason::kRefused});
    CHECK(house.control().hub().member(added.member) == nullptr);
}

TEST_CASE("at the end all voices are told to end") {
    TestHouse house;
    named(house, "bo");
    house.voice();
    house.shut_down();
    CHECK(house.told_bridge<CloseAllVoices>().size() == 1);
}
