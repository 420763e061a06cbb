#include "audio/short_filter.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "audio/signals_for_tests.hpp"

namespace earshot::audio {
namespace {

double gain_at(const FilterTaps& taps, double hertz) {
    double re = 0, im = 0;
    for (std::size_t i = 0; i < taps.size(); ++i) {
        const double angle = 2 * std::numbers::pi * hertz * static_cast<double>(i) / kRate;
        re += taps[i] * std::cos(angle), im += taps[i] * std::sin(angle);
    }
    return std::hypot(re, im);
}

// A fifth of the loudness above 6 kHz.
FilterGains dull() {
    FilterGains gains;
    for (std::size_t bin = 0; bin < gains.size(); ++bin) gains[bin] = bin < 28 ? 1.f : bin > 36 ? 0.2f : 1.f - 0.1f * static_cast<float>(bin - 28);
    return gains;
}

}  // namespace

TEST_CASE("the two filters have the loudness that was asked for") {
    FilterDesign design;
    FilterGains even;
    even.fill(0.5f);
    FilterTaps first, second;
    design.make(dull(), even, first, second);
    for (const double hertz : {300., 1000., 4000.}) CHECK(gain_at(first, hertz) == doctest::Approx(1).epsilon(0.03));
    for (const double hertz : {8000., 15'000., 20'000.}) CHECK(gain_at(first, hertz) == doctest::Approx(0.2).epsilon(0.05));
    for (const double hertz : {300., 8000., 20'000.}) CHECK(gain_at(second, hertz) == doctest::Approx(0.5).epsilon(0.01));
    CHECK(second[0] == doctest::Approx(0.5).epsilon(0.01));
}

TEST_CASE("a filter holds a voice back by less than a fifth of a millisecond") {
    FilterDesign design;
    FilterTaps taps, other;
    design.make(dull(), dull(), taps, other);
    ChangingFilter filter;
    const auto said = made_speech(0.5, 48'000, 3, false);
    auto heard = said;
    for (std::size_t at = 0; at + 240 <= heard.size(); at += 240) filter.process(std::span<float, 240>{heard.data() + at, 240}, taps);
    const auto match = best_match(ConstSamples{said}.subspan(9600, 24'000), ConstSamples{heard}.subspan(9600), 500);
    CHECK(match.shift <= 9);
    CHECK(match.correlation > 0.99);
}

TEST_CASE("changing to and fro makes no step") {
    FilterDesign design;
    FilterGains low, high;
    low.fill(0.2f), high.fill(1.f);
    FilterTaps soft, loud;
    design.make(low, high, soft, loud);
    ChangingFilter filter;
    const auto tone = made_sine(300, 0.5, 48'000);
    auto heard = tone;
    for (std::size_t at = 0; at + 240 <= heard.size(); at += 240) filter.process(std::span<float, 240>{heard.data() + at, 240}, at / 240 % 2 ? soft : loud);
    CHECK(largest_step(heard) < 1.2 * largest_step(tone));
}

}  // namespace earshot::audio
