#include "client/voice/talk_switch.hpp"

#include <doctest/doctest.h>

namespace earshot::client {
namespace {

struct Room {
    TalkSwitch talk;
    Time now{1h};
    // Blocks of 10 ms; returns how many were let out.
    int blocks(Duration time, float dbov, bool gate = false) {
        int out = 0;
        for (Duration t{}; t < time; t += 10ms) out += talk.block(now += 10ms, dbov, gate);
        return out;
    }
};
constexpr float kQuiet = -70, kLoud = -20;

}  // namespace

TEST_CASE("a_hands_free_talk_ends_by_itself_after_forty_quiet_buffers") {
    Room room{TalkSwitch{{.activation = Activation::kPushToTalk}}};
    room.talk.hands_free(room.now);
    CHECK(room.blocks(2s, kLoud) == 200);
    CHECK(room.blocks(900ms, kQuiet) == 90);
    CHECK(room.blocks(1s, kLoud) == 100);  // a word just in time
    const int tail = room.blocks(3s, kQuiet);
    CHECK(tail >= 91);
    CHECK(tail <= 94);
    CHECK_FALSE(room.talk.talking_hands_free());
    CHECK(room.blocks(1s, kLoud) == 0);
}

TEST_CASE("a_hands_free_talk_in_which_nothing_is_said_ends_too") {
    Room room{TalkSwitch{{.activation = Activation::kPushToTalk}}};
    room.talk.hands_free(room.now);
    const int open = room.blocks(5s, kQuiet);
    CHECK(open >= 91);
    CHECK(open <= 94);
}

TEST_CASE("a_key_that_is_let_go_has_a_tail") {
    Room room{TalkSwitch{{.activation = Activation::kPushToTalk}}};
    CHECK(room.blocks(100ms, kLoud, true) == 0);
    room.talk.hold(room.now, true);
    CHECK(room.blocks(5min, kQuiet) == 30'000);
    room.talk.hold(room.now, false);
    CHECK(room.blocks(1s, kLoud) == 19);
}

TEST_CASE("saying_again_how_one_talks_lets_no_key_go") {
    Room room{TalkSwitch{{.activation = Activation::kPushToTalk}}};
    room.talk.hold(room.now, true);
    room.talk.set_activation(Activation::kPushToTalk);
    CHECK(room.blocks(1s, kLoud) == 100);
    room.talk.set_activation(Activation::kVoice);
    CHECK(room.blocks(1s, kLoud, false) == 0);
}

TEST_CASE("a_key_that_switches_forgets_itself_after_a_silent_minute") {
    Room room{TalkSwitch{{.activation = Activation::kPushToTalk}}};
    room.talk.latch(room.now, true);
    CHECK(room.blocks(30s, kQuiet) == 3000);
    CHECK(room.blocks(1s, kLoud) == 100);
    CHECK(room.blocks(59s, kQuiet) == 5900);
    CHECK(room.blocks(5s, kQuiet) <= 100);
    CHECK_FALSE(room.talk.pushed());
}

TEST_CASE("who_is_muted_is_not_heard_whatever_is_open") {
    Room room;
    room.talk.mute(true);
    room.talk.hands_free(room.now);
    room.talk.hold(room.now, true);
    CHECK(room.blocks(1s, kLoud, true) == 0);
    room.talk.mute(false);
    room.talk.hold(room.now, false);
    CHECK(room.blocks(1s, kLoud, true) == 100);
}

TEST_CASE("undeafening_gives_the_microphone_back_as_it_was") {
    TalkSwitch talk;
    talk.deafen(true);
    CHECK(talk.muted());
    talk.deafen(false);
    CHECK_FALSE(talk.muted());
    talk.mute(true);
    talk.deafen(true);
    talk.deafen(false);
    CHECK(talk.muted());
    talk.deafen(true);
    talk.mute(false);
    CHECK_FALSE(talk.deafened());
    CHECK_FALSE(talk.muted());
}

TEST_CASE("muting_ends_a_hands_free_talk_for_good") {
    Room room{TalkSwitch{{.activation = Activation::kPushToTalk}}};
    room.talk.hands_free(room.now);
    room.talk.mute(true);
    room.talk.mute(false);
    CHECK(room.blocks(1s, kLoud) == 0);
}

}  // namespace earshot::client
