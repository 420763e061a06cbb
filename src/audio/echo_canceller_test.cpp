#include "audio/echo_canceller.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "audio/room_for_tests.hpp"

namespace earshot::audio {
namespace {

struct Run {
    std::vector<float> left;
    double loss_db(ConstSamples echo, std::size_t from, std::size_t to) const {
        return 10 * std::log10(energy(echo.subspan(from, to - from)) / std::max(1e-12, energy(ConstSamples{left}.subspan(from, to - from))));
    }
};

Run run(EchoCanceller& canceller, ConstSamples far, ConstSamples near) {
    Run run{{near.begin(), near.end()}};
    for (std::size_t at = 0; at + 480 <= near.size(); at += 480) {
        canceller.far_end(far.subspan(at, 480));
        canceller.near_end(Samples{run.left}.subspan(at, 480));
    }
    return run;
}

}  // namespace

TEST_CASE("the_echo_of_a_room_is_forty_decibels_weaker_after_three_seconds") {
    const auto far = made_speech(0.5, 48'000 * 12, 21, false);
    auto echo = room_echo(far);
    for (const bool noise : {false, true}) {
        auto canceller = make_webrtc_canceller({.echo = true, .noise = noise, .gain = false});
        REQUIRE(canceller.has_value());
        const auto heard = run(**canceller, far, echo);
        const double early = heard.loss_db(echo, 48'000, 144'000), late = heard.loss_db(echo, 144'000, 576'000);
        MESSAGE("ERLE second 1 to 3: ", early, " dB, after: ", late, " dB, noise suppression ", noise);
        // The bare canceller leaves a floor that the suppression of noise takes away; callers have both.
        CHECK(late >= (noise ? 40 : 27));
        CHECK(early >= 25);
    }
}

TEST_CASE("without_the_canceller_the_echo_stays") {
    const auto far = made_speech(0.5, 48'000 * 5, 21, false);
    const auto echo = room_echo(far);
    auto canceller = make_webrtc_canceller({.echo = false, .noise = false, .gain = false});
    CHECK(run(**canceller, far, echo).loss_db(echo, 144'000, 240'000) < 3);
}

TEST_CASE("a_voice_beside_the_echo_is_still_heard") {
    const auto far = made_speech(0.5, 48'000 * 10, 21, false);
    const auto near = made_speech(0.5, 48'000 * 10, 77, false);
    auto both = room_echo(far);
    for (std::size_t i = 48'000 * 6; i < both.size(); ++i) both[i] += near[i];
    auto canceller = make_webrtc_canceller({.echo = true, .noise = false, .gain = false});
    const auto heard = run(**canceller, far, both);
    const auto match = best_match(ConstSamples{near}.subspan(48'000 * 7, 96'000), ConstSamples{heard.left}.subspan(48'000 * 7), 1000);
    MESSAGE("double talk correlation ", match.correlation, " delayed by ", match.shift, " samples");
    CHECK(match.correlation > 0.5);
}

TEST_CASE("the_processing_holds_a_voice_back_by_a_few_milliseconds") {
    const auto near = made_speech(0.3, 48'000 * 4, 5, false);
    const std::vector<float> silence(near.size());
    for (const auto& settings :
         {ProcessingSettings{true, true, true, true}, ProcessingSettings{true, false, false, false}, ProcessingSettings{false, true, false, false},
          ProcessingSettings{false, false, true, false}, ProcessingSettings{false, false, false, true}}) {
        auto canceller = make_webrtc_canceller(settings);
        const auto heard = run(**canceller, silence, near);
        const auto match = best_match(ConstSamples{near}.subspan(96'000, 48'000), ConstSamples{heard.left}.subspan(96'000), 1500);
        MESSAGE("echo ", settings.echo, " noise ", settings.noise, " gain ", settings.gain, " high pass ", settings.high_pass, ": ", match.shift, " samples, ",
                match.correlation);
        CHECK(match.correlation > 0.8);
    }
}

TEST_CASE("noise_becomes_fainter_and_a_faint_voice_louder") {
    const auto hiss = made_noise(0.02, 48'000 * 5);
    const std::vector<float> silence(hiss.size());
    auto quiet = make_webrtc_canceller({.echo = false, .noise = true, .gain = false});
    const auto left = run(**quiet, silence, hiss);
    CHECK(left.loss_db(hiss, 144'000, 240'000) > 8);

    const auto faint = made_speech(0.03, 48'000 * 8, 3, false);
    auto lifter = make_webrtc_canceller({.echo = false, .noise = false, .gain = true});
    const auto lifted = run(**lifter, std::vector<float>(faint.size()), faint);
    CHECK(lifted.loss_db(faint, 240'000, 384'000) < -6);
}

}  // namespace earshot::audio
