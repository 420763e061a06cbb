#include "rtc/slot_reports.hpp"

#include <doctest/doctest.h>

using namespace earshot;
using namespace earshot::rtc;

namespace {

wire::ReportBlock block(std::uint32_t highest, double lost) { return {.fraction_lost = static_cast<std::uint8_t>(lost * 256), .highest_sequence = highest}; }

}  // namespace

TEST_CASE("the loss of several streams is one figure, weighed by their packets") {
    SlotReports reports;
    reports.add(0, block(1000, 0), 0);
    reports.add(1, block(5000, 0), 0);
    CHECK(reports.take_loss() == 0.0);
    reports.add(0, block(1300, 0.5), 0);
    reports.add(1, block(5100, 0), 0);
    CHECK(reports.take_loss() == doctest::Approx(0.375));
    CHECK_FALSE(reports.take_loss().has_value());
    reports.add(0, block(1300, 0.9), 0);  // nothing was sent since
    CHECK_FALSE(reports.take_loss().has_value());
}

TEST_CASE("what was never sent is not his loss") {
    SlotReports reports;
    reports.add(0, block(1000, 0.3), 50);
    CHECK_FALSE(reports.take_loss().has_value());
    reports.add(0, block(1100, 0.125), 62);
    CHECK(reports.take_loss() == 0.0);
    reports.add(0, block(1200, 0.25), 62 + 9);
    CHECK(reports.take_loss() == doctest::Approx(0.15));
}

TEST_CASE("a count that leaps or runs back is not believed") {
    SlotReports reports;
    reports.add(0, block(1000, 0), 0);
    reports.take_loss();
    reports.add(0, block(900, 1), 0);
    CHECK_FALSE(reports.take_loss().has_value());
    reports.add(0, block(900'000, 1), 0);
    CHECK_FALSE(reports.take_loss().has_value());
}

TEST_CASE("his own reports outweigh what his packets suffer, while they are fresh") {
    const Time start{1000s};
    CopyChoice choice;
    choice.uplink(start, 0.1);
    CHECK(choice.copies(start) == 2);
    choice.downlink(start + 1s, 0);
    CHECK(choice.copies(start + 1s) == 0);
    CHECK(choice.copies(start + 12s) == 2);
    choice.downlink(start + 13s, 0.25);
    CHECK(choice.copies(start + 13s) == 3);
}
