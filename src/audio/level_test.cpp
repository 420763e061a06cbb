#include "audio/level.hpp"

#include <doctest/doctest.h>

#include <limits>

#include "audio/signals_for_tests.hpp"

namespace earshot::audio {

TEST_CASE("full_scale_is_zero_and_silence_is_127") {
    const std::vector<float> square(480, 1.f), silence(480), faint(480, 1e-7f);
    CHECK(level_of(square) == 0);
    CHECK(level_of(silence) == 127);
    CHECK(level_of(faint) == 127);
    CHECK(level_of({}) == 127);
    CHECK(level_of(made_sine(1000, 1, 480)) == 3);
    CHECK(level_of(made_sine(1000, 0.1, 480)) == 23);
    const std::vector<float> loud(480, 100.f), broken(480, std::numeric_limits<float>::quiet_NaN());
    CHECK(level_of(loud) == 0);
    CHECK(level_of(broken) == 127);
}

TEST_CASE("a_meter_rises_at_once_and_falls_in_its_time") {
    LevelMeter meter;
    const Time start{10s};
    meter.add(start, made_sine(1000, 1, 480));
    CHECK(meter.dbfs(start) == doctest::Approx(0).epsilon(0.02));
    CHECK(meter.dbfs(start + 500ms) == doctest::Approx(-15).epsilon(0.02));
    meter.add(start + 500ms, made_sine(1000, 0.001, 480));
    CHECK(meter.dbfs(start + 500ms) == doctest::Approx(-15).epsilon(0.02));
    CHECK(meter.dbfs(start + 60s) == kSilenceDb);
}

TEST_CASE("a_peak_stands_for_a_second") {
    LevelMeter meter;
    const Time start{10s};
    meter.add(start, made_sine(1000, 0.5, 480));
    for (Duration t = 10ms; t < 900ms; t += 10ms) meter.add(start + t, made_sine(1000, 0.05, 480));
    CHECK(meter.peak_dbfs(start + 900ms) == doctest::Approx(-6).epsilon(0.02));
    CHECK(meter.dbfs(start + 890ms) == doctest::Approx(-26).epsilon(0.02));
    CHECK(meter.peak_dbfs(start + 2s) < -30);
}

}  // namespace earshot::audio
