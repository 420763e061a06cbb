#include "media/bandwidth_estimator.hpp"

#include <doctest/doctest.h>

#include <memory>

#include "media/link_for_tests.hpp"

using namespace earshot;
using namespace earshot::media;

namespace {

std::unique_ptr<Trial> trial(double capacity, std::uint64_t seed = 1) {
    auto made = std::make_unique<Trial>(seed);
    made->way.capacity = capacity;
    return made;
}

}  // namespace

TEST_CASE("within five seconds 80 to 100 % of the way is used, and the queue stays short") {
    for (const double capacity : {300e3, 600e3, 1e6, 2.5e6, 8e6, 20e6}) {
        for (const auto jitter : {0ms, 15ms}) {
            CAPTURE(capacity);
            CAPTURE(jitter.count());
            auto t = trial(capacity);
            t->way.jitter = jitter;
            t->run(30s);
            CHECK(t->arrived_since(5) >= 0.8 * capacity);
            CHECK(t->arrived_since(5) <= 1.01 * capacity);
            CHECK(t->longest_queue_since(2) <= 200);
        }
    }
}

TEST_CASE("when the way halves the rate falls within a second, and when it recovers the rate does") {
    for (const double capacity : {1e6, 4e6}) {
        CAPTURE(capacity);
        auto t = trial(capacity);
        t->run(10s);
        t->way.capacity = capacity / 2;
        t->run(1s);
        CHECK(t->estimator.rate() <= 0.55 * capacity);
        CHECK(t->longest_queue_since(5) <= 250);  // what was under way at twice the rate; how much, the moment decides
        t->run(9s);
        CHECK(t->arrived_since(12) >= 0.4 * capacity);
        t->way.capacity = capacity;
        t->run(8s);
        CHECK(t->estimator.rate() >= 0.8 * capacity);
    }
}

TEST_CASE("beside a download it neither starves nor takes everything") {
    auto t = trial(4e6);
    t->way.limit = 150ms;
    t->run(5s);
    t->downloading = true;
    t->run(60s);
    const double share = t->arrived_since(25) / 4e6;
    CAPTURE(share);
    CHECK(share >= 0.2);
    CHECK(share <= 0.8);
}

TEST_CASE("loss that has nothing to do with our rate does not take it all") {
    auto t = trial(2e6);
    t->way.loss = 0.15;
    t->run(30s);
    CAPTURE(t->arrived_since(15));
    CHECK(t->arrived_since(15) >= 0.5 * 2e6 * 0.85);
    CHECK(t->longest_queue_since(2) <= 200);
}

TEST_CASE("a queue too short to be seen shows by its loss") {
    auto t = trial(1e6);
    t->way.limit = 5ms;
    t->run(30s);
    CHECK(t->arrived_since(5) >= 0.7e6);
    CHECK(t->estimator.rate() <= 1.3e6);
}

TEST_CASE("what is not wanted is not tried: the estimate of a small stream stays near it") {
    auto t = trial(10e6);
    t->wanted = 400e3;
    t->run(20s);
    CHECK(t->estimator.rate() >= 400e3);
    CHECK(t->estimator.rate() <= 1e6);
    t->wanted = 3e6;  // a picture made large
    t->run(3s);
    CHECK(t->estimator.rate() >= 2.5e6);
}

TEST_CASE("silence halves the rate, down to the least, and feedback brings it back") {
    auto t = trial(2e6);
    t->run(8s);
    t->deaf = true;
    t->run(1s);
    CHECK(t->estimator.rate() <= 1e6);
    t->run(10s);
    CHECK(t->estimator.rate() == doctest::Approx(EstimatorSettings{}.least));
    t->deaf = false;
    t->run(10s);
    CHECK(t->estimator.rate() >= 1.2e6);
}

TEST_CASE("feedback that makes no sense changes nothing and costs nothing") {
    BandwidthEstimator estimator;
    const Time start{1000s};
    estimator.feedback(start, 0, ~std::uint64_t{0}, {});
    for (std::uint64_t n = 100; n < 200; ++n) estimator.sent(start, n, 1000);
    const double before = estimator.rate();
    const BandwidthEstimator::Arrival strange[] = {{.number = 5}, {.number = 500}, {.number = ~std::uint64_t{0}}};
    estimator.feedback(start + 1ms, 0, 50, strange);
    estimator.feedback(start + 2ms, 1'000'000, 2'000'000, strange);
    CHECK(estimator.rate() == before);
    const BandwidthEstimator::Arrival twice[] = {{.number = 150, .at = 3s}, {.number = 150, .at = 9s}};
    estimator.feedback(start + 50ms, 150, 151, twice);
    CHECK(estimator.round_trip() == 50ms);
    CHECK(estimator.rate() >= EstimatorSettings{}.least);
}
