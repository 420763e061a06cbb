#include "client/voice/caller.hpp"

#include <doctest/doctest.h>

#include <deque>

#include "audio/signals_for_tests.hpp"

namespace earshot::client {
namespace {

using audio::ConstSamples;

constexpr MemberId kAna{7}, kBo{8};
const audio::ProcessingSettings kNone{.echo = false, .noise = false, .gain = false, .high_pass = false};

// Two callers, a wire without weather between them, devices that ask for `period` samples at a time.
struct Line {
    Caller ana, bo;
    std::size_t period = 480;
    Duration delay = 1ms;
    Time now{1h};
    std::vector<float> heard{};    // Bo's left ear
    std::vector<Outgoing> sent{};  // all of Ana's
    std::vector<Time> sent_at{};
    std::deque<std::pair<Time, Outgoing>> wire{};
    std::uint64_t sequence = 1000;
    int (*lose)(std::uint64_t) = nullptr;

    void speak(ConstSamples sound) {
        std::vector<Outgoing> out;
        std::vector<float> ear(2 * period);
        for (std::size_t at = 0; at + period <= sound.size(); at += period) {
            now += Duration{static_cast<std::int64_t>(period) * 1'000'000'000 / audio::kRate};
            out.clear();
            ana.capture(now, sound.subspan(at, period), 1, out);
            for (const auto& packet : out) {
                sent.push_back(packet);
                sent_at.push_back(now);
                wire.emplace_back(now + delay, packet);
            }
            while (!wire.empty() && wire.front().first <= now) {
                const auto& packet = wire.front().second;
                bo.receive(wire.front().first, 0,
                           {.payload = packet.payload(), .sequence = ++sequence, .timestamp = packet.timestamp, .marker = packet.marker});
                wire.pop_front();
            }
            bo.play(now, ear);
            for (std::size_t i = 0; i < ear.size(); i += 2) heard.push_back(ear[i]);
        }
    }
    void wait(Duration time) { speak(std::vector<float>(static_cast<std::size_t>(time.count() * audio::kRate / 1'000'000'000))); }
};

Line make_line(CallerSettings settings = {.processing = kNone}) {
    Line line{*Caller::make(settings), *Caller::make({.processing = kNone})};
    line.bo.set_slot(0, kAna);
    return line;
}

}  // namespace

TEST_CASE("what_is_said_is_heard") {
    auto line = make_line();
    line.wait(500ms);
    line.heard.clear();
    const auto said = audio::made_speech(0.5, 96'000, 3);
    line.speak(said);
    line.wait(200ms);
    const auto match = audio::best_match(ConstSamples{said}.subspan(24'000, 48'000), ConstSamples{line.heard}.subspan(24'000), 9600);
    CHECK(match.correlation > 0.8);
    MESSAGE("mouth to ear without network and devices: ", match.shift / 48, " ms, correlation ", match.correlation);
}

TEST_CASE("silence_sends_nothing_and_a_talk_ends_with_a_word_of_silence") {
    auto line = make_line();
    line.wait(3s);
    CHECK(line.sent.empty());
    line.speak(audio::made_speech(0.5, 48'000, 3, false));
    CHECK(line.sent.front().marker);
    CHECK(line.sent.size() >= 95);
    line.wait(3s);
    const auto count = line.sent.size();
    CHECK(line.sent.back().size == 1);
    CHECK(count < 145);
    CHECK(line.sent_at.back() < line.now - 2s);
    line.wait(5s);
    CHECK(line.sent.size() == count);
}

TEST_CASE("timestamps_go_on_through_a_pause") {
    auto line = make_line({.processing = kNone, .dtx = false});
    line.wait(1s);
    line.speak(audio::made_speech(0.5, 48'000, 3, false));
    line.wait(3s);
    const auto before = line.sent.size();
    line.speak(audio::made_speech(0.5, 48'000, 5, false));
    for (std::size_t i = 1; i < line.sent.size(); ++i) {
        if (i == before)
            CHECK(line.sent[i].timestamp - line.sent[i - 1].timestamp > 90'000);
        else
            CHECK(line.sent[i].timestamp - line.sent[i - 1].timestamp == 480);
    }
    CHECK(line.sent[before].marker);
    CHECK_FALSE(line.sent[before + 1].marker);
}

TEST_CASE("the_moments_before_the_gate_opened_are_sent") {
    auto line = make_line();
    line.wait(1s);
    std::vector<float> word(9600);
    const auto tone = audio::made_sine(400, 0.3, 4800);
    std::copy(tone.begin(), tone.end(), word.begin() + 4800);
    const auto before = line.now;
    line.speak(word);
    REQUIRE(line.sent.size() > 6);
    // The gate needs two loud blocks; the first packet was spoken before the sound began.
    CHECK(line.sent_at[0] - before <= 130ms);
    const auto begins = 48'000 + 4800;
    CHECK(line.sent[0].timestamp <= begins - 960);
    CHECK(std::count(line.sent_at.begin(), line.sent_at.end(), line.sent_at[0]) >= 5);
}

TEST_CASE("nothing_said_while_muted_is_ever_sent") {
    auto line = make_line();
    line.ana.mute(true);
    line.speak(audio::made_speech(0.8, 48'000, 3, false));
    CHECK(line.sent.empty());
    CHECK(line.ana.meters(line.now).speaks_while_muted);
    line.ana.mute(false);
    const auto unmuted = 48'000u;
    line.speak(audio::made_speech(0.8, 48'000, 4, false));
    REQUIRE_FALSE(line.sent.empty());
    CHECK(line.sent.front().timestamp >= unmuted);
}

TEST_CASE("muting_in_the_middle_of_a_word_clicks_nowhere") {
    auto line = make_line();
    line.wait(500ms);
    const auto tone = audio::made_sine(300, 0.5, 48'000);
    line.speak(tone);
    line.ana.mute(true);
    line.speak(tone);
    CHECK(audio::largest_step(line.heard) < 3 * audio::largest_step(tone));
    CHECK(audio::rms(ConstSamples{line.heard}.last(24'000)) < 1e-3);
}

TEST_CASE("a_hands_free_talk_is_sent_until_it_falls_silent") {
    auto settings = CallerSettings{.processing = kNone};
    settings.talk.activation = Activation::kPushToTalk;
    auto line = make_line(settings);
    line.speak(audio::made_speech(0.5, 48'000, 3, false));
    CHECK(line.sent.empty());
    line.ana.hands_free(line.now);
    line.speak(audio::made_speech(0.5, 48'000, 3, false));
    CHECK(line.sent.size() >= 98);
    CHECK(line.ana.meters(line.now).hands_free);
    line.wait(2s);
    CHECK_FALSE(line.ana.meters(line.now).hands_free);
    CHECK_FALSE(line.ana.meters(line.now).on_air);
}

TEST_CASE("a_member_is_as_loud_as_one_wants_him_on_whatever_slot") {
    auto line = make_line();
    line.bo.set_volume(kAna, 50);
    const auto tone = audio::made_sine(300, 0.5, 96'000);
    line.speak(tone);
    CHECK(audio::rms(ConstSamples{line.heard}.last(24'000)) == doctest::Approx(0.25 / std::sqrt(2)).epsilon(0.1));
    line.bo.set_volume(kAna, 0);
    line.speak(tone);
    CHECK(audio::rms(ConstSamples{line.heard}.last(24'000)) < 1e-4);
    line.bo.set_slot(0, kBo);
    line.speak(tone);
    CHECK(audio::rms(ConstSamples{line.heard}.last(24'000)) == doctest::Approx(0.5 / std::sqrt(2)).epsilon(0.1));
}

TEST_CASE("who_is_deafened_hears_nothing_and_says_nothing_and_comes_back") {
    auto line = make_line();
    const auto tone = audio::made_sine(300, 0.5, 48'000);
    line.speak(tone);
    line.bo.deafen(true);
    line.speak(tone);
    CHECK(audio::rms(ConstSamples{line.heard}.last(24'000)) == 0);
    CHECK(line.bo.meters(line.now).muted);
    line.bo.deafen(false);
    line.speak(tone);
    CHECK(audio::rms(ConstSamples{line.heard}.last(24'000)) > 0.2);
    CHECK_FALSE(line.bo.meters(line.now).muted);
}

TEST_CASE("loss_brings_fec_and_the_end_of_loss_ends_it") {
    auto line = make_line();
    line.ana.reported(line.now, 0.05);
    CHECK(line.ana.meters(line.now).expected_loss_percent > 0);
    for (int i = 0; i < 60; ++i) line.ana.reported(line.now += 1s, 0);
    CHECK(line.ana.meters(line.now).expected_loss_percent == 0);
    for (int i = 0; i < 60; ++i) line.ana.reported(line.now += 1s, 0.4);
    CHECK(line.ana.meters(line.now).bitrate == 20'000);
}

TEST_CASE("low_delay_sends_five_milliseconds_at_a_time") {
    auto line = make_line({.low_delay = true});
    line.period = 120;
    line.wait(100ms);
    line.speak(audio::made_speech(0.5, 24'000, 3, false));
    REQUIRE(line.sent.size() > 80);
    CHECK(line.sent[41].timestamp - line.sent[40].timestamp == 240);
}

TEST_CASE("music_is_stereo_and_knows_no_gate") {
    auto caller = Caller::make({.music = true});
    REQUIRE(caller.has_value());
    CHECK(caller->microphone_channels() == 2);
    std::vector<Outgoing> out;
    const auto faint = audio::made_sine(440, 0.001, 9600);
    caller->capture(Time{1s}, faint, 2, out);
    REQUIRE(out.size() == 10);
    caller->set_activation(Activation::kVoice);
    caller->capture(Time{1s}, faint, 2, out);
    REQUIRE(out.size() == 20);
    CHECK((out[0].bytes[0] & 4) != 0);  // RFC 6716 section 3.1: stereo
}

TEST_CASE("odd_periods_of_a_device_lose_no_sample") {
    auto line = make_line();
    line.period = 441;
    line.wait(500ms);
    const auto said = audio::made_speech(0.5, 96'000, 3, false);
    line.heard.clear();
    line.speak(said);
    const auto match = audio::best_match(ConstSamples{said}.subspan(24'000, 48'000), ConstSamples{line.heard}.subspan(24'000), 9600);
    CHECK(match.correlation > 0.8);
}

TEST_CASE("a_mode_is_changed_in_the_middle_of_a_call") {
    auto line = make_line();
    line.speak(audio::made_speech(0.5, 48'000, 3, false));
    const auto last = line.sent.back().timestamp;
    CHECK(line.ana.change({.music = true}).has_value());
    line.speak(audio::made_speech(0.5, 48'000, 3, false));
    CHECK(line.sent.back().timestamp - last > 40'000);
    CHECK((line.sent.back().bytes[0] & 4) != 0);
    CHECK_FALSE(line.ana.change({.bitrate = 5}).has_value());
    CHECK(line.ana.settings().music);
}

TEST_CASE("processing_costs_a_voice_a_millisecond_until_the_other_speaks") {
    std::size_t without = 0;
    for (const auto& processing : {kNone, audio::ProcessingSettings{}}) {
        auto line = make_line({.processing = processing});
        line.wait(500ms);
        line.heard.clear();
        const auto said = audio::made_speech(0.3, 96'000, 3, false);
        line.speak(said);
        line.wait(200ms);
        const auto match = audio::best_match(ConstSamples{said}.subspan(24'000, 48'000), ConstSamples{line.heard}.subspan(24'000), 9600);
        CHECK(match.correlation > 0.6);
        if (without == 0) without = match.shift;
        CHECK(match.shift <= without + 72);
        CHECK_FALSE(line.ana.microphone().cancelling());
    }
}

TEST_CASE("the_canceller_works_while_the_loudspeakers_speak_and_rests_after") {
    auto line = make_line({});
    auto other = *Caller::make({.talk = {.activation = Activation::kOpen}, .processing = kNone, .dtx = false});
    const auto voice = audio::made_speech(0.5, 48'000, 9, false);
    std::vector<Outgoing> out;
    std::vector<float> ear(960);
    std::uint64_t sequence = 0;
    for (std::size_t at = 0; at + 480 <= voice.size(); at += 480) {
        line.now += 10ms;
        out.clear();
        other.capture(line.now, ConstSamples{voice}.subspan(at, 480), 1, out);
        for (const auto& packet : out) line.ana.receive(line.now, 0, {.payload = packet.payload(), .sequence = ++sequence, .timestamp = packet.timestamp});
        line.ana.play(line.now, ear);
        out.clear();
        line.ana.capture(line.now, ConstSamples{voice}.subspan(at, 480), 1, out);
    }
    CHECK(line.ana.microphone().cancelling());
    for (int i = 0; i < 300; ++i) {
        line.ana.play(line.now += 10ms, ear);
        line.ana.capture(line.now, std::vector<float>(480), 1, out);
    }
    CHECK_FALSE(line.ana.microphone().cancelling());
}

TEST_CASE("in_a_quiet_room_the_processing_sleeps_and_wakes_in_time") {
    auto line = make_line({});
    const auto hum = audio::made_noise(0.0005, 48'000 * 6);
    line.speak(hum);
    CHECK(line.ana.microphone().asleep());
    const auto before = line.sent.size();
    line.heard.clear();
    auto said = audio::made_speech(0.3, 96'000, 3, false);
    for (std::size_t i = 0; i < said.size(); ++i) said[i] += hum[i];
    line.speak(said);
    CHECK_FALSE(line.ana.microphone().asleep());
    CHECK(line.sent.size() - before >= 190);
    CHECK(line.sent[before].marker);
    const auto match = audio::best_match(ConstSamples{said}.subspan(24'000, 48'000), ConstSamples{line.heard}.subspan(24'000), 9600);
    CHECK(match.correlation > 0.6);
    for (std::size_t i = before + 1; i < line.sent.size(); ++i) CHECK(line.sent[i].timestamp - line.sent[i - 1].timestamp == 480);
}

TEST_CASE("devices_rest_while_nobody_speaks_and_wake_between_words_only") {
    auto line = make_line();
    CHECK(line.ana.attention(line.now).eager);
    CHECK(line.bo.attention(line.now).output);
    line.wait(40s);
    CHECK_FALSE(line.ana.attention(line.now).eager);
    CHECK_FALSE(line.ana.attention(line.now).output);
    CHECK_FALSE(line.bo.attention(line.now).output);
    line.speak(audio::made_speech(0.5, 48'000, 3, false));
    CHECK_FALSE(line.ana.attention(line.now).eager);  // not in the middle of a word
    CHECK(line.bo.attention(line.now).eager);
    CHECK(line.bo.attention(line.now).output);
    line.wait(1s);
    CHECK(line.ana.attention(line.now).eager);
    line.ana.mute(true);
    CHECK_FALSE(line.ana.attention(line.now).microphone);
}

TEST_CASE("the_gate_stands_where_the_meter_shows_it") {
    auto line = make_line();
    line.ana.set_gate_dbfs(-30.f);
    CHECK(line.ana.meters(line.now).gate_dbfs == doctest::Approx(-30));
    line.speak(audio::made_sine(300, 0.028, 48'000));  // -31 dBFS
    CHECK(line.ana.meters(line.now).microphone_dbfs == doctest::Approx(-31.1).epsilon(0.01));
    CHECK(line.sent.empty());
    line.speak(audio::made_sine(300, 0.036, 48'000));  // -29
    CHECK_FALSE(line.sent.empty());
    line.ana.set_gate_dbfs(std::nullopt);
    CHECK(line.ana.meters(line.now).gate_dbfs != doctest::Approx(-30));
}

TEST_CASE("a_slot_that_does_not_exist_is_not_heard") {
    auto line = make_line();
    const std::uint8_t nothing = 0xf8;
    line.bo.receive(line.now, 99, {.payload = {&nothing, 1}});
    line.bo.set_slot(99, kAna);
    CHECK(Caller::make({.slots = 65}).error().find("slots") != std::string::npos);
}

}  // namespace earshot::client
