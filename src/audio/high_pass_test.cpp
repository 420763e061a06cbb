#include "audio/high_pass.hpp"

#include <doctest/doctest.h>

#include "audio/signals_for_tests.hpp"

namespace earshot::audio {
namespace {

double kept(double hertz) {
    HighPass filter;
    const auto tone = made_sine(hertz, 0.5, 48'000);
    auto left = tone;
    filter.process(left);
    return rms(ConstSamples{left}.last(24'000)) / rms(ConstSamples{tone}.last(24'000));
}

}  // namespace

TEST_CASE("a voice passes, a hum does not") {
    CHECK(kept(20) < 0.12);
    CHECK(kept(60) == doctest::Approx(0.707).epsilon(0.02));
    CHECK(kept(150) > 0.97);
    CHECK(kept(8000) == doctest::Approx(1).epsilon(0.001));
}

TEST_CASE("one number that is none is forgotten") {
    HighPass filter;
    std::vector<float> broken(480, 0.1f);
    broken[470] = std::nanf("");
    filter.process(broken);
    auto tone = made_sine(500, 0.5, 4800);
    filter.process(tone);
    CHECK(rms(tone) > 0.3);
}

}  // namespace earshot::audio
