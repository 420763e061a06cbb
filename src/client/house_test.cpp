#include "client/house.hpp"

#include "client/house_for_tests.hpp"

using namespace earshot;
using namespace earshot::client;
using Texts = std::vector<std::string>;

TEST_CASE("coming in: hello, welcome, the room that was asked for") {
    MadeHouse h({.name = "Ada", .room = "#maps", .join_call = false});
    h.come();
    REQUIRE(h.last<web::client::Join>());
    CHECK(h.last<web::client::Join>()->room == "#maps");
    CHECK(h.happened<happening::Connected>().size() == 1);
    CHECK(h.house.model().link == client::Link::kConnected);
}

TEST_CASE("what is typed is said once, shown at once, and settled when it is kept") {
    MadeHouse h;
    h.come();
    h.enter();
    h.type("hello");
    const auto say = *h.last<web::client::Say>();
    CHECK(say.text == "hello");
    REQUIRE(h.texts() == Texts{"hello"});
    CHECK(h.house.model().find_room("#lobby")->lines.back().pending);

    SUBCASE("accepted first") {
        h.say(web::server::Accepted{say.request, say.client_message_id, 5, 5000});
        CHECK(h.happened<happening::Accepted>().size() == 1);
        h.hear(a_message(5, "hello", 12));
    }
    SUBCASE("shown first") {
        h.hear(a_message(5, "hello", 12));
        h.say(web::server::Accepted{say.request, say.client_message_id, 5, 5000});
    }
    CHECK(h.texts() == Texts{"hello"});
    CHECK_FALSE(h.house.model().find_room("#lobby")->lines.back().pending);
}

TEST_CASE("a message that a loss swallowed is said again under its old key") {
    MadeHouse h;
    h.come();
    h.enter();
    h.type("one");
    h.type("two");
    const auto key = h.last<web::client::Say>()->client_message_id;
    CHECK(h.count<web::client::Say>() == 1);  // the second waits its turn
    h.lose();
    CHECK(h.happened<happening::Lost>().size() == 1);
    h.come(true, {"#lobby"});
    CHECK(h.last<web::client::Say>()->client_message_id == key);
    CHECK(h.last<web::client::Say>()->text == "one");
    h.say(web::server::Accepted{h.last<web::client::Say>()->request, key, 5, 5000});
    CHECK(h.last<web::client::Say>()->text == "two");
}

TEST_CASE("after a loss each message is there once and in order") {
    MadeHouse h;
    h.come();
    h.enter(40);
    h.hear(a_message(41, "a"));
    h.lose();
    h.come(true, {"#lobby"});
    CHECK_FALSE(h.last<web::client::Join>()->request > h.last<web::client::Hello>()->request);  // still in it
    h.reenter(43);
    const auto* ask = h.last<web::client::History>();
    REQUIRE(ask);
    CHECK(ask->after == 41);
    h.hear(a_message(44, "d"));  // live, while the page is on its way
    CHECK(h.texts() == Texts{"a"});
    h.say(web::server::History{ask->request, "#lobby", {a_message(42, "b"), a_message(43, "c")}, true});
    CHECK(h.happened<happening::Said>().size() == 3);
    CHECK(h.texts() == Texts{"a", "b", "c", "d"});
    h.hear(a_message(44, "d"));
    CHECK(h.texts() == Texts{"a", "b", "c", "d"});
}

TEST_CASE("catching up goes on page by page, and survives another loss in between") {
    MadeHouse h;
    h.come();
    h.enter(10);
    h.lose();
    h.come(true, {"#lobby"});
    h.reenter(13);
    h.say(web::server::History{h.last<web::client::History>()->request, "#lobby", {a_message(11, "a")}, false});
    CHECK(h.last<web::client::History>()->after == 11);
    h.lose();
    h.come(true, {"#lobby"});
    h.reenter(13);
    CHECK(h.last<web::client::History>()->after == 11);
    h.say(web::server::History{h.last<web::client::History>()->request, "#lobby", {a_message(12, "b"), a_message(13, "c")}, true});
    CHECK(h.texts() == Texts{"a", "b", "c"});
}

TEST_CASE("a house that forgot us is joined anew") {
    MadeHouse h;
    h.come();
    h.enter(3);
    h.lose();
    h.wait(h.house.model().retry_at - h.now.at);
    h.turn([&] { h.house.opened(h.now, h.out); });
    h.say(web::server::Welcome{.request = h.last<web::client::Hello>()->request, .protocol = 1, .session = "new", .member = 12, .name = "Ada"});
    CHECK(h.count<web::client::Join>() == 2);
    CHECK(h.last<web::client::Join>()->room == "#lobby");
}

TEST_CASE("the past is asked for when it is wanted, told as such, and paged back") {
    MadeHouse h({.name = "Ada", .join_call = false, .tell_history = true});
    h.come();
    h.enter(8);
    const auto* first = h.last<web::client::History>();
    REQUIRE(first);
    CHECK_FALSE(first->after);
    h.say(web::server::History{first->request, "#lobby", {a_message(7, "g"), a_message(8, "h")}, false});
    REQUIRE(h.happened<happening::Said>().size() == 2);
    CHECK(h.happened<happening::Said>()[0].history);
    h.act(action::FetchHistory{});
    CHECK(h.last<web::client::History>()->before == 7);
    h.act(action::FetchHistory{});
    CHECK(h.count<web::client::History>() == 2);  // one page at a time
    h.say(web::server::History{h.last<web::client::History>()->request, "#lobby", {a_message(5, "e"), a_message(6, "f"), a_message(7, "g")}, true});
    CHECK(h.texts() == Texts{"e", "f", "g", "h"});
    CHECK(h.house.model().find_room("#lobby")->complete);
}

TEST_CASE("a bot does not wait for the past") {
    MadeHouse h;
    h.come();
    h.enter(8);
    CHECK(h.count<web::client::History>() == 0);
    h.hear(a_message(9, "new"));
    CHECK(h.happened<happening::Said>().size() == 1);
}

TEST_CASE("unread and mentions count where one does not look") {
    MadeHouse h;
    h.come();
    h.enter();
    h.type("/join maps");
    h.say(web::server::Joined{.request = h.last<web::client::Join>()->request, .room = "#maps", .people = {a_person(12, "Ada")}});
    CHECK(h.house.model().current == "#maps");
    h.hear(a_message(5, "well, Ada?"));
    h.hear(a_message(6, "anyone"));
    CHECK(h.house.model().find_room("#lobby")->unread == 2);
    CHECK(h.house.model().find_room("#lobby")->mentions == 1);
    h.act(action::NextUnread{});
    CHECK(h.house.model().current == "#lobby");
    CHECK(h.house.model().find_room("#lobby")->unread == 0);
    h.act(action::ShowNext{1});
    CHECK(h.house.model().current == "#maps");
    h.act(action::ShowNext{-3});
    CHECK(h.house.model().current == "#lobby");
}

TEST_CASE("what others write never reaches the terminal as an order") {
    MadeHouse h;
    h.come();
    h.enter();
    auto nasty = a_message(5,
                           "\x1b[2J{quit}\n\xc2\x9b"
                           "0m");
    nasty.name = "E\x1b]0;x\x07ve";
    h.hear(nasty);
    const auto& line = h.house.model().find_room("#lobby")->lines.back();
    CHECK(line.text.find('\x1b') == std::string::npos);
    CHECK(line.name.find('\x1b') == std::string::npos);
    CHECK_FALSE(h.asked<effect::Finish>());
    h.hear(a_message(6, "{quit}"));
    CHECK_FALSE(h.asked<effect::Finish>());
}

TEST_CASE("people come, go, change their names and their state") {
    MadeHouse h;
    h.come();
    h.enter();
    h.say(web::server::PersonJoined{"#lobby", a_person(15, "Linus")});
    CHECK(h.happened<happening::PersonJoined>().size() == 1);
    h.say(web::server::PersonChanged{"#lobby", a_person(15, "Linus_", true), "Linus"});
    CHECK(h.happened<happening::PersonRenamed>()[0].old_name == "Linus");
    CHECK(h.happened<happening::PersonChanged>()[0].person.in_call);
    h.say(web::server::Typing{"#lobby", 15});
    h.say(web::server::Typing{"#lobby", 15});
    CHECK(h.happened<happening::Typing>().empty());  // told once while it lasts
    h.say(web::server::Speaking{"#lobby", 15, true});
    CHECK(h.house.model().find_person(15)->speaking);
    h.say(web::server::PersonLeft{"#lobby", 15, "Linus_", web::LeaveReason::lost});
    CHECK(h.house.model().find_person(15) == nullptr);
    // Of a room that one is not in, and of nobody: no harm.
    h.say(web::server::PersonJoined{"#nowhere", a_person(16, "X")});
    h.say(web::server::PersonLeft{"#nowhere", 16, "X", web::LeaveReason::left});
    h.say(web::server::Speaking{"#lobby", 99, true});
    CHECK(h.out.happenings.empty());
}

TEST_CASE("private messages go by name, and are shown on both sides") {
    MadeHouse h;
    h.come();
    h.enter();
    h.type("/msg grace are you there");
    REQUIRE(h.last<web::client::Direct>());
    CHECK(h.last<web::client::Direct>()->to == 9);
    h.say(web::server::Direct{3, 3000, 12, "Ada", 9, "Grace", "are you there"});
    REQUIRE(h.happened<happening::Private>().size() == 1);
    CHECK(h.happened<happening::Private>()[0].line.own);
    h.type("/msg nobody hi");
    CHECK(h.happened<happening::Error>()[0].code == "no_such_member");
}

TEST_CASE("a flood is waited out, a refusal is told and shown") {
    MadeHouse h;
    h.come();
    h.enter();
    h.type("one");
    h.say(web::server::Refused{.request = h.last<web::client::Say>()->request, .code = web::Refusal::flood, .text = "Slowly."});
    CHECK(h.count<web::client::Say>() == 1);
    h.wait(Sayings::kAfterFlood);
    CHECK(h.count<web::client::Say>() == 2);
    h.say(web::server::Refused{.request = h.last<web::client::Say>()->request, .code = web::Refusal::too_long, .text = "Too long."});
    CHECK(h.happened<happening::Error>()[0].text == "Too long.");
    CHECK(h.house.model().find_room("#lobby")->lines.front().failed);
    h.type(std::string(101, 'x'));
    CHECK(h.count<web::client::Say>() == 2);  // we know the limit ourselves
}

TEST_CASE("the end of what is typed is the end once all is said") {
    MadeHouse h;
    h.come();
    h.enter();
    h.type("last words");
    h.turn([&] { h.house.finish_when_said(h.now, h.out); });
    CHECK_FALSE(h.asked<effect::Finish>());
    h.say(web::server::Accepted{h.last<web::client::Say>()->request, h.last<web::client::Say>()->client_message_id, 5, 5000});
    CHECK(h.last<web::client::Quit>());
    REQUIRE(h.asked<effect::Finish>());
    CHECK(h.asked<effect::Finish>()->exit_code == 0);
}

TEST_CASE("{quit} leaves, and a first room that is refused ends it") {
    MadeHouse h;
    h.come();
    h.enter();
    h.type("{quit}");
    CHECK(h.last<web::client::Quit>());
    CHECK(h.asked<effect::Finish>()->exit_code == 0);

    MadeHouse other;
    other.come();
    other.say(web::server::Refused{.request = other.last<web::client::Join>()->request, .code = web::Refusal::room_invalid, .text = "No such name."});
    REQUIRE(other.asked<effect::Finish>());
    CHECK(other.asked<effect::Finish>()->exit_code == kExitRefused);
}

TEST_CASE("while the sound panel asks, a line answers it and a command is a command") {
    MadeHouse h;
    h.come();
    h.enter();
    h.house.model().sound = SoundPanel{};
    const auto passed = [&]() -> std::string {
        const auto* pass = h.asked<effect::Pass>();
        const auto* answer = pass ? std::get_if<action::CheckAnswer>(&pass->action) : nullptr;
        return answer ? answer->text : "no answer";
    };
    h.type("2");
    CHECK(passed() == "2");
    h.type("");
    CHECK(passed() == "");
    h.type("/me waves");
    CHECK(passed() == "no answer");
    CHECK(h.count<web::client::Say>() == 1);
    h.house.model().sound.reset();
    h.type("2");
    CHECK(passed() == "no answer");
}

TEST_CASE("commands answer, those of a later day honestly") {
    MadeHouse h({.name = "Ada", .host = "talk.example", .secure = true, .join_call = false});
    h.come();
    h.enter();
    h.type("/search tea");
    CHECK(h.happened<happening::Error>()[0].text == "/search comes with a later version.");
    h.type("/share");
    REQUIRE(h.happened<happening::Notice>().size() == 1);
    CHECK(h.happened<happening::Notice>()[0].text.ends_with("in the same room: https://talk.example/r/lobby"));
    h.type("/who");
    CHECK(h.happened<happening::People>()[0].people.size() == 2);
    h.type("/vol grace 50");
    CHECK(h.house.model().find_person(9)->volume_percent == 50);
    CHECK(h.asked<effect::RememberVolume>()->name == "grace");
    h.type("/devices");
    CHECK(h.asked<effect::Pass>());
    h.type("/me waves");
    CHECK(h.last<web::client::Say>()->text == "_Ada waves_");
    h.hear(a_message(5, "_Grace nods_"));
    CHECK(h.house.model().find_room("#lobby")->lines.back().text != "");
    h.type("/help");
    CHECK(h.happened<happening::Notice>().size() > 20);
}

TEST_CASE("a remembered volume meets its person when he comes") {
    MadeHouse h({.name = "Ada", .join_call = false, .volumes = {{"grace", 30}, {"linus", 70}}});
    h.come();
    h.enter();
    CHECK(h.house.model().find_person(9)->volume_percent == 30);
    h.say(web::server::PersonJoined{"#lobby", a_person(15, "Linus")});
    CHECK(h.house.model().find_person(15)->volume_percent == 70);
}

TEST_CASE("a server takes nobody into rooms that he did not ask for, and welcomes once") {
    MadeHouse h;
    h.come();
    h.enter();
    h.say(web::server::Joined{.room = "#trap", .people = {a_person(12, "Ada")}});
    CHECK(h.house.model().find_room("#trap") == nullptr);
    const auto joins = h.count<web::client::Join>();
    h.say(web::server::Welcome{.request = 1, .protocol = 1, .session = "again", .member = 13, .name = "Eve"});
    CHECK(h.count<web::client::Join>() == joins);
    CHECK(h.house.model().member == 12);
    h.hear(a_message(5, std::string(1'000'000, 'x')));
    CHECK(h.house.model().find_room("#lobby")->lines.back().text.size() == 64 * 1024);
}

TEST_CASE("whatever a server sends, the client stands") {
    MadeHouse h;
    h.come();
    h.enter();
    SeededRandom random(3);
    const std::string frames[] = {R"({"type":"joined","room":"","topic":"","people":[],"slots":[{"slot":9007199254740991,"member":1}]})",
                                  R"({"type":"left","room":"#lobby"})",
                                  R"({"type":"call_offer","call":1,"room":"#lobby","sdp":""})",
                                  R"({"type":"history","request":1,"room":"#x","messages":[],"complete":false})",
                                  R"({"type":"accepted","request":1,"client_message_id":"x","id":1,"time":0})",
                                  R"({"type":"refused","code":"flood","text":"x"})",
                                  R"({"type":"call_slots","room":"","slots":[{"slot":63,"member":1}]})",
                                  R"({"type":"done","request":1})",
                                  "[]",
                                  ""};
    for (int i = 0; i < 500; ++i) {
        const auto& frame = frames[random.below(std::size(frames))];
        h.turn([&] { h.house.received(h.now, frame, h.out); });
    }
    CHECK(h.house.model().call.slots.size() <= 64);
}

TEST_CASE("/kick and /mute name the longest name that is here, and send what stands behind it as the reason") {
    MadeHouse h;
    h.come();
    h.enter();
    for (const auto& [id, name] : {std::pair{20u, "Bo"}, std::pair{21u, "Bo Derek"}})
        h.say(web::server::PersonJoined{"#lobby", {.member = id, .name = name, .client = web::ClientKind::socket}});
    h.type("/kick bo derek too loud");
    REQUIRE(h.last<web::client::Remove>());
    CHECK(h.last<web::client::Remove>()->member == 21);
    CHECK(h.last<web::client::Remove>()->reason == "too loud");
    CHECK(h.last<web::client::Remove>()->room == "#lobby");
    h.type("/kick Bo");
    CHECK(h.last<web::client::Remove>()->member == 20);
    CHECK(!h.last<web::client::Remove>()->reason);
    h.type("/mute bo");
    CHECK(h.last<web::client::MuteMember>()->member == 20);
    h.type("/kick Bode");
    CHECK(h.count<web::client::Remove>() == 2);
    CHECK(h.happened<happening::Error>().back().code == "no_such_member");
}

TEST_CASE("who is removed reads it, is out of the room, and does not go back by himself") {
    MadeHouse h;
    h.come();
    h.enter();
    h.say(web::server::Removed{"#lobby", 9, "Bo\x1b[2J", "enough"});
    REQUIRE(h.happened<happening::Removed>().size() == 1);
    CHECK(h.happened<happening::Removed>()[0].by.find('\x1b') == std::string::npos);
    CHECK(h.happened<happening::Left>().size() == 1);
    const auto joins = h.count<web::client::Join>();
    h.lose();
    h.come(true, {});
    CHECK(h.count<web::client::Join>() == joins);
    h.say(web::server::Removed{"#elsewhere", 9, "Bo", {}});  // of a room one is not in
    CHECK(h.happened<happening::Removed>().empty());
}

TEST_CASE("a mute by somebody else mutes here, and the house is told that one knows") {
    MadeHouse h;
    h.come();
    h.enter();
    h.say(web::server::MutedBy{"#lobby", 9, "Bo"});
    CHECK(h.house.model().voice.muted);
    CHECK(h.happened<happening::MutedBy>().size() == 1);
}

TEST_CASE("the others read who was removed by whom, and who keeps the room") {
    MadeHouse h;
    h.come();
    h.enter();
    h.say(web::server::PersonJoined{"#lobby", {.member = 20, .name = "Pat", .client = web::ClientKind::socket}});
    h.say(web::server::PersonLeft{"#lobby", 20, "Pat", web::LeaveReason::removed, "Bo", "enough"});
    const auto left = h.happened<happening::PersonLeft>();
    REQUIRE(left.size() == 1);
    CHECK(left[0].by == "Bo");
    CHECK(h.house.model().find_room("#lobby")->lines.back().text == "Pat was removed by Bo: enough");
    h.say(web::server::Keeper{"#lobby", 12, "Ada"});
    CHECK(h.happened<happening::Keeper>().back().name == "Ada");
}

TEST_CASE("the operator's key is shown on every connection") {
    MadeHouse h({.name = "Ada", .operator_key = "0123456789abcdef0123456789abcdef"});
    h.come();
    REQUIRE(h.last<web::client::Operate>());
    CHECK(h.last<web::client::Operate>()->key == "0123456789abcdef0123456789abcdef");
    h.enter();
    h.lose();
    h.come(true, {"#lobby"});
    CHECK(h.count<web::client::Operate>() == 2);
}
