#include "media/redundancy.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "base/random.hpp"

using namespace earshot;
using namespace earshot::media;

namespace {

constexpr Time kStart{1000s};

Packet packet(std::uint64_t sequence, const std::string& text = "x") { return {.payload = as_bytes(text), .sequence = sequence, .timestamp = sequence * 960}; }

std::vector<std::string> texts(const Earlier& earlier) {
    std::vector<std::string> out;
    for (std::size_t i = 0; i < earlier.count; ++i) out.emplace_back(as_text(earlier.packets[i].payload));
    return out;
}

// Of the packets that a network lost, the share that copies made good.
struct Fate {
    double lost = 0, made_good = 0;
    double share() const { return made_good / lost; }
};
Fate travel(std::size_t copies, double loss, double burst, int packets = 100'000) {
    SeededRandom chance{7};
    RecentVoice kept;
    SeenPackets seen;
    std::vector<bool> arrived, heard;
    bool losing = false;
    for (int i = 0; i < packets; ++i) {
        const auto now = packet(1000 + static_cast<std::uint64_t>(i));
        const auto earlier = kept.before(now, 1);
        kept.keep(now, 1);
        // Gilbert's model: mean length `burst`, share `loss`.
        losing = losing ? chance.chance(1 - 1 / burst) : chance.chance(loss / burst / (1 - loss));
        arrived.push_back(!losing);
        heard.push_back(!losing);
        if (losing) continue;
        for (std::size_t back = 1; back <= std::min(copies, earlier.count); ++back) {
            if (seen.news(now.sequence - back)) heard[static_cast<std::size_t>(i) - back] = true;
        }
        for (std::size_t back = 1; back <= std::min(copies, earlier.count); ++back) seen.note(now.sequence - back);
        seen.note(now.sequence);
    }
    Fate fate;
    for (std::size_t i = 0; i < arrived.size(); ++i) {
        fate.lost += !arrived[i];
        fate.made_good += !arrived[i] && heard[i];
    }
    CHECK(fate.lost / packets == doctest::Approx(loss).epsilon(0.05));
    return fate;
}

}  // namespace

TEST_CASE("of 10 % random loss one copy makes good 88 % and more, two 97 %") {
    CHECK(travel(0, 0.1, 1).share() == 0.0);
    CHECK(travel(1, 0.1, 1.0 / 0.9).share() >= 0.88);
    CHECK(travel(2, 0.1, 1.0 / 0.9).share() >= 0.97);
    CHECK(travel(3, 0.3, 1.0 / 0.7).share() >= 0.97);
}

TEST_CASE("of losses two in a row each copy makes good half of what is left") {
    CHECK(travel(1, 0.1, 2).share() == doctest::Approx(0.5).epsilon(0.05));
    CHECK(travel(2, 0.1, 2).share() == doctest::Approx(0.75).epsilon(0.05));
    CHECK(travel(3, 0.1, 2).share() == doctest::Approx(0.875).epsilon(0.05));
}

TEST_CASE("how many copies a reported loss is worth") {
    struct Row {
        double lost;
        std::size_t copies;
    };
    for (const auto& row : std::initializer_list<Row>{{0, 0}, {0.02, 0}, {0.03, 1}, {0.06, 1}, {0.07, 2}, {0.15, 2}, {0.2, 3}, {1, 3}, {7, 3}, {-1, 0}}) {
        CAPTURE(row.lost);
        RedundancyChoice choice;
        choice.reported(kStart, row.lost);
        CHECK(choice.copies() == row.copies);
    }
}

TEST_CASE("copies rise at once and sink a step at a time, after a calm while") {
    RedundancyChoice choice;
    choice.reported(kStart, 0.3);
    REQUIRE(choice.copies() == 3);
    std::vector<std::size_t> seen;
    for (int second = 1; second <= 60; ++second) {
        choice.reported(kStart + second * 1s, 0.0);
        if (seen.empty() || seen.back() != choice.copies()) seen.push_back(choice.copies());
        if (second == 10) CHECK(choice.copies() == 3);
    }
    CHECK(seen == std::vector<std::size_t>{3, 2, 1, 0});
    choice.reported(kStart + 70s, 0.08);
    CHECK(choice.copies() == 2);
}

TEST_CASE("a loss near the threshold does not switch copies on and off") {
    RedundancyChoice choice;
    SeededRandom chance{3};
    choice.reported(kStart, 0.04);
    for (int second = 1; second < 100; ++second) {
        choice.reported(kStart + second * 1s, chance.chance(0.5) ? 0.04 : 0.01);
        CHECK(choice.copies() == 1);
    }
}

TEST_CASE("what was kept right before comes back, newest first, up to a gap") {
    RecentVoice kept;
    for (std::uint64_t n : {10, 11, 12, 13}) kept.keep(packet(n, std::to_string(n)), 1);
    CHECK(texts(kept.before(packet(14), 1)) == std::vector<std::string>{"13", "12", "11"});
    CHECK(kept.before(packet(14), 1).packets[2].behind == 3 * 960);
    CHECK(texts(kept.before(packet(15), 1)).empty());
    kept.keep(packet(15, "15"), 1);
    CHECK(texts(kept.before(packet(16), 1)) == std::vector<std::string>{"15"});
    kept.keep(packet(14, "late"), 1);
    CHECK(texts(kept.before(packet(16), 1)) == std::vector<std::string>{"15", "late", "13"});
}

TEST_CASE("another's stay on the slot, large packets and long pauses are not copied") {
    RecentVoice kept;
    kept.keep(packet(10), 1);
    CHECK(kept.before(packet(11), 2).count == 0);
    kept.keep(packet(11, std::string(RecentVoice::kLargest + 1, 'x')), 1);
    CHECK(kept.before(packet(12), 1).count == 0);
    kept.keep(packet(20), 1);
    auto after_a_pause = packet(21);
    after_a_pause.timestamp += RecentVoice::kLongest;
    CHECK(kept.before(after_a_pause, 1).count == 0);
    auto no_time = packet(21);
    no_time.timestamp = 20 * 960;
    CHECK(kept.before(no_time, 1).count == 0);
}

TEST_CASE("what came, itself or as a copy, was had; what came before the first may still come") {
    SeenPackets seen;
    CHECK_FALSE(seen.had(100));
    seen.note(100);
    seen.note(103);
    CHECK(seen.had(100));
    CHECK_FALSE(seen.had(101));
    CHECK_FALSE(seen.had(99));
    CHECK_FALSE(seen.had(104));
    seen.note(101);  // a copy
    CHECK(seen.had(101));
}

TEST_CASE("each number is news once, and nothing before the first is") {
    SeenPackets seen;
    CHECK_FALSE(seen.news(100));
    seen.note(100);
    CHECK_FALSE(seen.news(99));
    CHECK_FALSE(seen.news(100));
    CHECK(seen.news(101));
    seen.note(104);
    for (std::uint64_t n : {101, 102, 103}) CHECK(seen.news(n));
    seen.note(102);
    CHECK_FALSE(seen.news(102));
    CHECK(seen.news(103));
    seen.note(10'000);
    CHECK(seen.news(9'990));
    CHECK_FALSE(seen.news(103));
}
