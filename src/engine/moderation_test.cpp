// Order in the house as its clients see it: each is told in its own protocol.
#include "engine/control_house_for_tests.hpp"

using namespace earshot;
using namespace earshot::engine;

namespace {

const std::string kKey = "00112233445566778899aabbccddeeff";

ConnectionId operator_of(TestHouse& house) {
    const auto ana = house.person("Ana");
    house.get<out::Done>(ana);
    house.say(ana, in::Operate{.request = 9, .key = kKey});
    REQUIRE(house.get<out::Done>(ana).size() == 1);
    return ana;
}

std::uint64_t member_called(TestHouse& house, ConnectionId asker, const std::string& name) {
    house.get<out::Joined>(asker);
    house.say(asker, in::Join{50, "#lobby"});
    const auto joined = house.get<out::Joined>(asker);
    REQUIRE(joined.size() == 1);
    for (const auto& person : joined[0].people)
        if (person.name == name) return person.member;
    FAIL("nobody is called so: ", name);
    return 0;
}

}  // namespace

TEST_CASE("a wrong key makes nobody the operator, and the right one is refused too after too many wrong ones") {
    TestHouse house;
    const auto ana = house.person("Ana");
    house.get<out::Joined>(ana);
    for (int n = 0; n < 5; ++n) house.say(ana, in::Operate{.request = 9, .key = "00112233445566778899aabbccddeefe"});
    CHECK(house.get<out::Refused>(ana).at(0).code == wire::web::Refusal::not_allowed);
    house.say(ana, in::Operate{.request = 10, .key = kKey});
    CHECK(house.get<out::Refused>(ana).at(0).code == wire::web::Refusal::flood);
    house.pass(20s);
    house.say(ana, in::Operate{.request = 11, .key = kKey});
    CHECK(house.get<out::PersonChanged>(ana).at(0).person.operates.value_or(false));
}

TEST_CASE("a bare socket is told the phrase, its connection ends, and it does not come back under its name") {
    TestHouse house;
    const auto ana = operator_of(house);
    const auto pat = house.socket();
    house.text(pat, "Pat\n");
    house.flush_disk();
    const auto member = member_called(house, ana, "Pat");
    house.read(pat);
    house.say(ana, in::Direct{.request = 12, .to = member, .text = "please", .client_message_id = "11111111"});
    CHECK(house.read(pat) == "(to Pat alone) Ana: please\n");
    house.say(ana, in::Remove{.request = 13, .room = "#lobby", .member = member, .reason = "loud"});
    CHECK(house.read(pat) == "You have been removed.\n");
    CHECK(house.closed(pat));
    const auto left = house.get<out::PersonLeft>(ana);
    REQUIRE(left.size() == 1);
    CHECK(left[0].reason == wire::web::LeaveReason::removed);
    CHECK(left[0].by == "Ana");
    CHECK(left[0].because == "loud");
    const auto again = house.socket();
    house.text(again, "PAT\n");
    house.flush_disk();
    CHECK(house.read(again).ends_with("You have been removed. You may come back in 10 minutes.\n"));
    CHECK(house.closed(again));
}

TEST_CASE("a Voix client is told in its own lines, is out of the channel and of its talk, and stays connected") {
    TestHouse house;
    const auto ana = operator_of(house);
    const auto bob = house.voix(), eve = house.voix(2);
    house.text(bob, "CONNECT: bob \"Bob\" 1.0.0\n");
    house.text(eve, "CONNECT: eve \"Eve\" 1.0.0\n");
    house.flush_disk();
    house.text(bob, "TALK #lobby: REQUEST\n");
    house.text(eve, "TALK #lobby: REQUEST\n");
    const auto member = member_called(house, ana, "bob");
    house.read(bob), house.read(eve), house.talks.take();
    house.say(ana, in::Remove{.request = 13, .room = "#lobby", .member = member, .reason = {}});
    CHECK(house.read(bob) == "NOTACCEPTED: You have been removed.\nUSERLEAVE #lobby: bob\n");
    CHECK(house.read(eve) == "USERLEAVE #lobby: bob\n");
    CHECK(!house.closed(bob));
    bool left = false;
    for (const auto& order : house.talks.take()) left = left || (std::holds_alternative<LeaveTalk>(order) && std::get<LeaveTalk>(order).member.value == member);
    CHECK(left);
    house.text(bob, "MSG #lobby: still here\nJOIN: #lobby\n");
    const auto said = house.read(bob);
    CHECK(said.contains("NOTACCEPTED: You are not in that room"));
    CHECK(said.contains("NOTACCEPTED: You have been removed."));
    CHECK(house.read(eve).empty());
    house.text(bob, "JOIN: #elsewhere\n");
    house.flush_disk();
    CHECK(house.read(bob).contains("JOINED: #elsewhere"));
}

TEST_CASE("a muted voice is ordered silent before anybody is told, and stays so until its owner unmutes") {
    TestHouse house;
    const auto ana = operator_of(house), bo = house.person("Bo");
    house.say(bo, in::CallJoin{.request = 7, .room = "#lobby", .listen_only = false, .muted = false});
    const auto member = member_called(house, ana, "Bo");
    house.ordered<SetVoice>();
    house.say(ana, in::MuteMember{.request = 14, .room = "#lobby", .member = member});
    CHECK(house.ordered<SetVoice>().at(0).muted);
    CHECK(house.get<out::MutedBy>(bo).at(0).by_name == "Ana");
    house.say(bo, in::Voice{.muted = false, .deafened = false});  // it was on its way
    CHECK(house.ordered<SetVoice>().empty());
    house.say(bo, in::Voice{.muted = true, .deafened = false});
    house.say(bo, in::Voice{.muted = false, .deafened = false});
    CHECK(!house.ordered<SetVoice>().back().muted);
}

TEST_CASE("who lost his connection is told of his mute when he comes back") {
    TestHouse house;
    const auto ana = operator_of(house);
    const auto bo = house.web();
    house.say(bo, in::Hello{.request = 1, .protocol = 1, .name = "Bo", .kind = wire::web::ClientKind::browser});
    const auto session = house.get<out::Welcome>(bo).at(0).session;
    house.say(bo, in::Join{2, "#lobby"});
    house.flush_disk();
    house.say(bo, in::CallJoin{.request = 7, .room = "#lobby", .listen_only = false, .muted = false});
    const auto member = member_called(house, ana, "Bo");
    house.hang_up(bo);
    house.say(ana, in::MuteMember{.request = 14, .room = "#lobby", .member = member});
    const auto back = house.web();
    house.say(back, in::Hello{.request = 1, .protocol = 1, .name = "Bo", .kind = wire::web::ClientKind::browser, .session = session});
    CHECK(house.get<out::MutedBy>(back).size() == 1);
}

TEST_CASE("a keeper who lost his name while he was away still comes back as himself") {
    TestHouse house;
    const auto ana = house.web();
    house.say(ana, in::Hello{.request = 1, .protocol = 1, .name = "Ana", .kind = wire::web::ClientKind::browser});
    const auto welcome = house.get<out::Welcome>(ana).at(0);
    house.say(ana, in::Join{2, "#den"});
    const auto bo = house.person("Bo");
    house.say(bo, in::Join{3, "#den"});
    house.flush_disk();
    house.hang_up(ana);
    house.pass(20s), house.say(bo, in::Ping{60});
    house.pass(20s), house.say(bo, in::Ping{61});
    house.say(bo, in::Nick{.request = 4, .name = "Ana"});
    const auto back = house.web();
    house.say(back, in::Hello{.request = 1, .protocol = 1, .name = "Ana", .kind = wire::web::ClientKind::browser, .session = welcome.session});
    const auto refused = house.get<out::Refused>(back);
    REQUIRE(refused.size() == 1);
    REQUIRE(refused[0].suggestion);
    house.say(back, in::Hello{.request = 2, .protocol = 1, .name = *refused[0].suggestion, .kind = wire::web::ClientKind::browser, .session = welcome.session});
    house.flush_disk();
    CHECK(house.control().hub().room_named("#den")->keeper().value == welcome.member);
    CHECK(house.control().hub().member(MemberId{welcome.member}) != nullptr);
}
