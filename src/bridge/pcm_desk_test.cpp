#include "bridge/pcm_desk.hpp"

#include <doctest/doctest.h>

#include "audio/clicks_for_tests.hpp"
#include "bridge/bridge_world_for_tests.hpp"

using namespace earshot;
using namespace earshot::bridge;
using namespace earshot::bridge::testing;

namespace {

// What is left of a sound when the tones in it are taken out, against the whole: the noise that mixing made.
double impurity(std::vector<float> sound, std::initializer_list<double> tones, double rate) {
    const double whole = audio::energy(sound);
    for (const double hertz : tones) {
        double re = 0, im = 0;
        for (std::size_t i = 0; i < sound.size(); ++i) {
            re += sound[i] * std::cos(2 * std::numbers::pi * hertz * static_cast<double>(i) / rate);
            im += sound[i] * std::sin(2 * std::numbers::pi * hertz * static_cast<double>(i) / rate);
        }
        re *= 2.0 / static_cast<double>(sound.size());
        im *= 2.0 / static_cast<double>(sound.size());
        for (std::size_t i = 0; i < sound.size(); ++i) {
            const double phase = 2 * std::numbers::pi * hertz * static_cast<double>(i) / rate;
            sound[i] -= static_cast<float>(re * std::cos(phase) + im * std::sin(phase));
        }
    }
    return audio::energy(sound) / whole;
}

double loudest(const std::vector<float>& sound) {
    double peak = 0;
    for (const float sample : sound) peak = std::max(peak, std::abs(static_cast<double>(sample)));
    return peak;
}

constexpr double kAudible = 1e-4;  // -80 dBFS

}  // namespace

TEST_CASE("two_speakers_are_mixed_not_interleaved") {
    World world;
    auto &ana = world.join(), &bo = world.join(), &cy = world.join();
    world.tone(ana, 440, 4s);
    world.tone(bo, 1000, 4s);
    world.pass(3500ms);
    const auto sound = world.lately(cy, 1s);
    CHECK(tone(sound, 440, 44100) == doctest::Approx(0.25).epsilon(0.1));
    CHECK(tone(sound, 1000, 44100) == doctest::Approx(0.25).epsilon(0.1));
    CHECK(impurity(world.lately(cy, 100ms), {440, 1000}, 44100) < 0.02);
    // Each speaker hears the other and not himself.
    CHECK(tone(world.lately(ana, 1s), 1000, 44100) == doctest::Approx(0.25).epsilon(0.1));
    CHECK(tone(world.lately(ana, 1s), 440, 44100) < 0.003);
    CHECK(tone(world.lately(bo, 1s), 1000, 44100) < 0.003);
    CHECK(tone(world.lately(bo, 1s), 440, 44100) == doctest::Approx(0.25).epsilon(0.1));
}

TEST_CASE("silence_stays_silence, at the pace of real time") {
    World world;
    auto &ana = world.join(), &bo = world.join();
    world.say(bo, std::vector<float>(44100 * 2, 0.f));
    world.pass(3s);
    CHECK(ana.heard.size() == doctest::Approx(3 * 44100 * 4).epsilon(0.02));
    CHECK(loudest(world.heard(ana)) == 0);
    CHECK(world.shard_counters.get(Counter::packets_out) == 0);
    CHECK(world.desk.bridge().decoders() == 0);  // zeros were never encoded
}

TEST_CASE("nobody_hears_himself, and after a talk it is silent again") {
    World world;
    auto &ana = world.join(), &bo = world.join();
    world.tone(ana, 440, 1s);
    world.pass(3s);
    CHECK(loudest(world.heard(ana)) == 0);
    CHECK(loudest(world.heard(bo)) > 0.2);
    CHECK(loudest(world.lately(bo, 1s)) < kAudible);
}

TEST_CASE("a_talk_begins_and_ends_without_a_click") {
    World world;
    auto &ana = world.join(), &bo = world.join();
    for (int i = 0; i < 5; ++i) {
        world.tone(ana, 300, 517ms);  // ends at no zero crossing
        world.pass(1s);
    }
    const auto sound = world.heard(bo);
    CHECK(audio::largest_step(sound) < 2.2 * 2 * std::numbers::pi * 300 / 44100 * 0.25);
    CHECK(loudest(sound) > 0.2);
}

TEST_CASE("whatever the pieces, the sound is whole") {
    for (const std::size_t piece : {7u, 511u, 4096u, 4097u, 16384u}) {
        CAPTURE(piece);
        World world;
        auto &ana = world.join(), &bo = world.join();
        ana.piece = piece;
        world.tone(ana, 440, 5s);
        world.pass(4500ms);
        const auto sound = world.lately(bo, 3s);
        CHECK(tone(sound, 440, 44100) == doctest::Approx(0.25).epsilon(0.1));
        CHECK(audio::largest_splash(sound) < 12);
        CHECK(impurity(world.lately(bo, 100ms), {440}, 44100) < 0.02);
    }
}

TEST_CASE("other rates and channels are the same voice") {
    for (const engine::PcmFormat format : {engine::PcmFormat{8'000, 1}, {16'000, 1}, {22'050, 2}, {48'000, 1}, {48'000, 2}, {96'000, 2}}) {
        CAPTURE(format.rate);
        World world({{44'100, 2}, format});
        auto &ana = world.join(format, 1), &bo = world.join();
        world.tone(ana, 440, 3s);
        world.pass(2s);
        CHECK(tone(world.lately(bo, 500ms), 440, 44100) == doctest::Approx(0.25).epsilon(0.1));
        world.pass(3s);
        world.tone(bo, 700, 3s);
        world.pass(2s);
        CHECK(tone(world.lately(ana, 500ms), 700, format.rate) == doctest::Approx(0.25).epsilon(0.1));
        CHECK(ana.heard.size() == doctest::Approx(7 * format.rate * format.channels * 2).epsilon(0.02));
    }
}

TEST_CASE("a clock that runs fast or slow costs no sound") {
    for (const double ppm : {-300.0, 300.0}) {
        CAPTURE(ppm);
        World world;
        auto &ana = world.join(), &bo = world.join();
        ana.pace = Duration{static_cast<std::int64_t>(4096.0 / (44100 * 4) * 1e9 * (1 - ppm * 1e-6))};
        world.tone(ana, 440, 65s);
        world.pass(60s);
        const auto sound = world.lately(bo, 50s);
        CHECK(audio::largest_splash(sound) < 12);
        CHECK(loudest({sound.begin(), sound.begin() + 4410}) > 0.2);
        CHECK(ana.most_sound < 120ms);
    }
}

TEST_CASE("the sound comes soon") {
    World world;
    auto &ana = world.join(), &bo = world.join();
    world.tone(ana, 440, 2s);
    const auto begin = bo.heard.size();
    world.pass(1s);
    const auto sound = sound_of(Bytes{bo.heard}.subspan(begin), 2);
    const auto first = std::ranges::find_if(sound, [](float sample) { return std::abs(sample) > 0.02f; }) - sound.begin();
    MESSAGE("from the first byte in to the first byte out: " << static_cast<double>(first) / 44.1 << " ms");
    CHECK(first < 44100 / 10);
}

TEST_CASE("a sender who is ahead is not read, and let go when he stays ahead") {
    World world;
    auto &ana = world.join(), &bo = world.join();
    world.tone(ana, 440, 90s);
    ana.pace = 1ms;
    ana.piece = 16384;
    world.pass(30s);
    CHECK(ana.most_sound < engine::limits::kSoundAheadMost + 150ms);
    CHECK_FALSE(ana.closed);
    const auto sound = world.lately(bo, 20s);
    CHECK(audio::largest_splash(sound) < 12);  // slowed by TCP he is heard whole
    world.told<engine::VoiceClosed>();
    world.pass(35s);
    CHECK(ana.closed);
    const auto told = world.told<engine::VoiceClosed>();
    REQUIRE(told.size() == 1);
    CHECK(told[0].why == engine::VoiceEnd::kTooFast);
    CHECK(world.counters.get(Counter::voice_too_fast) == 1);
}

TEST_CASE("a short file piped in at once is heard to its end") {
    World world;
    auto &ana = world.join(), &bo = world.join();
    world.tone(ana, 440, 3s);
    ana.pace = 1ms;
    ana.piece = 16384;
    world.pass(3s);
    CHECK(ana.said == ana.to_say.size());
    world.close(ana);
    CHECK(world.told<engine::VoiceClosed>().empty());
    world.pass(1s);
    CHECK(world.told<engine::VoiceClosed>().size() == 1);
    const auto sound = world.heard(bo);
    const auto loud = std::ranges::count_if(sound, [](float s) { return std::abs(s) > 0.05f; });
    CHECK(static_cast<double>(loud) / 44100 == doctest::Approx(3.0 * 0.87).epsilon(0.05));  // of a sine so much is above a fifth
}

TEST_CASE("a reader who stops loses sound and not memory, and what he reads then is fresh") {
    World world;
    auto &ana = world.join(), &bo = world.join();
    world.tone(ana, 440, 10s);
    world.pass(1s);
    bo.reads = false;
    world.pass(10s);
    CHECK(bo.most_waiting < 44100 * 4 * 45 / 100);
    CHECK(world.counters.get(Counter::voice_sound_lost) > 400);
    bo.heard.clear();
    world.read_again(bo);
    world.pass(1s);
    CHECK(bo.heard.size() == doctest::Approx(44100 * 4 * 1.36).epsilon(0.05));
    CHECK(loudest(world.lately(bo, 500ms)) < kAudible);  // the tone ended meanwhile
}

TEST_CASE("who is muted is not heard, who is deafened hears nothing") {
    World world;
    auto &ana = world.join(), &bo = world.join();
    world.tone(ana, 440, 10s);
    world.pass(1s);
    world.order(engine::SetBareVoice{ana.peer, true, false});
    world.tell_shard(engine::SetVoice{ana.peer, true, false});
    world.pass(1s);
    CHECK(loudest(world.lately(bo, 500ms)) < kAudible);
    world.order(engine::SetBareVoice{ana.peer, false, false});
    world.tell_shard(engine::SetVoice{ana.peer, false, false});
    world.pass(1s);
    CHECK(loudest(world.lately(bo, 500ms)) > 0.2);
    world.order(engine::SetBareVoice{bo.peer, false, true});
    world.pass(1s);
    CHECK(loudest(world.lately(bo, 500ms)) == 0);
}

TEST_CASE("sound that belongs to nobody yet is read and forgotten") {
    World world;
    auto& ana = world.join({44'100, 2}, 0, false);
    auto& bo = world.join();
    world.tone(ana, 440, 5s);
    world.pass(2s);
    CHECK(ana.heard.empty());
    CHECK(loudest(world.heard(bo)) == 0);
    world.bring_in(ana);
    world.pass(1s);
    CHECK(loudest(world.lately(bo, 500ms)) > 0.2);
    CHECK(ana.heard.size() == doctest::Approx(44100 * 4).epsilon(0.05));
}

TEST_CASE("the desk sleeps when nobody is there, and ends everybody when it is told to") {
    World world;
    CHECK(world.desk.deadline().at == kNever);
    auto& ana = world.join();
    world.pass(200ms);
    world.order(engine::RemoveBareMember{ana.peer});
    world.pass(100ms);
    CHECK(world.desk.deadline().at == kNever);
    world.order(engine::CloseAllVoices{});
    CHECK(ana.closed);
}

TEST_CASE("a bridged talk is heard by a socket and hears it, in frames of 20 ms") {
    World world;
    auto& ana = world.join();
    const PeerId voix{77};
    world.order(engine::AddBareMember{voix, RoomId{1}, MemberId{777}, {}, false, false});
    world.tell_shard(engine::AddBare{voix, RoomId{1}, MemberId{777}, false});
    const auto said = pcm_of(audio::made_sine(600, 0.25, 48000 * 2), 1);
    world.tone(ana, 440, 2s);
    std::vector<std::uint8_t> heard;
    for (std::size_t at = 0; at < said.size(); at += engine::kTalkFrameBytes) {
        REQUIRE(world.from_talks.push([&](engine::TalkFrame& frame) {
            frame.peer = voix;
            std::copy_n(said.begin() + static_cast<std::ptrdiff_t>(at), frame.bytes.size(), frame.bytes.begin());
        }));
        world.desk.drain(world.now, world.out);
        world.pass(20ms);
        world.to_talks.take_each([&](const engine::TalkFrame& frame) {
            CHECK(frame.peer == voix);
            heard.insert(heard.end(), frame.bytes.begin(), frame.bytes.end());
        });
    }
    const auto sound = sound_of(heard, 1);
    CHECK(heard.size() > 80 * engine::kTalkFrameBytes);
    CHECK(tone(audio::ConstSamples{sound}.last(24000), 440, 48000) == doctest::Approx(0.25).epsilon(0.1));
    CHECK(tone(audio::ConstSamples{sound}.last(24000), 600, 48000) < 0.002);
    CHECK(tone(world.lately(ana, 500ms), 600, 44100) == doctest::Approx(0.25).epsilon(0.1));
}

TEST_CASE("more voice sockets than there is room for are turned away") {
    World world;
    for (std::size_t i = 0; i < engine::limits::kVoiceSockets; ++i) world.join({44'100, 2}, 0, false);
    auto& late = world.join({44'100, 2}, 0, false);
    world.pass(1ms);
    CHECK(late.closed);
    CHECK(world.counters.get(Counter::voice_sockets_full) == 1);
}
