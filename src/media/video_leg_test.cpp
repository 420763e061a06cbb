#include "media/video_leg.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "base/random.hpp"
#include "media/video_for_tests.hpp"

using namespace earshot;
using namespace earshot::media;
using namespace earshot::media::testing;

namespace {

constexpr Time kStart{1000s};
constexpr Duration kFrame = 33333us;

VideoPacket piece(std::uint64_t sequence, std::uint64_t timestamp, wire::VideoPayload about = {}, std::uint8_t layer = 0) {
    return {.codec = wire::VideoCodec::kVp8, .layer = layer, .sequence = sequence, .timestamp = timestamp, .about = about};
}
constexpr wire::VideoPayload kKey{.starts_frame = true, .starts_key = true, .predicted = false};
wire::VideoPayload temporal(std::uint8_t layer, bool sync = false) { return {.starts_frame = true, .switch_up = sync, .layered = true, .temporal = layer}; }

struct Row {
    VideoPacket in;
    int out;  // after the first: 100 + this; -1: nothing
};
void check_rows(LayerAim aim, std::initializer_list<Row> rows) {
    VideoLeg leg{100, 0};
    leg.aim(aim);
    int n = 0;
    for (const auto& row : rows) {
        CAPTURE(n++);
        const auto got = leg.rewrite(row.in, kStart);
        CHECK((got ? got->sequence - 100 : -1) == row.out);
    }
}

// A camera, a leg and a decoder over a network without loss; what is asked of key frames comes two pictures later.
struct Theatre {
    SimulcastCamera camera;
    VideoLeg leg{32767, 0xfffff000u};
    DecoderModel decoder{camera};
    Time now = kStart;
    int key_in = -1;

    void frame() {
        if (leg.wants_key() && key_in < 0) key_in = 2;
        if (key_in == 0) camera.ask_key(static_cast<std::size_t>(leg.aimed().layer));
        if (key_in >= 0) --key_in;
        for (const auto& made : camera.capture()) {
            if (const auto out = leg.rewrite(made.view(), now)) REQUIRE(decoder.receive(made.tag, *out, now));
            now += 100us;
        }
        now += kFrame;
    }
};

}  // namespace

TEST_CASE("a table of what goes in and out of a video leg") {
    const LayerAim all{.layer = 0};
    SUBCASE("nothing before a key frame") { check_rows(all, {{piece(8, 1), -1}, {piece(9, 1), -1}, {piece(10, 2, kKey), 0}, {piece(11, 2), 1}}); }
    SUBCASE("nothing while nothing is wanted") { check_rows({}, {{piece(10, 2, kKey), -1}, {piece(11, 2), -1}}); }
    SUBCASE("a gap stays a gap, and what is late finds its place") {
        check_rows(all, {{piece(10, 2, kKey), 0}, {piece(13, 3), 3}, {piece(12, 3), 2}, {piece(11, 2), 1}});
    }
    SUBCASE("a duplicate goes out once") { check_rows(all, {{piece(10, 2, kKey), 0}, {piece(10, 2, kKey), -1}, {piece(11, 2), 1}, {piece(11, 2), -1}}); }
    SUBCASE("what came before the key frame has no place") { check_rows(all, {{piece(10, 2, kKey), 0}, {piece(9, 1), -1}}); }
    SUBCASE("temporal layers are left out without a gap") {
        check_rows({.layer = 0, .temporal = 0}, {{piece(10, 1, kKey), 0},
                                                 {piece(11, 2, temporal(2)), -1},
                                                 {piece(12, 2, temporal(2)), -1},
                                                 {piece(13, 3, temporal(1)), -1},
                                                 {piece(14, 4, temporal(0)), 1},
                                                 {piece(15, 5, temporal(2)), -1},
                                                 {piece(16, 6, temporal(0)), 2}});
    }
    SUBCASE("what is late between two left out finds its place; what was left out stays out") {
        check_rows({.layer = 0, .temporal = 0}, {{piece(10, 1, kKey), 0},
                                                 {piece(11, 2, temporal(1)), -1},
                                                 {piece(13, 4, temporal(1)), -1},
                                                 {piece(14, 5, temporal(0)), 2},
                                                 {piece(12, 3, temporal(0)), 1},
                                                 {piece(11, 2, temporal(1)), -1},
                                                 {piece(13, 4, temporal(1)), -1}});
    }
    SUBCASE("packets that hold nothing leave no gap") {
        auto filler = piece(11, 2);
        filler.filler = true;
        check_rows(all, {{piece(10, 2, kKey), 0}, {filler, -1}, {piece(12, 3), 1}});
    }
    SUBCASE("another encoding begins at its key frame, and goes on by one") {
        check_rows({.layer = 1}, {{piece(10, 1, kKey, 0), 0},
                                  {piece(11, 2, {}, 0), 1},
                                  {piece(70, 9, {}, 1), -1},
                                  {piece(71, 10, kKey, 1), 2},
                                  {piece(12, 3, {}, 0), -1},
                                  {piece(72, 10, {}, 1), 3}});
    }
    SUBCASE("a larger encoding than wanted never begins") { check_rows(all, {{piece(71, 10, kKey, 1), -1}, {piece(10, 1, kKey, 0), 0}}); }
    SUBCASE("a counter that leaps ends the stream until a key frame") {
        check_rows(all, {{piece(10, 1, kKey), 0}, {piece(4000, 2), -1}, {piece(11, 1), -1}, {piece(4010, 3, kKey), 1}, {piece(4011, 3), 2}});
    }
}

TEST_CASE("a stream that begins anew under another SSRC waits for its key frame, and what is late of the old one is nothing") {
    VideoLeg leg{1, 0};
    leg.aim({.layer = 0});
    auto anew = piece(500, 9);
    anew.epoch = 1;
    CHECK(leg.rewrite(piece(10, 1, kKey), kStart));
    CHECK_FALSE(leg.rewrite(anew, kStart));
    CHECK(leg.wants_key());
    CHECK_FALSE(leg.rewrite(piece(11, 1), kStart));
    anew.about = kKey;
    anew.sequence = 510;
    CHECK(leg.rewrite(anew, kStart)->sequence == 2);
    CHECK_FALSE(leg.rewrite(piece(12, 1, kKey), kStart));
}

TEST_CASE("the viewer's clock runs on across a change of encoding") {
    VideoLeg leg{1, 5000};
    leg.aim({.layer = 1});
    CHECK(leg.rewrite(piece(10, 90000, kKey, 0), kStart)->timestamp == 5000);
    CHECK(leg.rewrite(piece(11, 93000, {}, 0), kStart + 33ms)->timestamp == 8000);
    CHECK(leg.rewrite(piece(5, 123, kKey, 1), kStart + 133ms)->timestamp == 8000 + 9000);
    leg.restart();
    CHECK(leg.rewrite(piece(5, 55, kKey, 0), kStart + 133ms)->timestamp == 8000 + 9000 + 90);  // never twice the same
}

TEST_CASE("VP9: upper spatial layers are left out, the marker moves down, and they return where nothing older is needed") {
    const auto layer = [](std::uint64_t sequence, std::uint64_t timestamp, std::uint8_t spatial, bool predicted, bool key = false) {
        VideoPacket p{.codec = wire::VideoCodec::kVp9, .sequence = sequence, .timestamp = timestamp, .marker = spatial == 1};
        p.about = {.starts_frame = true, .starts_key = key, .predicted = predicted, .ends_layer = true, .layered = true, .spatial = spatial, .picture_id = 7};
        return p;
    };
    VideoLeg leg{100, 0};
    leg.aim({.layer = 0, .spatial = 0});
    const auto first = leg.rewrite(layer(10, 1, 0, false, true), kStart);
    REQUIRE(first);
    CHECK(first->marker);
    CHECK_FALSE(leg.rewrite(layer(11, 1, 1, false), kStart));
    CHECK(leg.rewrite(layer(12, 2, 0, true), kStart)->sequence == 101);
    leg.aim({.layer = 0, .spatial = 1});
    CHECK_FALSE(leg.rewrite(layer(13, 2, 1, true), kStart));
    const auto base = leg.rewrite(layer(14, 3, 0, true), kStart);
    CHECK(base->sequence == 102);
    CHECK(leg.rewrite(layer(15, 3, 1, false), kStart)->sequence == 103);
    CHECK(leg.rewrite(layer(16, 4, 0, true), kStart)->sequence == 104);
    CHECK(leg.rewrite(layer(17, 4, 1, true), kStart)->marker);
    leg.aim({.layer = 0, .spatial = 0});
    CHECK(leg.rewrite(layer(18, 5, 0, true), kStart)->marker);
    CHECK_FALSE(leg.rewrite(layer(19, 5, 1, true), kStart));
}

TEST_CASE("a decoder shows every picture that is sent, whatever is switched, and never waits longer than for a key frame") {
    SeededRandom random{11};
    for (int run = 0; run < 20; ++run) {
        Theatre theatre;
        theatre.leg.aim({.layer = 0});
        for (int i = 0; i < 10; ++i) theatre.frame();
        for (int i = 0; i < 400; ++i) {
            if (random.chance(0.1))
                theatre.leg.aim({.layer = static_cast<std::int8_t>(random.below(3)), .temporal = static_cast<std::uint8_t>(random.below(4))});
            theatre.frame();
        }
        const auto& shown = theatre.decoder.shown();
        CHECK(theatre.decoder.complete_but_undecodable() == 0);
        REQUIRE(shown.size() > 100);
        bool all_layers[3] = {};
        for (std::size_t i = 1; i < shown.size(); ++i) {
            all_layers[shown[i].picture.layer] = true;
            // The base layer comes every fourth picture; a switch costs no more than that.
            REQUIRE(shown[i].at - shown[i - 1].at <= 5 * kFrame);
            REQUIRE(static_cast<std::int32_t>(shown[i].timestamp - shown[i - 1].timestamp) > 0);
            REQUIRE(shown[i].picture_id == ((shown[i - 1].picture_id + 1) & 0x7fff));
            const auto step = static_cast<std::uint8_t>(shown[i].base_index - shown[i - 1].base_index);
            REQUIRE(step <= 1);
        }
        CHECK((all_layers[0] && all_layers[1] && all_layers[2]));
    }
}

TEST_CASE("all temporal layers return after they were left out") {
    Theatre theatre;
    theatre.leg.aim({.layer = 1, .temporal = 0});
    for (int i = 0; i < 40; ++i) theatre.frame();
    const auto few = theatre.decoder.shown().size();
    CHECK(few <= 12);
    theatre.leg.aim({.layer = 1});
    for (int i = 0; i < 40; ++i) theatre.frame();
    CHECK(theatre.decoder.shown().size() >= few + 30);
    CHECK(theatre.decoder.complete_but_undecodable() == 0);
}

TEST_CASE("over a bad network no number is used twice, time never runs back, and the picture recovers") {
    SeededRandom random{5};
    for (int run = 0; run < 20; ++run) {
        Theatre theatre;
        theatre.leg.aim({.layer = 2});
        std::vector<MadePacket> late;
        for (int i = 0; i < 600; ++i) {
            if (random.chance(0.05))
                theatre.leg.aim({.layer = static_cast<std::int8_t>(random.below(4)) < 3 ? static_cast<std::int8_t>(random.below(3)) : std::int8_t{-1},
                                 .temporal = static_cast<std::uint8_t>(random.below(3))});
            if (i % 15 == 0)
                for (std::size_t layer = 0; layer < 3; ++layer) theatre.camera.ask_key(layer);
            auto packets = theatre.camera.capture();
            packets.insert(packets.end(), late.begin(), late.end());
            late.clear();
            for (auto& made : packets) {
                if (random.chance(0.05)) continue;
                if (random.chance(0.1)) {
                    late.push_back(made);
                    if (random.chance(0.5)) continue;  // late, else twice
                }
                if (const auto out = theatre.leg.rewrite(made.view(), theatre.now)) REQUIRE(theatre.decoder.receive(made.tag, *out, theatre.now));
                theatre.now += 100us;
            }
            theatre.now += kFrame;
        }
        CHECK(theatre.decoder.shown().size() > 50);
    }
}

TEST_CASE("a window remembers what was taken, and forgets towards taken") {
    SequenceWindow window;
    window.reset(1000);
    CHECK_FALSE(window.take(1000));
    CHECK(window.take(1001));
    CHECK_FALSE(window.take(1001));
    CHECK(window.take(2024));
    CHECK_FALSE(window.take(1001));
    CHECK(window.take(1002));
    CHECK(window.take(3100));
    CHECK_FALSE(window.take(2024));
    CHECK_FALSE(window.take(2076));
    CHECK(window.take(2077));
    CHECK(window.take(1'000'000));
    CHECK(window.take(999'999));
}
