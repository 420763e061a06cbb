#include "media/link_share.hpp"

#include <doctest/doctest.h>

using namespace earshot;
using namespace earshot::media;

namespace {

constexpr Time kStart{1000s};

// Voice of so many bits a second for so long; returns when it ends.
Time speak(LinkShare& share, Time now, Duration length, std::size_t bytes) {
    for (const Time end = now + length; now < end; now += 20ms) share.voice_sent(now, bytes);
    return now;
}

}  // namespace

TEST_CASE("voice takes what it needs, pictures get the rest but for repair") {
    LinkShare share;
    const Time now = speak(share, kStart, 3s, 125);  // 50 kbit/s
    CHECK(share.voice(now) == doctest::Approx(50'000).epsilon(0.03));
    share.estimated(now, 300'000);
    CHECK(static_cast<double>(share.pictures()) == doctest::Approx(250'000 * 0.92).epsilon(0.02));
}

TEST_CASE("where voice fills the line there are no pictures") {
    LinkShare share;
    const Time now = speak(share, kStart, 3s, 250);
    share.estimated(now, 90'000);
    CHECK(share.pictures() == 0);
}

TEST_CASE("down at once, up when it has lasted, and then to the least of that while") {
    LinkShare share;
    share.estimated(kStart, 1e6);
    const auto first = share.pictures();
    share.estimated(kStart + 100ms, 0.5e6);
    CHECK(share.pictures() == first / 2);
    share.estimated(kStart + 200ms, 2e6);
    share.estimated(kStart + 700ms, 0.8e6);
    CHECK(share.pictures() == first / 2);
    share.estimated(kStart + 1300ms, 2e6);
    CHECK(static_cast<double>(share.pictures()) == doctest::Approx(0.8 * static_cast<double>(first)));
}

TEST_CASE("a little more is not worth another picture") {
    LinkShare share;
    share.estimated(kStart, 1e6);
    const auto first = share.pictures();
    for (int i = 1; i < 100; ++i) share.estimated(kStart + i * 100ms, 1.04e6);
    CHECK(share.pictures() == first);
}

TEST_CASE("who speaks again finds his place kept for a while, silence gives it back") {
    LinkShare share;
    Time now = speak(share, kStart, 3s, 125);
    CHECK(share.voice(now + 2s) > 40'000);
    CHECK(share.voice(now + 10s) == 0);
}
