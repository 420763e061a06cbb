#include "client/call_desk.hpp"

#include "client/house_for_tests.hpp"

using namespace earshot;
using namespace earshot::client;

namespace {

// In the lobby's call, as far as the server is concerned.
struct Caller : MadeHouse {
    Caller() : MadeHouse({.name = "Ada"}) {
        come();
        enter();
        offer(77);
    }
    void offer(std::uint64_t id) {
        say(web::server::CallOffer{.request = last<web::client::CallJoin>()->request, .call = id, .room = "#lobby", .sdp = "offer"});
    }
    void answer(std::uint64_t id) {
        turn([&] { house.call().answered(now, id, "answer", out); });
    }
    void connect(Route route = Route::kUdp) {
        turn([&] { house.call().media_connected(route, out); });
    }
    void break_down() {
        turn([&] { house.call().media_lost(now, out); });
    }
    CallState state() const { return house.model().call.state; }
};

}  // namespace

TEST_CASE("one is in the call from the start: offer, answer, voice") {
    Caller c;
    REQUIRE(c.asked<effect::TakeOffer>());
    CHECK(c.asked<effect::TakeOffer>()->fresh);
    CHECK(c.state() == CallState::kConnecting);
    c.answer(77);
    CHECK(c.last<web::client::CallAnswer>()->sdp == "answer");
    c.connect();
    CHECK(c.state() == CallState::kConnected);
    CHECK(c.happened<happening::CallChanged>().size() == 1);
    CHECK(c.house.deadline().reason != std::string("call"));
}

TEST_CASE("--no-call stays out until /call") {
    MadeHouse h;
    h.come();
    h.enter();
    CHECK_FALSE(h.last<web::client::CallJoin>());
    h.type("/call");
    REQUIRE(h.last<web::client::CallJoin>());
    h.type("/hangup");
    CHECK(h.last<web::client::CallLeave>());
    CHECK(h.asked<effect::HangUp>());
}

TEST_CASE("muting and deafening, as everywhere: deafened is muted, and hearing again brings back what was") {
    Caller c;
    c.answer(77);
    c.connect();
    c.type("/mute");
    CHECK(c.last<web::client::Voice>()->muted);
    c.type("/deafen");
    CHECK(c.last<web::client::Voice>()->deafened);
    c.type("/deafen");
    CHECK(c.last<web::client::Voice>()->muted);  // as before
    c.type("/deafen");
    c.type("/unmute");
    CHECK_FALSE(c.last<web::client::Voice>()->muted);
    CHECK_FALSE(c.last<web::client::Voice>()->deafened);
}

TEST_CASE("[audio] talks hands-free and ends by itself, muted as before") {
    Caller c;
    c.answer(77);
    c.connect();
    c.type("/mute");
    c.type("[audio]");
    CHECK(c.house.model().voice.hands_free);
    CHECK_FALSE(c.last<web::client::Voice>()->muted);
    c.turn([&] { c.house.call().hands_free_ended(c.out); });
    CHECK_FALSE(c.house.model().voice.hands_free);
    CHECK(c.last<web::client::Voice>()->muted);
}

TEST_CASE("[audio] outside of a call enters it first") {
    MadeHouse h;
    h.come();
    h.enter();
    h.type("[audio]");
    CHECK(h.last<web::client::CallJoin>());
    CHECK(h.house.model().voice.hands_free);
}

TEST_CASE("push-to-talk does not open a muted microphone, and a loss lets go of it") {
    Caller c;
    c.act(action::Talk{Switch::kOn});
    CHECK(c.house.model().voice.pushed);
    c.type("/mute");
    CHECK_FALSE(c.house.model().voice.pushed);
    c.act(action::Talk{Switch::kOn});
    CHECK_FALSE(c.house.model().voice.pushed);
    c.type("/unmute");
    c.act(action::Talk{Switch::kToggle});
    CHECK(c.house.model().voice.pushed);
    c.lose();
    CHECK_FALSE(c.house.model().voice.pushed);
}

TEST_CASE("voice that breaks down is tried again with new names, then as a new call, and given up in the end") {
    Caller c;
    c.answer(77);
    c.connect();
    c.break_down();
    CHECK(c.state() == CallState::kReconnecting);
    REQUIRE(c.last<web::client::CallRestart>());
    CHECK(c.last<web::client::CallRestart>()->call == 77);
    c.say(web::server::CallOffer{.request = c.last<web::client::CallRestart>()->request, .call = 77, .room = "#lobby", .sdp = "again"});
    CHECK_FALSE(c.asked<effect::TakeOffer>()->fresh);
    const auto joins = c.count<web::client::CallJoin>();
    c.wait(CallDesk::kConnectWithin);
    c.wait(1s);
    CHECK(c.count<web::client::CallJoin>() == joins + 1);
    for (int i = 0; i < 100 && c.state() != CallState::kNone; ++i) {
        c.wait(8s);
        c.say(web::server::Pong{1});
    }
    CHECK(c.state() == CallState::kNone);
    CHECK(c.count<web::client::CallJoin>() <= joins + CallDesk::kMostTries);
}

TEST_CASE("a loss of the line leaves a voice alone that stands; one that the house forgot is joined again") {
    Caller c;
    c.answer(77);
    c.connect();
    c.lose();
    CHECK(c.state() == CallState::kConnected);
    const auto joins = c.count<web::client::CallJoin>();
    SUBCASE("kept") {
        c.come(true, {"#lobby"});
        c.reenter(1, true);
        CHECK(c.count<web::client::CallJoin>() == joins);
        CHECK(c.state() == CallState::kConnected);
    }
    SUBCASE("forgotten") {
        c.come(true, {"#lobby"});
        c.reenter(1, false);
        CHECK(c.count<web::client::CallJoin>() == joins + 1);
    }
}

TEST_CASE("the server may end a call: one taken elsewhere stays there, one that failed is joined again") {
    Caller c;
    c.answer(77);
    c.connect();
    SUBCASE("replaced") {
        c.say(web::server::CallEnded{77, "#lobby", web::CallEndReason::replaced});
        CHECK(c.state() == CallState::kNone);
        CHECK(c.asked<effect::HangUp>());
    }
    SUBCASE("failed") {
        c.say(web::server::CallEnded{77, "#lobby", web::CallEndReason::failed});
        CHECK(c.state() == CallState::kReconnecting);
        c.wait(1ms);
        CHECK(c.count<web::client::CallJoin>() == 2);
    }
    SUBCASE("another call is not ours") {
        c.say(web::server::CallEnded{76, "#lobby", web::CallEndReason::failed});
        CHECK(c.state() == CallState::kConnected);
    }
}

TEST_CASE("a full call is told and not asked for again") {
    MadeHouse h({.name = "Ada"});
    h.come();
    h.enter();
    h.say(web::server::Refused{.request = h.last<web::client::CallJoin>()->request, .code = web::Refusal::call_full, .text = "The call is full."});
    CHECK(h.house.model().call.state == CallState::kNone);
    CHECK(h.happened<happening::Error>()[0].text == "The call is full.");
    h.wait(60s);
    CHECK(h.count<web::client::CallJoin>() == 1);
}

TEST_CASE("slots are those of our call") {
    Caller c;
    c.say(web::server::CallSlots{"#lobby", {{0, 9}, {2, 15}}});
    CHECK(c.house.model().call.slots == std::vector<std::uint64_t>{9, 0, 15});
    c.say(web::server::CallSlots{"#other", {{0, 1}}});
    CHECK(c.house.model().call.slots[0] == 9);
}
