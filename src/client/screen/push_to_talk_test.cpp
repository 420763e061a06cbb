#include "client/screen/push_to_talk.hpp"

#include <doctest/doctest.h>

namespace earshot::client::screen {
namespace {
constexpr Time kStart{1h};
}

TEST_CASE("held: on while the key is down, however long one talks") {
    PushToTalk push(PushLevel::kHold);
    push.key(kStart, KeyPhase::press);
    CHECK(push.talking());
    for (int s = 0; s < 300; ++s) push.key(kStart + s * 1s, KeyPhase::repeat);
    push.tick(kStart + 299s);
    CHECK(push.talking());
    push.key(kStart + 300s, KeyPhase::release);
    CHECK_FALSE(push.talking());
    CHECK(push.deadline() == kNever);
}

TEST_CASE("held: a window that loses the focus lets go, and stray repeats do not begin anew") {
    PushToTalk push(PushLevel::kHold);
    push.key(kStart, KeyPhase::press);
    push.focus_lost();
    CHECK_FALSE(push.talking());
    push.key(kStart + 1s, KeyPhase::repeat);
    CHECK_FALSE(push.talking());
    push.key(kStart + 2s, KeyPhase::press);
    CHECK(push.talking());
}

TEST_CASE("held: a release that never comes is a minute of silence") {
    PushToTalk push(PushLevel::kHold);
    push.key(kStart, KeyPhase::press);
    push.spoke(kStart + 30s);
    push.tick(kStart + 89s);
    CHECK(push.talking());
    push.tick(push.deadline());
    CHECK_FALSE(push.talking());
}

TEST_CASE("switched: on, off, and off by itself after a minute of silence") {
    PushToTalk push(PushLevel::kToggle);
    push.key(kStart, KeyPhase::press);
    CHECK(push.talking());
    push.key(kStart + 1s, KeyPhase::release);
    push.key(kStart + 1s, KeyPhase::repeat);
    push.focus_lost();
    CHECK(push.talking());
    push.key(kStart + 2s, KeyPhase::press);
    CHECK_FALSE(push.talking());
    push.key(kStart + 3s, KeyPhase::press);
    push.spoke(kStart + 40s);
    push.tick(kStart + 99s);
    CHECK(push.talking());
    CHECK(push.deadline() == kStart + 100s);
    push.tick(kStart + 100s);
    CHECK_FALSE(push.talking());
}

TEST_CASE("repeated: kept alive by the key's repeats") {
    PushToTalk push(PushLevel::kRepeat);
    for (int i = 0; i < 100; ++i) {
        push.tick(kStart + i * 500ms);
        push.key(kStart + i * 500ms, KeyPhase::press);
        CHECK(push.talking());
    }
    const auto last = kStart + 99 * 500ms;
    push.spoke(last + 10ms);
    CHECK(push.deadline() == last + PushToTalk::kRepeatGap);
    push.tick(push.deadline());
    CHECK_FALSE(push.talking());
}

TEST_CASE("from outside: stays on without focus and repeats, until told or silent") {
    for (const auto level : {PushLevel::kHold, PushLevel::kToggle, PushLevel::kRepeat}) {
        PushToTalk push(level);
        push.set(kStart, Switch::kOn);
        push.focus_lost();
        push.spoke(kStart + 30s);
        push.tick(kStart + 80s);
        CHECK(push.talking());
        push.set(kStart + 81s, Switch::kToggle);
        CHECK_FALSE(push.talking());
        push.set(kStart + 82s, Switch::kToggle);
        push.tick(kStart + 142s);
        CHECK_FALSE(push.talking());
    }
}

TEST_CASE("another level ends a talk") {
    PushToTalk push(PushLevel::kToggle);
    push.key(kStart, KeyPhase::press);
    push.set_level(PushLevel::kToggle);
    CHECK(push.talking());
    push.set_level(PushLevel::kHold);
    CHECK_FALSE(push.talking());
}

}  // namespace earshot::client::screen
