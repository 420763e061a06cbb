#include "audio/resampler.hpp"

#include <doctest/doctest.h>

#include "audio/signals_for_tests.hpp"

namespace earshot::audio {
namespace {

std::vector<float> resampled(Resampler& resampler, ConstSamples in, std::size_t piece) {
    std::vector<float> out, part(4096);
    for (std::size_t at = 0; at < in.size();) {
        const auto done = resampler.process(in.subspan(at, std::min(piece, in.size() - at)), part);
        at += done.consumed;
        out.insert(out.end(), part.begin(), part.begin() + static_cast<std::ptrdiff_t>(done.produced));
        REQUIRE(done.consumed + done.produced > 0);
    }
    return out;
}

}  // namespace

TEST_CASE("a_tone_keeps_its_pitch_and_its_loudness_at_every_rate") {
    for (const int rate : {8'000, 11'025, 16'000, 22'050, 44'100, 48'000, 96'000, 192'000}) {
        CAPTURE(rate);
        auto up = Resampler::make(rate, kRate, 1);
        const auto tone = made_sine(1000, 0.5, static_cast<std::size_t>(rate), rate);
        const auto out = resampled(*up, tone, 441);
        CHECK(out.size() == doctest::Approx(48'000).epsilon(0.01));
        const auto wanted = made_sine(1000, 0.5, 4'800);
        const auto latency = static_cast<std::size_t>(up->latency().count() * kRate / 1'000'000'000);
        const auto match = best_match(wanted, ConstSamples{out}.subspan(48 * (latency / 48)), 60);
        CHECK(match.correlation > 0.99);  // the latency is no whole number of samples
        CHECK(rms(ConstSamples{out}.subspan(9'600, 9'600)) == doctest::Approx(0.5 / std::sqrt(2)).epsilon(0.01));
    }
}

TEST_CASE("pieces_are_the_same_as_the_whole") {
    const auto sound = made_speech(0.5, 44'100);
    auto whole = Resampler::make(44'100, kRate, 1), torn = Resampler::make(44'100, kRate, 1);
    const auto a = resampled(*whole, sound, 3'000), b = resampled(*torn, sound, 7);
    REQUIRE(a.size() >= b.size());
    CHECK(a.size() - b.size() < 50);
    double worst = 0;
    for (std::size_t i = 0; i < b.size(); ++i) worst = std::max(worst, std::abs(static_cast<double>(a[i]) - b[i]));
    CHECK(worst < 1e-4);
}

TEST_CASE("what_a_lower_rate_cannot_hold_is_taken_out") {
    auto down = Resampler::make(kRate, 16'000, 1);
    const auto out = resampled(*down, made_sine(11'000, 0.5, 48'000), 480);
    CHECK(rms(ConstSamples{out}.subspan(1'000)) < 0.002);
}

TEST_CASE("the_same_rate_passes_through_and_nonsense_is_refused") {
    auto same = Resampler::make(kRate, kRate, 2);
    CHECK(same->passes_through());
    CHECK(same->latency() == Duration{0});
    CHECK_FALSE(Resampler::make(0, kRate, 1).has_value());
    CHECK_FALSE(Resampler::make(kRate, 4'000'000, 1).has_value());
    CHECK_FALSE(Resampler::make(kRate, 8'000, 0).has_value());
}

}  // namespace earshot::audio
