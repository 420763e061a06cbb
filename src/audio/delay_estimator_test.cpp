#include "audio/delay_estimator.hpp"

#include <doctest/doctest.h>

#include <limits>

namespace earshot::audio {
namespace {

constexpr Ticks kFrame = 960;

double milliseconds(Ticks t) { return static_cast<double>(t) / 48.0; }

// A packet each 20 ms, `late` later than the shortest way.
struct Stream {
    DelayEstimator estimator;
    Ticks media = 0;
    Ticks way = 7'000'000;
    void packet(Ticks late) {
        estimator.arrived(media + way + late, media, kFrame);
        media += kFrame;
    }
    double target() const { return milliseconds(estimator.target()); }
};

}  // namespace

TEST_CASE("ticks are samples, in both directions") {
    CHECK(ticks(1s) == 48'000);
    CHECK(duration(48) == 1ms);
    CHECK(ticks(duration(1'234'567'891)) == doctest::Approx(1'234'567'891).epsilon(1e-9));
    CHECK(ticks(Time::max().time_since_epoch()) > 0);
    CHECK(ticks(Time::min().time_since_epoch()) < 0);
}

TEST_CASE("without jitter the target sinks to a millisecond within seconds") {
    Stream stream;
    CHECK(stream.target() > 10);
    for (int n = 0; n < 150; ++n) stream.packet(0);
    CHECK(stream.target() <= 1.0);
}

TEST_CASE("one straggler in a minute is concealed, stalls that come back are waited for") {
    Stream stream;
    for (int n = 0; n < 3000; ++n) stream.packet(n == 1500 ? ticks(150ms) : 0);
    CHECK(stream.target() < 5);
    for (int n = 0; n < 1500; ++n) stream.packet(n % 250 < 10 ? ticks(200ms) - n % 250 * kFrame : 0);
    CHECK(stream.target() > 195);
    CHECK(stream.target() < 205);
}

TEST_CASE("a quiet network is believed again after a while") {
    Stream stream;
    for (int n = 0; n < 1500; ++n) stream.packet(n % 4 == 0 ? ticks(80ms) : 0);
    CHECK(stream.target() > 79);
    int calm = 0;
    while (stream.target() > 5 && calm < 10'000) stream.packet(0), ++calm;
    CHECK(calm < 9'000);
    CHECK(calm > 1'000);
}

TEST_CASE("the floor follows a longer way within two seconds and a shorter one at once") {
    Stream stream;
    for (int n = 0; n < 200; ++n) stream.packet(0);
    const Ticks floor = stream.estimator.floor();
    stream.packet(-480);
    CHECK(stream.estimator.floor() == floor - 480);
    stream.way += 4800;
    for (int n = 0; n < 110; ++n) stream.packet(0);
    CHECK(stream.estimator.floor() == floor + 4800);
}

TEST_CASE("a longer way is not taken for jitter once it is known") {
    Stream stream;
    for (int n = 0; n < 500; ++n) stream.packet(n % 10 == 0 ? ticks(20ms) : 0);
    CHECK(stream.target() == doctest::Approx(21));
    stream.way += ticks(60ms);
    for (int n = 0; n < 60; ++n) stream.packet(n % 10 == 0 ? ticks(20ms) : 0);
    CHECK(stream.target() > 60);
    for (int n = 0; n < 60; ++n) stream.packet(n % 10 == 0 ? ticks(20ms) : 0);
    CHECK(stream.target() == doctest::Approx(21));
}

TEST_CASE("a pause does not lose the floor") {
    Stream stream;
    for (int n = 0; n < 200; ++n) stream.packet(0);
    const Ticks floor = stream.estimator.floor();
    stream.media += 48'000 * 60;
    stream.packet(ticks(9ms));
    CHECK(stream.estimator.floor() == floor);
    stream.estimator.forget();
    CHECK_FALSE(stream.estimator.known());
}

TEST_CASE("absurd delays count as the longest") {
    DelayHistogram histogram;
    for (int n = 0; n < 100; ++n) histogram.add(n % 2 ? std::numeric_limits<Ticks>::max() : std::numeric_limits<Ticks>::min(), kFrame);
    CHECK(histogram.cheapest(96) == static_cast<Ticks>(DelayHistogram::kBins) * DelayHistogram::kBin);
    histogram.shorten(std::numeric_limits<Ticks>::max());
    CHECK(histogram.cheapest(96) == DelayHistogram::kBin);
    for (int n = 0; n < 20'000; ++n) histogram.add(0, 5760);
    CHECK(histogram.cheapest(96) == DelayHistogram::kBin);
}

}  // namespace earshot::audio
