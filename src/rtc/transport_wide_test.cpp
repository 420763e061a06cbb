#include "rtc/transport_wide.hpp"

#include <doctest/doctest.h>

#include <vector>

#include "base/random.hpp"

using namespace earshot;
using namespace earshot::rtc;

namespace {

constexpr Time kStart{1000s};

struct Report {
    std::vector<std::uint8_t> bytes;
    wire::TransportWide read() const { return wire::transport_wide(*wire::parse_rtcp(bytes)->next()).value(); }
};

std::vector<Report> written(TransportArrivals& arrivals, Time now) {
    std::vector<Report> reports;
    while (arrivals.due(now)) {
        std::vector<std::uint8_t> room(TransportArrivals::kMaxSize);
        wire::RtcpWriter writer{room};
        if (!arrivals.write(now, 1, 2, writer)) continue;
        const auto bytes = writer.finish();
        REQUIRE_FALSE(bytes.empty());
        reports.push_back({{bytes.begin(), bytes.end()}});
    }
    return reports;
}

std::vector<int> numbers(const wire::TransportWide& report) {
    std::vector<int> out;
    wire::for_each_arrival(report, [&](std::uint16_t number, int) { out.push_back(number); });
    return out;
}

}  // namespace

TEST_CASE("what came is told, what did not is left out, across the lap of the numbers") {
    TransportArrivals arrivals;
    CHECK(arrivals.deadline().at == kNever);
    for (int n : {65533, 65534, 1, 2}) arrivals.note(kStart + 3ms, static_cast<std::uint16_t>(n));
    const auto reports = written(arrivals, kStart + 5ms);
    REQUIRE(reports.size() == 1);
    CHECK(reports[0].read().status_count == 6);
    CHECK(numbers(reports[0].read()) == std::vector{65533, 65534, 1, 2});
    CHECK_FALSE(arrivals.due(kStart + 10s));
}

TEST_CASE("reports are 75 ms apart, and a late packet is told with the next") {
    TransportArrivals arrivals;
    arrivals.note(kStart, 10);
    arrivals.note(kStart, 12);
    CHECK(written(arrivals, kStart).size() == 1);
    arrivals.note(kStart + 5ms, 11);
    arrivals.note(kStart + 6ms, 13);
    CHECK_FALSE(arrivals.due(kStart + 70ms));
    CHECK(arrivals.deadline().at == kStart + 75ms);
    const auto again = written(arrivals, kStart + 75ms);
    REQUIRE(again.size() == 1);
    CHECK(numbers(again[0].read()) == std::vector{11, 12, 13});
    CHECK(again[0].read().feedback_count == 1);
}

TEST_CASE("much is told in several reports, each of which fits its room") {
    TransportArrivals arrivals;
    for (std::uint16_t n = 0; n < 900; ++n) arrivals.note(kStart + n * 1ms, n);
    std::vector<int> all;
    for (const auto& report : written(arrivals, kStart + 1s))
        for (const int n : numbers(report.read())) all.push_back(n);
    CHECK(all.size() == 900);
    arrivals.note(kStart + 2s, 60'000);  // a leap: what lies between was never sent
    arrivals.note(kStart + 30s, 60'001);
    CHECK(written(arrivals, kStart + 31s).size() <= 2);
    CHECK_FALSE(arrivals.due(kStart + 40s));
}

TEST_CASE("what one half tells the other gives to the estimator: round trip, loss and queue are right") {
    SentNumbers numbers_;
    TransportArrivals arrivals;
    media::BandwidthEstimator estimator;
    SeededRandom chance{2};
    std::vector<std::pair<Time, std::uint16_t>> flying;
    const Time far{std::chrono::hours(24 * 12)};  // his clock is another, near the end of its 24 bits
    for (Time now = kStart; now < kStart + 20s; now += 5ms) {
        const auto number = numbers_.take();
        estimator.sent(now, number, 1000);
        const Duration queue = now > kStart + 15s ? 10ms : 0ms;
        if (!chance.chance(0.05)) flying.emplace_back(now + 40ms + queue, static_cast<std::uint16_t>(number));
        std::erase_if(flying, [&](const auto& each) {
            if (each.first > now) return false;
            arrivals.note(far + (each.first - kStart), each.second);
            return true;
        });
        for (const auto& report : written(arrivals, far + (now - kStart))) numbers_.feedback(now, report.read(), estimator);
    }
    CHECK(estimator.round_trip().value() >= 40ms);
    CHECK(estimator.round_trip().value() <= 60ms);
    CHECK(estimator.queue() >= 9ms);
    CHECK(estimator.queue() <= 11ms);
    CHECK(estimator.loss() == doctest::Approx(0.05).epsilon(1));
    CHECK(estimator.rate() > 0.7e6);
}

TEST_CASE("a report about packets that were never sent changes nothing") {
    SentNumbers numbers_;
    media::BandwidthEstimator estimator;
    TransportArrivals arrivals;
    for (std::uint16_t n = 3000; n < 3100; ++n) arrivals.note(kStart, n);
    for (const auto& report : written(arrivals, kStart)) numbers_.feedback(kStart, report.read(), estimator);
    CHECK(estimator.rate() == media::EstimatorSettings{}.first);
    CHECK_FALSE(estimator.round_trip().has_value());
}
