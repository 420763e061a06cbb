#include "client/microphone_trial.hpp"

#include <doctest/doctest.h>

#include <algorithm>

namespace earshot::client {
namespace {

struct Sitting {
    Time now{1h};
    MicrophoneTrial test{now, {.input = "Blue Yeti", .gate_dbfs = -40.f}};
    std::vector<Wish> wishes = test.take_wishes();

    void hear(Duration time, float dbfs, float raw) {
        const std::vector<Loudness> blocks(5, Loudness{.raw_dbfs = raw, .heard_dbfs = dbfs, .length = 10ms});
        for (Duration t{}; t < time; t += 50ms) test.heard(now += 50ms, blocks);
        collect();
    }
    void collect() {
        for (auto& each : test.take_wishes()) wishes.push_back(std::move(each));
    }
    template <typename W>
    bool wished() const {
        return std::ranges::any_of(wishes, [](const auto& each) { return std::holds_alternative<W>(each); });
    }
    std::string said() const {
        std::string all;
        for (const auto& each : wishes)
            if (const auto* say = std::get_if<wish::Say>(&each)) all += say->text + "\n";
        return all;
    }
};

}  // namespace

TEST_CASE("a test records, plays back, and then tells how it was") {
    Sitting desk;
    CHECK(desk.wished<wish::Begin>());
    CHECK(desk.wished<wish::Record>());
    desk.hear(3s, -22, -22);
    CHECK_FALSE(desk.wished<wish::PlayBack>());
    desk.test.recorded(desk.now);
    desk.collect();
    CHECK(desk.wished<wish::PlayBack>());
    CHECK(desk.test.panel().title == "This is you");
    CHECK(desk.said().empty());
    desk.hear(3s, -60, -60);  // what is heard during the playback is not judged
    desk.test.played(desk.now);
    desk.collect();
    CHECK(desk.said() == "Loud and clear: -22 dB.\n");
    CHECK(std::holds_alternative<wish::End>(desk.wishes.back()));
}

TEST_CASE("a muted microphone is not played back") {
    Sitting desk;
    desk.hear(3s, -96, -120);
    desk.test.recorded(desk.now);
    desk.collect();
    CHECK_FALSE(desk.wished<wish::PlayBack>());
    CHECK(desk.said().contains("Nothing came from Blue Yeti"));
    CHECK(std::holds_alternative<wish::End>(desk.wishes.back()));
}

TEST_CASE("a device that brings nothing, or stops, ends the test") {
    Sitting desk;
    for (int i = 0; i < 70; ++i) desk.test.heard(desk.now += 50ms, {});
    desk.collect();
    CHECK(desk.said().contains("plugged in"));
    CHECK(desk.wished<wish::End>());
    Sitting stops;
    stops.hear(1s, -30, -30);
    for (int i = 0; i < 120; ++i) stops.test.heard(stops.now += 50ms, {});
    stops.collect();
    CHECK(stops.said().contains("Nothing more comes"));
    CHECK(stops.wished<wish::End>());
}

TEST_CASE("a test can be left") {
    Sitting desk;
    desk.test.answer(desk.now, "hello?");
    desk.collect();
    CHECK_FALSE(desk.wished<wish::End>());
    desk.test.answer(desk.now, "skip");
    desk.collect();
    CHECK(desk.wished<wish::End>());
}

TEST_CASE("what is wrong with a voice is said in words") {
    const TrialFacts facts{.input = "Yeti", .gate_dbfs = -40.f};
    const auto said = [&](Recorded recorded, TrialFacts with) { return verdict_on(recorded, with); };
    CHECK(said({.raw_dbfs = -60, .voice_dbfs = -65}, facts)[0].contains("no voice"));
    const auto faint = said({.raw_dbfs = -48, .voice_dbfs = -50}, facts);
    REQUIRE(faint.size() == 2);
    CHECK(faint[0].contains("faint"));
    CHECK(faint[1].contains("gate at -40 dB"));
    CHECK(said({.raw_dbfs = -48, .voice_dbfs = -50}, {.input = "Yeti"}).size() == 1);
    CHECK(said({.raw_dbfs = 0, .voice_dbfs = -3, .clipped_blocks = 9}, facts)[0].contains("clipped"));
    CHECK(said({.raw_dbfs = -10, .voice_dbfs = -20}, facts)[0] == "Loud and clear: -20 dB.");
}

}  // namespace earshot::client
