#include "rtc/slot_reports.hpp"

#include <algorithm>

namespace earshot::rtc {

void SlotReports::add(std::size_t slot, const wire::ReportBlock& block, std::uint32_t passed_over) {
    // RFC 3550 section 6.4.1: the fraction is of the packets between the last two reports; how many those were, the numbers tell.
    constexpr std::uint32_t kTooMany = 1 << 14;
    auto& known = slots_[slot];
    // How many the first report is about is not known; it counts, if nothing but the listener's network can be to blame.
    const std::uint32_t expected = known.known ? block.highest_sequence - known.highest : passed_over == 0;
    std::uint32_t never_sent = known.known ? passed_over - known.passed_over : 0;
    if (never_sent != 0) ++never_sent;  // his report is older than our count
    known = {.highest = block.highest_sequence, .passed_over = passed_over, .known = true};
    if (expected == 0 || expected > kTooMany) return;
    expected_ += expected;
    lost_ += std::max(0.0, expected * (block.fraction_lost / 256.0) - never_sent);
}

std::optional<double> SlotReports::take_loss() {
    if (expected_ == 0) return std::nullopt;
    const double loss = lost_ / static_cast<double>(expected_);
    expected_ = 0;
    lost_ = 0;
    return loss;
}

}  // namespace earshot::rtc
