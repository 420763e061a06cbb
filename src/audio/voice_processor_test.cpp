#include "audio/voice_processor.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "audio/room_for_tests.hpp"

namespace earshot::audio {
namespace {

std::vector<float> processed(VoiceProcessor& processor, ConstSamples far, std::vector<float> near) {
    int since = 1000;
    for (std::size_t at = 0; at + 480 <= near.size(); at += 480) {
        const std::span<const float, 480> loudspeakers{far.data() + at, 480};
        since = energy(loudspeakers) > 0 ? 0 : since + 1;
        processor.far_end(loudspeakers);
        processor.near_end(std::span<float, 480>{near.data() + at, 480}, since < 100);
    }
    return near;
}
double loss_db(ConstSamples before, ConstSamples after, std::size_t from, std::size_t to) {
    return 10 * std::log10(energy(before.subspan(from, to - from)) / std::max(1e-12, energy(after.subspan(from, to - from))));
}

}  // namespace

TEST_CASE("a voice is held back by little more than a millisecond while nobody else speaks") {
    const auto said = made_speech(0.3, 48'000 * 4, 5, false);
    auto processor = *VoiceProcessor::make({});
    const auto left = processed(*processor, std::vector<float>(said.size()), said);
    const auto match = best_match(ConstSamples{said}.subspan(96'000, 48'000), ConstSamples{left}.subspan(96'000), 1500);
    MESSAGE("held back ", match.shift, " samples, correlation ", match.correlation);
    CHECK(match.shift <= 60);
    CHECK(match.correlation > 0.8);  // the high pass turns the phase of a deep voice
}

TEST_CASE("the echo of a room is forty decibels weaker after three seconds") {
    for (const std::uint64_t seed : {21, 22, 23}) {
        const auto far = made_speech(0.5, 48'000 * 12, seed, seed != 21);
        const auto echo = room_echo(far);
        auto processor = *VoiceProcessor::make({.gain = false});
        const auto left = processed(*processor, far, echo);
        const double early = loss_db(echo, left, 48'000, 144'000), late = loss_db(echo, left, 144'000, 576'000);
        MESSAGE("second 1 to 3: ", early, " dB, after: ", late, " dB");
        CHECK(late >= 40);
        CHECK(early >= 25);
    }
}

TEST_CASE("an echo after a long silence is cancelled as well") {
    const auto said = made_speech(0.5, 48'000 * 10, 21, false);
    std::vector<float> far(48'000 * 16);
    std::copy_n(said.begin(), 48'000 * 8, far.begin());
    std::copy_n(said.begin(), 48'000 * 4, far.begin() + 48'000 * 12);
    const auto echo = room_echo(far);
    auto processor = *VoiceProcessor::make({.gain = false});
    const auto left = processed(*processor, far, echo);
    CHECK(loss_db(echo, left, 48'000 * 12, 48'000 * 13) > 15);
    CHECK(loss_db(echo, left, 48'000 * 13, 48'000 * 16) > 35);
}

TEST_CASE("a voice beside the echo is still heard, and no joint of it clicks") {
    std::vector<float> far = made_speech(0.5, 48'000 * 16, 21, false);
    std::fill(far.begin(), far.begin() + 48'000 * 2, 0.f);
    std::fill(far.begin() + 48'000 * 10, far.end(), 0.f);
    const auto near = made_speech(0.5, far.size(), 77, true);
    auto both = room_echo(far);
    for (std::size_t i = 0; i < both.size(); ++i) both[i] += near[i];
    auto processor = *VoiceProcessor::make({.gain = false});
    const auto left = processed(*processor, far, both);
    const auto beside = best_match(ConstSamples{near}.subspan(48'000 * 7, 96'000), ConstSamples{left}.subspan(48'000 * 7), 1200);
    const auto after = best_match(ConstSamples{near}.subspan(48'000 * 14, 48'000), ConstSamples{left}.subspan(48'000 * 14), 1200);
    MESSAGE("double talk correlation ", beside.correlation, " after ", beside.shift, " samples; then ", after.correlation, " after ", after.shift);
    CHECK(beside.correlation > 0.5);
    CHECK(after.correlation > 0.85);
    CHECK(after.shift <= 12);
    CHECK(largest_step(left) < 1.3 * largest_step(both));
}

TEST_CASE("noise is left, made fainter, or made fainter still, and a voice stays what it was") {
    const auto voice = made_speech(0.3, 48'000 * 6, 5, true);
    const auto hiss = made_noise(0.01, voice.size());
    auto both = hiss;
    for (std::size_t i = 0; i < both.size(); ++i) both[i] += voice[i];
    const std::vector<float> nobody(voice.size());
    const auto run = [&](bool noise, bool strong, const std::vector<float>& sound) {
        auto processor = *VoiceProcessor::make({.echo = false, .noise = noise, .gain = false, .high_pass = false, .strong = strong});
        return processed(*processor, nobody, sound);
    };
    const double light = loss_db(hiss, run(true, false, hiss), 144'000, 288'000), strong = loss_db(hiss, run(true, true, hiss), 144'000, 288'000);
    MESSAGE("light: ", light, " dB, strong: ", strong, " dB");
    CHECK(run(false, false, hiss) == hiss);
    CHECK(run(false, true, hiss) == hiss);  // strong is a way of taking noise out, no wish to
    CHECK(light > 12);
    CHECK(strong > light + 6);
    for (const bool more : {false, true}) {
        const auto left = run(true, more, both);
        const auto match = best_match(ConstSamples{voice}.subspan(96'000, 96'000), ConstSamples{left}.subspan(96'000), 600);
        MESSAGE("strong ", more, ": held back ", match.shift, " samples, correlation ", match.correlation);
        CHECK(match.shift <= (more ? 350u : 12u));  // 6 ms, and 1 for the module's bands
        CHECK(match.correlation > 0.95);
        CHECK(std::abs(loss_db(voice, left, 96'000, 288'000)) < 2);
    }
}

TEST_CASE("each part can be left out") {
    const auto said = made_speech(0.3, 48'000 * 2, 5, false);
    auto nothing = *VoiceProcessor::make({.echo = false, .noise = false, .gain = false, .high_pass = false});
    CHECK(processed(*nothing, made_noise(0.1, said.size()), said) == said);
    auto lifter = *VoiceProcessor::make({.echo = false, .noise = false, .gain = true, .high_pass = false});
    const auto faint = made_speech(0.03, 48'000 * 8, 3, false);
    CHECK(loss_db(faint, processed(*lifter, std::vector<float>(faint.size()), faint), 240'000, 384'000) < -6);
}

}  // namespace earshot::audio
