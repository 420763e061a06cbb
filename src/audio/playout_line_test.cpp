#include "audio/playout_line.hpp"

#include <doctest/doctest.h>

#include "audio/clicks_for_tests.hpp"
#include "audio/signals_for_tests.hpp"

namespace earshot::audio {
namespace {

void append(PlayoutLine& line, ConstSamples mono) {
    auto space = line.append(mono.size());
    for (std::size_t n = 0; n < mono.size(); ++n) space[2 * n] = space[2 * n + 1] = mono[n];
}

std::vector<float> take(PlayoutLine& line, std::size_t frames) {
    std::vector<float> stereo(frames * 2), mono;
    line.consume(stereo);
    for (std::size_t n = 0; n < frames; ++n) {
        CHECK(stereo[2 * n] == stereo[2 * n + 1]);
        mono.push_back(stereo[2 * n]);
    }
    return mono;
}

// 200 Hz: 240 frames a period.
std::vector<float> tone(std::size_t frames) { return made_sine(200, 0.5, frames); }

double difference(const std::vector<float>& a, const std::vector<float>& b) {
    double most = a.size() == b.size() ? 0 : 9;
    for (std::size_t n = 0; n < std::min(a.size(), b.size()); ++n) most = std::max(most, std::abs(double{a[n]} - double{b[n]}));
    return most;
}

}  // namespace

TEST_CASE("what is appended is played, however often the tape is wound back") {
    PlayoutLine line;
    const auto sound = made_noise(0.5, 200'000);
    std::vector<float> heard;
    for (std::size_t at = 0; at + 960 <= sound.size(); at += 960) {
        append(line, ConstSamples{sound}.subspan(at, 960));
        const auto part = take(line, 960);
        heard.insert(heard.end(), part.begin(), part.end());
    }
    CHECK(difference(heard, {sound.begin(), sound.begin() + static_cast<std::ptrdiff_t>(heard.size())}) == 0);
}

TEST_CASE("leaving out a period, or repeating one, leaves a tone as it was") {
    PlayoutLine line;
    const auto sound = tone(6000);
    append(line, ConstSamples{sound}.first(3000));
    auto heard = take(line, 1443);
    line.leave_out(480, 240, 1.0f);
    CHECK(line.pending() == 3000 - 1443 - 480);
    append(line, ConstSamples{sound}.subspan(3000, 1000));
    auto more = take(line, 500);
    heard.insert(heard.end(), more.begin(), more.end());
    line.repeat(720, 240, 1.0f);
    more = take(line, line.pending());
    heard.insert(heard.end(), more.begin(), more.end());
    CHECK(heard.size() == 4000 - 480 + 720);
    CHECK(difference(heard, tone(heard.size())) < 1e-4);
}

TEST_CASE("loudness holds across a joint, whether the two sides are alike or not") {
    for (const float alike : {0.0f, 0.5f, 1.0f})
        for (float position = 0.05f; position < 1; position += 0.1f) {
            const auto fade = cross_fade(position, alike);
            CHECK(fade.out * fade.out + fade.in * fade.in + 2 * fade.out * fade.in * alike == doctest::Approx(1));
        }
}

TEST_CASE("a hard cut is a click, a faded one is not") {
    const auto sound = tone(9600);
    CHECK(largest_splash(sound) < 2);
    auto cut = sound;
    cut.erase(cut.begin() + 5000, cut.begin() + 5100);
    CHECK(largest_splash(cut) > 10);
    PlayoutLine line;
    append(line, sound);
    auto heard = take(line, 5000);
    line.leave_out(100 + 240, 240, 0.0f);
    const auto rest = take(line, line.pending());
    heard.insert(heard.end(), rest.begin(), rest.end());
    CHECK(largest_splash(heard) < 4);
}

TEST_CASE("nothing is left after clearing, the past neither") {
    PlayoutLine line;
    append(line, tone(3000));
    take(line, 2000);
    line.clear();
    CHECK(line.pending() == 0);
    CHECK(rms(line.view()) == 0);
}

}  // namespace earshot::audio
