#include "audio/mixer.hpp"

#include <doctest/doctest.h>

#include "audio/signals_for_tests.hpp"

namespace earshot::audio {
namespace {

std::vector<float> stereo_of(ConstSamples mono) {
    std::vector<float> both;
    for (const float sample : mono) both.push_back(sample), both.push_back(sample);
    return both;
}
std::vector<float> left_of(ConstSamples stereo) {
    std::vector<float> left;
    for (std::size_t i = 0; i < stereo.size(); i += 2) left.push_back(stereo[i]);
    return left;
}

}  // namespace

TEST_CASE("a_volume_changes_without_a_step") {
    GainRamp ramp;
    auto sound = stereo_of(made_sine(200, 0.5, 4800));
    const double smooth = largest_step(left_of(sound));
    ramp.apply(Samples{sound}.first(1000));
    ramp.set(0);
    ramp.apply(Samples{sound}.subspan(1000, 500));
    ramp.set(2);  // in the middle of the way down
    for (std::size_t at = 1500; at < sound.size(); at += 300) ramp.apply(Samples{sound}.subspan(at, 300));
    const auto left = left_of(sound);
    CHECK(largest_step(left) < 2 * smooth + 0.01);
    CHECK(rms(ConstSamples{left}.last(2400)) == doctest::Approx(2 * 0.5 / std::sqrt(2)).epsilon(0.01));
}

TEST_CASE("a_gain_that_arrived_at_nothing_says_so") {
    GainRamp ramp;
    ramp.set(0);
    CHECK_FALSE(ramp.silent());
    std::vector<float> sound(2 * GainRamp::kRamp, 1.f);
    ramp.apply(sound);
    CHECK(ramp.silent());
    CHECK(sound.back() == 0);
    ramp.set(1);
    CHECK_FALSE(ramp.silent());
}

TEST_CASE("what_is_quiet_enough_passes_the_limiter_untouched") {
    SoftLimiter limiter;
    const auto sound = stereo_of(made_speech(0.79, 48'000));
    auto passed = sound;
    limiter.process(passed);
    CHECK(passed == sound);
}

TEST_CASE("ten_voices_at_once_stay_below_full_scale_and_click_nowhere") {
    SoftLimiter limiter;
    std::vector<float> mix(96'000);
    double steps = 0;
    for (std::uint64_t voice = 1; voice <= 10; ++voice) {
        const auto speech = made_speech(0.9, 48'000, voice, false);
        steps += largest_step(speech);
        add_to(mix, stereo_of(speech));
    }
    CHECK(*std::ranges::max_element(mix) > 1.5);
    const auto before = left_of(mix);
    for (std::size_t at = 0; at + 960 <= mix.size(); at += 960) limiter.process(Samples{mix}.subspan(at, 960));
    const auto after = left_of(mix);
    for (const float sample : after) CHECK(std::abs(sample) < 1.f);
    CHECK(largest_step(after) <= largest_step(before));
    CHECK(correlation_at(before, after, 0) > 0.95);
}

TEST_CASE("the_limiter_lets_go_again") {
    SoftLimiter limiter;
    std::vector<float> loud(4800, 3.f), quiet(96'000, 0.1f);
    limiter.process(loud);
    CHECK(limiter.gain() < 0.3f);
    limiter.process(Samples{quiet}.first(2000));
    CHECK(limiter.gain() < 0.9f);
    limiter.process(quiet);
    CHECK(limiter.gain() == 1.f);
    CHECK(quiet.back() == 0.1f);
}

}  // namespace earshot::audio
