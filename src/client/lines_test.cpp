#include "client/lines.hpp"

#include <doctest/doctest.h>

using namespace earshot::client;
namespace h = happening;
namespace web = earshot::wire::web;

namespace {

constexpr earshot::WallMs kNow = 1795292043000;

std::string plain(const Happening& happening) {
    std::string all;
    for (const auto& line : plain_lines(happening, kNow)) all += (line.error ? "! " : "") + line.text + "\n";
    return all;
}
Line said(std::string text) { return {.id = 7, .time = kNow, .member = 9, .name = "Bo", .text = std::move(text)}; }

}  // namespace

// These are the promise of docs/terminal.md: a change here breaks somebody's script.
TEST_CASE("plain lines") {
    CHECK(plain(h::Said{"#raid-night", said("did you see the map")}) == "2026-11-21T20:14:03Z #raid-night <Bo> did you see the map\n");
    CHECK(plain(h::Said{"#a", said("one\ntwo")}) == "2026-11-21T20:14:03Z #a <Bo> one\\ntwo\n");
    auto action = said("waves");
    action.kind = Line::Kind::kAction;
    CHECK(plain(h::Said{"#a", action}) == "2026-11-21T20:14:03Z #a * Bo waves\n");
    auto direct = said("psst");
    direct.to_name = "Ada";
    CHECK(plain(h::Private{direct}) == "2026-11-21T20:14:03Z @Ada <Bo> psst\n");
    CHECK(plain(h::Connected{"Earshot", "0.1.0", "Ada", 12, false}) == "* Connected to Earshot as Ada.\n");
    CHECK(plain(h::Lost{"The connection was lost.", 1500}) == "* The connection was lost. Trying again in 1.5 s.\n");
    CHECK(plain(h::Joined{"#a", "Tea", {{.member = 1, .name = "Ada"}, {.member = 2, .name = "Bo"}}}) ==
          "* 2026-11-21T20:14:03Z #a You are in. Here: Ada, Bo.\n* 2026-11-21T20:14:03Z #a Topic: Tea\n");
    CHECK(plain(h::PersonJoined{"#a", {.member = 2, .name = "Bo"}}) == "* 2026-11-21T20:14:03Z #a Bo came in.\n");
    CHECK(plain(h::PersonLeft{"#a", 2, "Bo", "removed", "Ana", "loud"}) == "* 2026-11-21T20:14:03Z #a Bo was removed by Ana: loud\n");
    CHECK(plain(h::Removed{"#a", "Ana", {}}) == "* 2026-11-21T20:14:03Z #a You have been removed. It was Ana.\n");
    CHECK(plain(h::MutedBy{"#a", "Ana"}) == "* 2026-11-21T20:14:03Z #a Muted by Ana: /unmute when ready.\n");
    CHECK(plain(h::PersonLeft{"#a", 2, "Bo", "lost"}) == "* 2026-11-21T20:14:03Z #a Bo lost the connection.\n");
    CHECK(plain(h::PersonChanged{"#a", {.name = "Bo"}, {.name = "Bo", .in_call = true}}) == "* 2026-11-21T20:14:03Z #a Bo joined the call.\n");
    CHECK(plain(h::Speaking{"#a", 2, "Bo", true}) == "* 2026-11-21T20:14:03Z #a Bo is talking...\n");
    CHECK(plain(h::Speaking{"#a", 2, "Bo", false}) == "* 2026-11-21T20:14:03Z #a Bo is done talking.\n");
    CHECK(plain(h::CallChanged{"#a", CallState::kConnected, Route::kTcp, ""}) == "* 2026-11-21T20:14:03Z #a You are in the call, over TCP.\n");
    CHECK(plain(h::Error{"No.", "flood"}) == "! earshot: No.\n");
    CHECK(plain(h::Closed{"", 0}).empty());
    CHECK(plain(h::Typing{"#a", 2, "Bo"}).empty());
    CHECK(plain(h::Notice{"a\nb"}) == "* a\\nb\n");
}

TEST_CASE("JSON lines") {
    CHECK(
        json_line(h::Said{"#a", said("hi \"there\"\n"), true}, kNow) ==
        R"({"type":"message","time":1795292043000,"room":"#a","id":7,"sent":1795292043000,"member":9,"name":"Bo","text":"hi \"there\"\n","own":false,"action":false,"mention":false,"history":true})");
    CHECK(
        json_line(h::Joined{"#a", "", {{.member = 2, .name = "Bo", .client = web::ClientKind::socket}}}, kNow) ==
        R"({"type":"joined","time":1795292043000,"room":"#a","topic":"","people":[{"member":2,"name":"Bo","client":"socket","presence":"here","in_call":false,"muted":false,"deafened":false}]})");
    CHECK(json_line(h::Closed{"Bye.", 3}, kNow) == R"({"type":"closed","time":1795292043000,"text":"Bye.","exit_code":3})");
    CHECK(json_line(h::CallChanged{"#a", CallState::kConnected, Route::kUdp, ""}, kNow) ==
          R"({"type":"call","time":1795292043000,"room":"#a","state":"connected","route":"udp","text":""})");
}

TEST_CASE("the state in one line and as JSON") {
    Model model{.link = Link::kConnected, .host = "demo", .name = "Ada", .current = "#a"};
    CHECK(status_line(model) == "connected as Ada in #a");
    model.call = {.state = CallState::kConnected, .room = "#a", .route = Route::kUdp, .round_trip_ms = 23};
    model.voice.muted = true;
    CHECK(status_line(model) == "connected as Ada in #a, call connected (udp), muted");
    CHECK(
        status_json(model) ==
        R"({"link":"connected","host":"demo","server":"","name":"Ada","room":"#a","call":"connected","call_room":"#a","route":"udp","round_trip_ms":23,"muted":true,)"
        R"("deafened":false,"mode":"voice","talk":false,"hands_free":false,"sending":false})");
}
