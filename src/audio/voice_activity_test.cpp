#include "audio/voice_activity.hpp"

#include <doctest/doctest.h>

#include "audio/signals_for_tests.hpp"

namespace earshot::audio {
namespace {

int open_blocks(VoiceActivity& gate, float dbov, Duration time) {
    int open = 0;
    for (Duration t{}; t < time; t += 10ms) open += gate.add(dbov, 10ms);
    return open;
}

}  // namespace

TEST_CASE("a_gate_opens_for_a_voice_and_holds_on_between_words") {
    VoiceActivity gate({.open_dbov = -40.f});
    CHECK(open_blocks(gate, -60, 1s) == 0);
    CHECK(open_blocks(gate, -30, 100ms) == 9);  // the second block opens it
    CHECK(open_blocks(gate, -60, 250ms) == 25);
    CHECK(open_blocks(gate, -30, 100ms) == 10);
    CHECK(open_blocks(gate, -60, 1s) == 29);
    CHECK_FALSE(gate.open());
}

TEST_CASE("one_click_of_a_key_opens_nothing") {
    VoiceActivity gate({.open_dbov = -40.f});
    for (int i = 0; i < 20; ++i) {
        CHECK_FALSE(gate.add(-20, 10ms));
        CHECK(open_blocks(gate, -70, 100ms) == 0);
    }
}

TEST_CASE("a_little_below_the_gate_is_loud_enough_to_stay") {
    VoiceActivity gate({.open_dbov = -40.f});
    open_blocks(gate, -30, 50ms);
    CHECK(open_blocks(gate, -43, 2s) == 200);
    CHECK(open_blocks(gate, -46, 2s) < 40);
    CHECK(open_blocks(gate, -43, 2s) == 0);
}

TEST_CASE("a_gate_without_a_level_fits_itself_to_the_room") {
    VoiceActivity gate;
    open_blocks(gate, -70, 5s);
    CHECK(gate.threshold_dbov() == doctest::Approx(-58));
    // A fan is switched on: open for a few seconds, then known.
    open_blocks(gate, -45, 6s);
    CHECK_FALSE(gate.open());
    CHECK(gate.threshold_dbov() == doctest::Approx(-33));
    CHECK(open_blocks(gate, -25, 200ms) >= 18);
    open_blocks(gate, -45, 1s);
    // And off again.
    open_blocks(gate, -70, 1s);
    CHECK(open_blocks(gate, -50, 200ms) >= 18);
}

TEST_CASE("minutes_of_speech_are_not_taken_for_noise") {
    VoiceActivity gate;
    open_blocks(gate, -65, 1s);
    const auto speech = made_speech(0.4, 48'000 * 60);
    int open = 0, loud = 0;
    for (std::size_t at = 0; at + 480 <= speech.size(); at += 480) {
        const float level = std::max(-65.f, dbov(ConstSamples{speech}.subspan(at, 480)));
        const bool is_open = gate.add(level, 10ms);
        if (level > -40) ++loud, open += is_open;
    }
    CHECK(open > loud * 98 / 100);
}

TEST_CASE("echo_opens_no_gate") {
    VoiceActivity gate({.open_dbov = -40.f});
    for (int i = 0; i < 100; ++i) CHECK_FALSE(gate.add(-20, 10ms, false));
}

}  // namespace earshot::audio
