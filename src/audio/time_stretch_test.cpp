#include "audio/time_stretch.hpp"

#include <doctest/doctest.h>

#include <utility>

#include "audio/signals_for_tests.hpp"

namespace earshot::audio {
namespace {

std::vector<float> both_ears(ConstSamples mono) {
    std::vector<float> stereo;
    for (const float sample : mono) stereo.insert(stereo.end(), 2, sample);
    return stereo;
}

// A voice's source: a pulse each `period` through a resonance, with a little noise.
std::vector<float> voice(std::size_t period, std::size_t frames) {
    std::vector<float> sound = made_noise(0.001, frames);
    float before = 0, last = 0;
    for (std::size_t n = 0; n < frames; ++n) {
        const float now = (n % period == 0 ? 1.0f : 0.0f) + 1.85f * last - 0.87f * before;
        before = std::exchange(last, now);
        sound[n] += now * 0.05f;
    }
    return sound;
}

}  // namespace

TEST_CASE("the pitch period of a voice is found to the sample, looking ahead and back") {
    for (const std::size_t period : {133u, 240u, 377u, 611u}) {
        CAPTURE(period);
        const auto sound = both_ears(voice(period, 4800));
        for (const bool backwards : {false, true}) {
            const auto found = find_lag(sound, {.at = 2000, .backwards = backwards});
            CHECK(found.lag % period == 0);
            CHECK(found.similarity > 0.95f);
        }
    }
}

TEST_CASE("noise resembles nothing and silence divides by nothing") {
    const auto noise = both_ears(made_noise(0.5, 4800));
    CHECK(find_lag(noise, {.at = 2000}).similarity < 0.5f);
    const std::vector<float> silence(9600, 0.0f);
    const auto found = find_lag(silence, {.at = 2000});
    CHECK(found.energy == 0.0f);
    CHECK(found.similarity == doctest::Approx(0.0f));
}

TEST_CASE("it looks only where there is sound") {
    const auto sound = both_ears(voice(240, 2000));
    CHECK(find_lag(sound, {.at = 1700}).lag == 0);    // less than the shortest lag is left
    CHECK(find_lag(sound, {.at = 1500}).lag == 240);  // 260 are left
    CHECK(find_lag(sound, {.at = 0, .backwards = true}).lag == 0);
    CHECK(find_lag(sound, {.at = 1900}).lag == 0);
    CHECK(find_lag({}, {.at = 0}).lag == 0);
}

}  // namespace earshot::audio
