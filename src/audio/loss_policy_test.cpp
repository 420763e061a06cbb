#include "audio/loss_policy.hpp"

#include <doctest/doctest.h>

#include <limits>

namespace earshot::audio {

TEST_CASE("fec_comes_with_the_first_loss_and_leaves_after_ten_calm_seconds") {
    LossPolicy policy;
    Time now{1s};
    policy.reported(now, 0.004);
    CHECK(policy.expected_percent() == 0);
    policy.reported(now += 1s, 0.05);
    CHECK(policy.expected_percent() >= 3);
    int seconds = 0;
    while (policy.expected_percent() > 0 && seconds < 100) policy.reported(now += 1s, 0), ++seconds;
    CHECK(seconds > 15);
    CHECK(seconds < 40);
}

TEST_CASE("loss_that_comes_and_goes_keeps_fec_on") {
    LossPolicy policy;
    Time now{1s};
    policy.reported(now, 0.05);
    for (int i = 0; i < 100; ++i) {
        policy.reported(now += 1s, i % 8 == 0 ? 0.05 : 0.0);
        CHECK(policy.expected_percent() >= 1);
    }
}

TEST_CASE("a_congested_line_is_sent_less_but_never_less_than_half") {
    LossPolicy policy;
    Time now{1s};
    for (int i = 0; i < 3; ++i) policy.reported(now += 1s, 0.10);
    CHECK(policy.bitrate_share() == 1);
    for (int i = 0; i < 50; ++i) policy.reported(now += 1s, 0.5);
    CHECK(policy.bitrate_share() == 0.5);
    CHECK(policy.expected_percent() == 30);
    for (int i = 0; i < 50; ++i) policy.reported(now += 1s, 0);
    CHECK(policy.bitrate_share() == 1);
}

TEST_CASE("a_nonsense_report_changes_nothing_for_long") {
    LossPolicy policy;
    policy.reported(Time{1s}, std::numeric_limits<double>::quiet_NaN());
    CHECK(policy.expected_percent() == 0);
    policy.reported(Time{2s}, 7);
    CHECK(policy.expected_percent() <= 30);
}

}  // namespace earshot::audio
