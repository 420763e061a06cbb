#include "media/loss_repair.hpp"

#include <algorithm>

namespace earshot::media {

void LossRepair::received(Time now, std::uint64_t sequence) {
    if (!started_) {
        started_ = true;
        next_ = sequence + 1;
        return;
    }
    if (sequence >= next_) {
        add_gap(now, sequence);
        next_ = sequence + 1;
        return;
    }
    const auto end = missing_.begin() + static_cast<std::ptrdiff_t>(count_);
    const auto found = std::lower_bound(missing_.begin(), end, sequence, [](const Missing& each, std::uint64_t number) { return each.sequence < number; });
    if (found != end && found->sequence == sequence) erase(static_cast<std::size_t>(found - missing_.begin()));
}

void LossRepair::add_gap(Time now, std::uint64_t end) {
    if (end - next_ > kMostMissing - count_) {  // too much: begin again behind it
        broken_ = true;
        count_ = 0;
        return;
    }
    for (; next_ < end; ++next_) missing_[count_++] = {.sequence = next_, .since = now, .next = now + kLate};
}

void LossRepair::erase(std::size_t index) {
    std::move(missing_.begin() + static_cast<std::ptrdiff_t>(index) + 1, missing_.begin() + static_cast<std::ptrdiff_t>(count_),
              missing_.begin() + static_cast<std::ptrdiff_t>(index));
    --count_;
}

std::size_t LossRepair::ask(Time now, Duration round_trip, std::span<std::uint16_t> out) {
    const Duration wait = std::clamp<Duration>(round_trip + round_trip / 4, kShortestWait, kLongestWait);
    std::size_t asked = 0, kept = 0;
    for (std::size_t i = 0; i < count_; ++i) {
        auto each = missing_[i];
        const bool due = each.next <= now;
        if (due && (each.asks >= kMostAsks || now - each.since >= kGiveUp)) {
            broken_ = true;
            continue;
        }
        if (due && asked < out.size()) {
            out[asked++] = static_cast<std::uint16_t>(each.sequence);
            ++each.asks;
            each.next = now + wait;
        }
        missing_[kept++] = each;
    }
    count_ = kept;
    return asked;
}

Deadline LossRepair::deadline() const {
    Deadline next;
    for (std::size_t i = 0; i < count_; ++i) next.sooner({missing_[i].next, "a packet that is missing"});
    return next;
}

}  // namespace earshot::media
