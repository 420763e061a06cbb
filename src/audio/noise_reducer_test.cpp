#include "audio/noise_reducer.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "audio/signals_for_tests.hpp"

namespace earshot::audio {
namespace {

std::vector<float> reduced(std::vector<float> sound, bool nothing_else = false) {
    NoiseReducer reducer;
    for (std::size_t at = 0; at + 480 <= sound.size(); at += 480) reducer.process(std::span<float, 480>{sound.data() + at, 480}, nothing_else);
    return sound;
}
double decibels(ConstSamples a, ConstSamples b) { return 10 * std::log10(energy(a) / energy(b)); }

}  // namespace

TEST_CASE("steady noise becomes twelve decibels fainter, of whatever colour") {
    const auto white = made_noise(0.02, 48'000 * 5);
    auto brown = white;
    for (std::size_t i = 1; i < brown.size(); ++i) brown[i] = 0.98f * brown[i - 1] + 0.2f * white[i];
    for (const auto& noise : {white, brown}) {
        const auto left = reduced(noise);
        CHECK(decibels(ConstSamples{noise}.last(96'000), ConstSamples{left}.last(96'000)) > 12);
    }
}

TEST_CASE("a voice comes through as it was and when it was") {
    for (const double hiss : {0.0, 0.0005, 0.01}) {
        CAPTURE(hiss);
        const auto voice = made_speech(0.3, 48'000 * 6, 5, true);
        const auto noise = made_noise(hiss, voice.size());
        auto both = voice;
        for (std::size_t i = 0; i < both.size(); ++i) both[i] += noise[i];
        const auto left = reduced(both);
        const auto match = best_match(ConstSamples{voice}.subspan(96'000, 96'000), ConstSamples{left}.subspan(96'000), 400);
        MESSAGE("hiss ", hiss, ": ", match.shift, " samples, ", match.correlation);
        CHECK(match.shift <= 12);
        CHECK(match.correlation > 0.96);
        CHECK(std::abs(decibels(ConstSamples{voice}.last(96'000), ConstSamples{left}.last(96'000))) < 1.5);
    }
}

TEST_CASE("a voice in noise stands out more than before") {
    const auto voice = made_speech(0.3, 48'000 * 6, 5, false);
    auto both = made_noise(0.02, 48'000 * 12);
    for (std::size_t i = 0; i < voice.size(); ++i) both[i + 48'000 * 3] += voice[i];
    const auto left = reduced(both);
    const auto stands_out = [](ConstSamples s) { return decibels(s.subspan(48'000 * 4, 48'000 * 4), s.subspan(48'000, 96'000)); };
    CHECK(stands_out(left) > stands_out(both) + 10);
    // After the voice the noise is known as before.
    CHECK(decibels(ConstSamples{both}.last(48'000), ConstSamples{left}.last(48'000)) > 12);
}

TEST_CASE("a fan that starts is noise within two seconds") {
    std::vector<float> sound(48'000 * 2);
    const auto fan = made_noise(0.02, 48'000 * 4);
    sound.insert(sound.end(), fan.begin(), fan.end());
    const auto left = reduced(sound);
    CHECK(decibels(ConstSamples{sound}.last(48'000), ConstSamples{left}.last(48'000)) > 11);
}

TEST_CASE("what is known to be unwanted is let through at the floor, and numbers that are none do no lasting harm") {
    const auto voice = made_speech(0.3, 48'000 * 2, 5, false);
    CHECK(decibels(ConstSamples{voice}.last(48'000), reduced(voice, true)) > 10);
    for (const float sample : reduced(std::vector<float>(4800))) CHECK(sample == 0);
    auto broken = voice;
    broken[48'100] = std::nanf("");
    broken[48'101] = INFINITY;
    CHECK(decibels(ConstSamples{voice}.last(24'000), ConstSamples{reduced(broken)}.last(24'000)) < 1.5);
}

}  // namespace earshot::audio
