#include <doctest/doctest.h>

#include <condition_variable>
#include <cstdlib>
#include <filesystem>
#include <mutex>

#include "audio/signals_for_tests.hpp"
#include "io/sound/device.hpp"
#include "io/sound/pacer.hpp"
#include "io/sound/wav_player.hpp"

namespace earshot::io {
namespace {

// A folder of its own that vanishes.
struct Folder {
    Folder() {
        std::string name = (std::filesystem::temp_directory_path() / "earshot_sound_XXXXXX").string();
        path = ::mkdtemp(name.data());
    }
    ~Folder() { std::filesystem::remove_all(path); }
    std::string file(const std::string& name) const { return (path / name).string(); }
    std::filesystem::path path;
};

void write_wav(const std::string& path, audio::ConstSamples sound, int rate, std::size_t channels) {
    FileSink sink(File(std::fopen(path.c_str(), "wb")));
    audio::WavWriter writer(sink, rate, channels, true);
    REQUIRE(writer.write(sound));
    REQUIRE(writer.close());
}

class Listener final : public SoundUser {
public:
    void captured(Time, audio::ConstSamples sound, std::size_t) override {
        std::lock_guard lock(mutex);
        heard.insert(heard.end(), sound.begin(), sound.end());
        changed.notify_all();
    }
    void wanted(Time, audio::Samples stereo) override {
        std::lock_guard lock(mutex);
        for (auto& sample : stereo) sample = 0.25f;
        played += stereo.size() / 2;
        changed.notify_all();
    }
    void noticed(SoundEvent event) override {
        std::lock_guard lock(mutex);
        events.push_back(event);
        changed.notify_all();
    }
    template <typename Until>
    bool wait(Until until) {
        std::unique_lock lock(mutex);
        return changed.wait_for(lock, std::chrono::seconds(20), until);
    }
    std::mutex mutex;
    std::condition_variable changed;
    std::vector<float> heard;
    std::vector<SoundEvent> events;
    std::size_t played = 0;
};

}  // namespace

TEST_CASE("a_thousand_late_wakings_add_up_to_nothing") {
    const Time start{100s};
    Pacer pacer(start, 10ms);
    int taken = 0;
    Time now = start;
    for (int i = 0; i < 1000; ++i) {
        now = pacer.next() + 3ms;
        while (pacer.take(now)) ++taken;
    }
    CHECK(taken == 1000);
    CHECK(pacer.next() == start + 10'010ms);
    // Asleep for an hour: one block, not an hour of them.
    now += 1h;
    taken = 0;
    while (pacer.take(now)) ++taken;
    CHECK(taken == 1);
    CHECK(pacer.next() > now);
    // Late by a little is made up for.
    now += 100ms;
    taken = 0;
    while (pacer.take(now)) ++taken;
    CHECK(taken == 10);
}

TEST_CASE("a_file_is_played_once_at_the_rate_of_the_house_and_silence_follows") {
    const Folder folder;
    write_wav(folder.file("tone.wav"), audio::made_sine(441, 0.5, 22'050, 22'050), 22'050, 1);
    auto player = WavPlayer::open(folder.file("tone.wav"), false, 1);
    REQUIRE(player.has_value());
    std::vector<float> all, block(480);
    int ends = 0;
    for (int i = 0; i < 200; ++i) {
        ends += (*player)->play(block);
        all.insert(all.end(), block.begin(), block.end());
    }
    CHECK(ends == 1);
    CHECK(audio::rms(audio::ConstSamples{all}.subspan(4800, 38'400)) == doctest::Approx(0.5 / std::sqrt(2)).epsilon(0.01));
    CHECK(audio::rms(audio::ConstSamples{all}.subspan(48'480)) == 0);
}

TEST_CASE("a_file_is_played_for_ever_without_a_step_at_its_seam") {
    const Folder folder;
    write_wav(folder.file("tone.wav"), audio::made_sine(480, 0.5, 4800), 48'000, 1);
    auto player = WavPlayer::open(folder.file("tone.wav"), true, 2);
    REQUIRE(player.has_value());
    std::vector<float> all, block(960);
    for (int i = 0; i < 300; ++i) {
        CHECK_FALSE((*player)->play(block));
        for (std::size_t k = 0; k < block.size(); k += 2) all.push_back(block[k]);
    }
    CHECK(audio::largest_step(all) < 0.04);
    CHECK(audio::rms(all) == doctest::Approx(0.5 / std::sqrt(2)).epsilon(0.01));
}

TEST_CASE("a_file_without_any_sound_ends_even_when_it_is_to_go_on_for_ever") {
    const Folder folder;
    write_wav(folder.file("empty.wav"), {}, 48'000, 1);
    auto player = WavPlayer::open(folder.file("empty.wav"), true, 1);
    REQUIRE(player.has_value());
    std::vector<float> block(480, 1.f);
    CHECK((*player)->play(block));
    CHECK(audio::rms(block) == 0);
}

TEST_CASE("six_channels_are_folded_into_one_and_one_is_given_to_both_ears") {
    const Folder folder;
    std::vector<float> six(6 * 4800);
    for (std::size_t i = 0; i < six.size(); ++i) six[i] = i % 6 == 0 ? 0.6f : 0.f;
    write_wav(folder.file("six.wav"), six, 48'000, 6);
    auto mono = WavPlayer::open(folder.file("six.wav"), false, 1);
    std::vector<float> block(480);
    (*mono)->play(block);
    CHECK(block[100] == doctest::Approx(0.1));
    auto stereo = WavPlayer::open(folder.file("six.wav"), false, 2);
    std::vector<float> both(960);
    (*stereo)->play(both);
    CHECK(both[100] == doctest::Approx(0.2));
    CHECK(both[101] == doctest::Approx(0.0));
}

TEST_CASE("what_cannot_be_opened_is_told_by_name") {
    Listener user;
    const Folder folder;
    const auto missing = open_sound({.input = folder.file("no.wav"), .output = "none"}, user);
    REQUIRE_FALSE(missing.has_value());
    CHECK(missing.error().find("no.wav: No such file") != std::string::npos);
    std::FILE* file = std::fopen(folder.file("text.wav").c_str(), "wb");
    std::fputs("this is no sound at all", file);
    std::fclose(file);
    CHECK(open_sound({.input = folder.file("text.wav"), .output = "none"}, user).error().ends_with("text.wav is no WAV file"));
    CHECK(open_sound({.input = "none", .output = "/nowhere/at/all.wav"}, user).error().find("/nowhere/at/all.wav") != std::string::npos);
    CHECK_FALSE(open_sound({.input = "none", .output = "none", .period = 1ms}, user).has_value());
}

TEST_CASE("files_are_heard_and_written_in_real_time") {
    const Folder folder;
    const auto said = audio::made_speech(0.5, 9600, 3, false);
    write_wav(folder.file("said.wav"), said, 48'000, 1);
    Listener user;
    {
        auto sound = open_sound({.input = folder.file("said.wav"), .output = folder.file("heard.wav")}, user);
        REQUIRE(sound.has_value());
        CHECK((*sound)->echo_free());
        CHECK((*sound)->input_name().ends_with("said.wav"));
        CHECK((*sound)->refresh().empty());
        REQUIRE(user.wait([&] { return !user.events.empty() && user.played >= 9600; }));
    }
    CHECK(user.events.front() == SoundEvent::kInputEnded);
    CHECK(audio::correlation_at(said, user.heard, 0) > 0.999);
    auto written = WavPlayer::open(folder.file("heard.wav"), false, 1);
    REQUIRE(written.has_value());
    std::vector<float> first(9600);
    CHECK_FALSE((*written)->play(first));
    CHECK(audio::rms(first) == doctest::Approx(0.25).epsilon(0.001));
}

TEST_CASE("a_recording_of_a_quiet_call_has_no_holes") {
    const Folder folder;
    Listener user;
    {
        auto sound = open_sound({.input = "none", .output = folder.file("heard.wav")}, user);
        REQUIRE(sound.has_value());
        REQUIRE(user.wait([&] { return user.played >= 4800; }));
        (*sound)->play(Attention::kOff);
        REQUIRE(user.wait([&] { return user.played >= 14'400; }));
        (*sound)->play(Attention::kEager);
        REQUIRE(user.wait([&] { return user.played >= 19'200; }));
    }
    auto written = WavPlayer::open(folder.file("heard.wav"), false, 1);
    REQUIRE(written.has_value());
    std::vector<float> all(19'200);
    CHECK_FALSE((*written)->play(all));
    CHECK(audio::largest_step(all) < 1e-4);
}

TEST_CASE("a_microphone_that_is_not_listened_to_is_stopped") {
    const Folder folder;
    write_wav(folder.file("tone.wav"), audio::made_sine(480, 0.5, 4800), 48'000, 1);
    Listener user;
    auto sound = open_sound({.input = "loop:" + folder.file("tone.wav"), .output = "none"}, user);
    REQUIRE(sound.has_value());
    REQUIRE(user.wait([&] { return user.heard.size() >= 960; }));
    (*sound)->listen(Attention::kOff);
    std::size_t heard = 0, played = 0;
    {
        std::lock_guard lock(user.mutex);
        heard = user.heard.size();
        played = user.played;
    }
    REQUIRE(user.wait([&] { return user.played >= played + 4800; }));
    CHECK(user.heard.size() <= heard + 480);  // one block may have been on its way
    (*sound)->listen(Attention::kEager);
    REQUIRE(user.wait([&] { return user.heard.size() >= heard + 4800; }));
}

TEST_CASE("a_device_is_found_by_its_name_or_enough_of_it") {
    const std::vector<SoundDevice> devices{{SoundDirection::kInput, "alsa_1", "Blue Yeti"},
                                           {SoundDirection::kInput, "alsa_2", "Built-in microphone"},
                                           {SoundDirection::kInput, "out.monitor", "Monitor of Blue speakers"},
                                           {SoundDirection::kOutput, "alsa_3", "Blue speakers"}};
    CHECK((*find_device(devices, SoundDirection::kInput, "Blue Yeti"))->id == "alsa_1");
    CHECK((*find_device(devices, SoundDirection::kInput, "yeti"))->id == "alsa_1");
    CHECK((*find_device(devices, SoundDirection::kInput, "alsa_2"))->name == "Built-in microphone");
    CHECK((*find_device(devices, SoundDirection::kOutput, "blue"))->id == "alsa_3");
    CHECK(find_device(devices, SoundDirection::kInput, "blue").error().find("more than one") != std::string::npos);
    CHECK(find_device(devices, SoundDirection::kInput, "Ana").error() == "there is no microphone called Ana");
    CHECK_FALSE(find_device(devices, SoundDirection::kInput, "").has_value());
}

}  // namespace earshot::io
