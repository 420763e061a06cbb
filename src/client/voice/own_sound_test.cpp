#include "client/voice/own_sound.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "audio/signals_for_tests.hpp"
#include "client/voice/caller.hpp"

namespace earshot::client {
namespace {

constexpr std::size_t kBlock = 480;

// A caller in the middle of a call; what he says and hears goes through blocks of 10 ms.
struct Desk {
    Caller caller = *Caller::make({.talk = {.activation = Activation::kOpen}, .dtx = false});
    Time now{1h};
    std::vector<Outgoing> sent;
    std::vector<float> ear = std::vector<float>(2 * kBlock);
    float loudest_heard = 0;

    void speak(audio::ConstSamples sound) {
        for (std::size_t at = 0; at + kBlock <= sound.size(); at += kBlock) {
            now += 10ms;
            caller.capture(now, sound.subspan(at, kBlock), 1, sent);
            caller.play(now, ear);
            for (const float sample : ear) loudest_heard = std::max(loudest_heard, std::abs(sample));
        }
    }
    std::vector<Loudness> loudness() {
        std::vector<Loudness> out;
        caller.own_sound().take_loudness(out);
        return out;
    }
};

std::vector<float> speech() { return audio::made_speech(0.5, 96'000, 3, false); }

}  // namespace

TEST_CASE("during_a_check_nothing_leaves_and_after_it_only_what_is_said_then") {
    Desk desk;
    desk.speak(speech());
    CHECK(desk.sent.size() > 150);
    desk.caller.begin_check();
    desk.speak(std::vector<float>(kBlock * 10));  // the last word's end goes out
    desk.sent.clear();
    desk.speak(speech());
    CHECK(desk.sent.empty());
    CHECK(desk.loudness().size() == 210);
    const auto before = desk.now;
    desk.caller.end_check();
    desk.speak(std::vector<float>(kBlock * 5));
    REQUIRE_FALSE(desk.sent.empty());
    CHECK(desk.sent.front().marker);
    // Not a sample from before the end: the first timestamp is the first block's after it, less the frame it began in.
    CHECK(desk.sent.size() <= 5);
    CHECK(desk.now - before == 50ms);
    CHECK(desk.loudness().empty());
}

TEST_CASE("a_gate_that_opens_after_a_check_sends_no_moment_of_it") {
    Desk desk;
    desk.caller.set_activation(Activation::kVoice);
    desk.caller.set_gate_dbfs(-50.f);
    desk.caller.begin_check();
    desk.speak(speech());
    desk.caller.end_check();
    desk.speak(speech());
    REQUIRE_FALSE(desk.sent.empty());
    CHECK(desk.sent.front().timestamp >= 96'000);
}

TEST_CASE("others_are_not_heard_during_a_check_and_a_chime_is") {
    Desk desk;
    desk.caller.begin_check();
    desk.caller.own_sound().play(chime());
    CHECK(desk.caller.own_sound().playing());
    CHECK(desk.caller.attention(desk.now).output);
    desk.speak(std::vector<float>(kBlock * 150));
    CHECK_FALSE(desk.caller.own_sound().playing());
    CHECK(desk.loudest_heard > 0.05f);
    CHECK(desk.loudest_heard < 0.3f);
}

TEST_CASE("who_is_muted_or_deafened_is_so_again_after_a_check") {
    Desk desk;
    desk.caller.deafen(true);
    desk.caller.begin_check();
    desk.caller.end_check();
    desk.speak(speech());
    CHECK(desk.sent.empty());
    CHECK(desk.caller.meters(desk.now).deafened);
}

TEST_CASE("a_recording_holds_what_was_said_and_no_more_than_asked_for") {
    OwnSound own;
    own.record(std::vector<float>(1000));
    std::vector<float> block(kBlock, 0.25f);
    own.heard(block, 1, 10ms);
    own.heard(block, 1, 10ms);
    CHECK_FALSE(own.recorded());
    own.heard(block, 1, 10ms);
    CHECK(own.recorded());
    const auto recording = own.take_recording();
    CHECK(recording.size() == 1000);
    CHECK(std::ranges::all_of(recording, [](float sample) { return sample == 0.25f; }));
    CHECK_FALSE(own.recorded());
}

TEST_CASE("loudness_is_told_as_the_device_gave_it_and_as_others_hear_it") {
    OwnSound own;
    const auto sine = [](float peak) {
        std::vector<float> sound(kBlock);
        for (std::size_t i = 0; i < kBlock; ++i) sound[i] = peak * std::sin(static_cast<float>(i) * 0.1309f);
        return sound;
    };
    own.captured(sine(1.f));
    own.heard(sine(0.1f), 1, 10ms);
    own.heard(sine(0.1f), 1, 10ms);
    own.captured(sine(0.5f));
    own.heard(sine(0.1f), 1, 10ms);
    std::vector<Loudness> loudness;
    own.take_loudness(loudness);
    REQUIRE(loudness.size() == 3);
    CHECK(loudness[0].raw_dbfs == doctest::Approx(0).epsilon(0.1));
    CHECK(loudness[0].heard_dbfs == doctest::Approx(-20).epsilon(0.1));
    CHECK(loudness[0].clipped);
    CHECK_FALSE(loudness[1].clipped);
    CHECK(loudness[1].raw_dbfs == loudness[0].raw_dbfs);  // the device had given both at once
    CHECK(loudness[2].raw_dbfs == doctest::Approx(-6).epsilon(0.1));
}

TEST_CASE("what_nobody_takes_is_bounded") {
    OwnSound own;
    for (std::size_t i = 0; i < 5 * OwnSound::kMostBlocks; ++i) own.heard(std::vector<float>(kBlock), 1, 10ms);
    std::vector<Loudness> loudness;
    own.take_loudness(loudness);
    CHECK(loudness.size() <= OwnSound::kMostBlocks);
}

TEST_CASE("a_chime_begins_and_ends_in_silence") {
    const auto sound = chime();
    CHECK(std::abs(sound.front()) < 0.001f);
    CHECK(std::abs(sound.back()) < 0.001f);
    CHECK(std::ranges::max(sound) < 0.26f);
    CHECK(audio::largest_step(sound) < 0.05f);
}

}  // namespace earshot::client
