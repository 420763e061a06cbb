#include "client/shell/sound_desk.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>

#include "audio/signals_for_tests.hpp"
#include "io/sound/clocked_stream.hpp"
#include "io/sound/wav_player.hpp"

namespace earshot::client {
namespace {

// A folder with a file in which somebody speaks for a second and a half.
struct Scene {
    Scene() {
        std::string name = (std::filesystem::temp_directory_path() / "earshot_desk_XXXXXX").string();
        folder = ::mkdtemp(name.data());
        io::FileSink sink(io::File(std::fopen(said().c_str(), "wb")));
        audio::WavWriter writer(sink, audio::kRate, 1);
        REQUIRE(writer.write(audio::made_speech(0.5, 72'000, 3, false)));
    }
    ~Scene() { std::filesystem::remove_all(folder); }
    std::string said() const { return (folder / "said.wav").string(); }
    std::string heard() const { return (folder / "heard.wav").string(); }
    std::filesystem::path folder;
};

struct Word {
    std::mutex mutex;
    std::condition_variable came;
    int packets = 0;
    bool ended = false;
    SoundNews news() {
        return {
            .packets_wait = [this] { tell([this] { ++packets; }); }, .notice = [](std::string) {}, .input_ended = [this] { tell([this] { ended = true; }); }};
    }
    template <typename Act>
    void tell(Act act) {
        std::lock_guard lock(mutex);
        act();
        came.notify_all();
    }
    template <typename Until>
    bool wait(Until until) {
        std::unique_lock lock(mutex);
        return came.wait_for(lock, std::chrono::seconds(20), until);
    }
};

const audio::ProcessingSettings kNone{.echo = false, .noise = false, .gain = false, .high_pass = false};

}  // namespace

TEST_CASE("two_desks_hear_one_another_through_their_files") {
    const Scene scene;
    Word ana_word, bo_word;
    auto ana = SoundDesk::open({.talk = {.activation = Activation::kOpen}, .processing = kNone, .dtx = false}, {.input = scene.said(), .output = "none"},
                               ana_word.news());
    auto bo = SoundDesk::open({.processing = kNone}, {.input = "none", .output = scene.heard()}, bo_word.news());
    REQUIRE(ana.has_value());
    REQUIRE(bo.has_value());
    std::vector<Outgoing> packets;
    std::uint64_t sequence = 0;
    while (true) {
        bool ended = false;
        REQUIRE(ana_word.wait([&] { return ana_word.packets > 0; }));
        ana_word.tell([&] { ended = ana_word.ended, ana_word.packets = 0; });
        packets.clear();
        (*ana)->take_outgoing(packets);
        for (const auto& packet : packets)
            (*bo)->receive(io::sound_clock(), 0, {.payload = packet.payload(), .sequence = ++sequence, .timestamp = packet.timestamp});
        if (ended) break;
    }
    bo->reset();
    CHECK(sequence >= 140);
    auto written = io::WavPlayer::open(scene.heard(), false, 1);
    REQUIRE(written.has_value());
    std::vector<float> heard(96'000);
    (*written)->play(heard);
    const auto said = audio::made_speech(0.5, 72'000, 3, false);
    CHECK(audio::best_match(audio::ConstSamples{said}.subspan(24'000, 24'000), audio::ConstSamples{heard}.subspan(24'000), 19'200).correlation > 0.7);
}

TEST_CASE("nothing_is_taken_out_of_a_file") {
    const Scene scene;
    Word word;
    auto desk = SoundDesk::open({}, {.input = scene.said(), .output = "none"}, word.news());
    REQUIRE(desk.has_value());
    CHECK_FALSE((*desk)->with_caller([](Caller& caller) { return caller.microphone().processing(); }));
}

TEST_CASE("what_cannot_be_opened_is_an_error_and_leaves_nothing_behind") {
    Word word;
    CHECK_FALSE(SoundDesk::open({}, {.input = "/nowhere/at/all.wav", .output = "none"}, word.news()).has_value());
    CHECK_FALSE(SoundDesk::open({.bitrate = 1}, {.input = "none", .output = "none"}, word.news()).has_value());
}

TEST_CASE("packets_that_nobody_takes_are_bounded") {
    const Scene scene;
    Word word;
    auto desk =
        SoundDesk::open({.talk = {.activation = Activation::kOpen}, .processing = kNone, .dtx = false}, {.input = scene.said(), .output = "none"}, word.news());
    REQUIRE(desk.has_value());
    REQUIRE(word.wait([&] { return word.ended; }));
    std::vector<Outgoing> packets;
    (*desk)->take_outgoing(packets);
    CHECK(packets.size() <= SoundDesk::kMaxWaiting);
    CHECK(packets.size() > 10);
    CHECK(packets.back().timestamp - packets.front().timestamp == 480 * (packets.size() - 1));
}

}  // namespace earshot::client
