#include "rtc/reception.hpp"

#include <algorithm>

namespace earshot::rtc {

void Reception::received(Time now, std::uint64_t index, std::uint32_t timestamp) {
    if (!started_) {
        started_ = true;
        base_ = highest_ = index;
    }
    highest_ = std::max(highest_, index);
    base_ = std::min(base_, index);
    ++received_;
    note_jitter(now, timestamp);
}

// RFC 3550 appendix A.8: a sixteenth of each difference, in integers.
void Reception::note_jitter(Time now, std::uint32_t timestamp) {
    const auto us = std::chrono::duration_cast<std::chrono::microseconds>(now.time_since_epoch()).count();
    const auto arrival = static_cast<std::uint32_t>(us * (clock_ / 1000) / 1000);
    const std::uint32_t transit = arrival - timestamp;
    const auto step = static_cast<std::int32_t>(transit - last_transit_);
    const bool first = received_ == 1;
    last_transit_ = transit;
    if (first) return;
    const auto size = step < 0 ? 0u - static_cast<std::uint32_t>(step) : static_cast<std::uint32_t>(step);
    // A sender whose clock leaps would leave a jitter of hours behind; a second is as bad as it gets.
    jitter_ += std::min(size, clock_) - ((jitter_ + 8) >> 4);
}

void Reception::sender_report(Time now, const wire::SenderReport& report) {
    last_sender_report_ = static_cast<std::uint32_t>(report.ntp >> 16);
    sender_report_at_ = now;
}

wire::ReportBlock Reception::report(Time now) {
    const std::uint64_t expected = started_ ? highest_ - base_ + 1 : 0;
    const auto expected_now = static_cast<std::int64_t>(expected - expected_before_);
    const auto lost_now = expected_now - static_cast<std::int64_t>(received_ - received_before_);
    expected_before_ = expected;
    received_before_ = received_;
    wire::ReportBlock block{.ssrc = ssrc_};
    if (expected_now > 0 && lost_now > 0) block.fraction_lost = static_cast<std::uint8_t>(std::min<std::int64_t>(255, lost_now * 256 / expected_now));
    reported_loss_ = block.fraction_lost / 256.0;
    const auto lost = static_cast<std::int64_t>(expected) - static_cast<std::int64_t>(received_);
    block.cumulative_lost = static_cast<std::int32_t>(std::clamp<std::int64_t>(lost, -0x800000, 0x7fffff));
    block.highest_sequence = static_cast<std::uint32_t>(highest_);
    block.jitter = jitter_ >> 4;
    if (last_sender_report_ != 0) {
        block.last_sender_report = last_sender_report_;
        block.delay_since = static_cast<std::uint32_t>(std::chrono::duration<double>(now - sender_report_at_).count() * 65536.0);
    }
    return block;
}

}  // namespace earshot::rtc
