#include "media/pacer.hpp"

#include <algorithm>

namespace earshot::media {

Pacer::Queue& Pacer::queue(std::size_t lane) {
    if (!queues_[lane]) queues_[lane] = std::make_unique<Queue>();
    return *queues_[lane];
}

bool Pacer::push(Time now, Lane lane, std::uint64_t ticket, std::size_t bytes) {
    const auto index = static_cast<std::size_t>(lane);
    auto& waiting = queue(index);
    drop_stale(now, index);
    if (waiting.count == kWaiting) {
        broken_ = static_cast<std::uint8_t>(broken_ | 1u << index);
        return false;
    }
    waiting.places[(waiting.first + waiting.count++) % kWaiting] = {.ticket = ticket, .since = now, .bytes = static_cast<std::uint32_t>(bytes)};
    waiting_bytes_ += bytes;
    return true;
}

// What waits too long is dropped from the front: the newest is worth the most.
void Pacer::drop_stale(Time now, std::size_t lane) {
    auto& waiting = *queues_[lane];
    while (waiting.count > 0 && now - waiting.places[waiting.first].since > kLongest) {
        waiting_bytes_ -= waiting.places[waiting.first].bytes;
        waiting.first = (waiting.first + 1) % kWaiting;
        --waiting.count;
        broken_ = static_cast<std::uint8_t>(broken_ | 1u << lane);
    }
}

double Pacer::burst() const { return std::max(static_cast<double>(kLeastBurst), rate_ * kFaster / 8 * std::chrono::duration<double>(kBurst).count()); }

void Pacer::refill(Time now) {
    const double span = std::chrono::duration<double>(now - settled_).count();
    if (now > settled_) debt_ = std::max(0.0, debt_ - rate_ * kFaster / 8 * span);
    settled_ = std::max(settled_, now);
}

std::optional<Pacer::Due> Pacer::pop(Time now) {
    if (waiting_bytes_ == 0) return std::nullopt;
    refill(now);
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
        if (!queues_[lane]) continue;
        drop_stale(now, lane);
        auto& waiting = *queues_[lane];
        if (waiting.count == 0) continue;
        const auto next = waiting.places[waiting.first];
        if (debt_ + next.bytes > burst()) return std::nullopt;
        debt_ += next.bytes;
        waiting_bytes_ -= next.bytes;
        waiting.first = (waiting.first + 1) % kWaiting;
        --waiting.count;
        return Due{static_cast<Lane>(lane), next.ticket};
    }
    return std::nullopt;
}

void Pacer::clear(Lane lane) {
    auto* waiting = queues_[static_cast<std::size_t>(lane)].get();
    if (!waiting) return;
    for (; waiting->count > 0; --waiting->count, waiting->first = (waiting->first + 1) % kWaiting) waiting_bytes_ -= waiting->places[waiting->first].bytes;
}

Deadline Pacer::deadline() const {
    if (waiting_bytes_ == 0) return {};
    for (const auto& waiting : queues_) {
        if (!waiting || waiting->count == 0) continue;
        const double over = debt_ + waiting->places[waiting->first].bytes - burst();
        // Rounded up, so that it is due when it is called due.
        const auto wait = std::chrono::ceil<std::chrono::microseconds>(std::chrono::duration<double>(std::max(0.0, over) * 8 / (rate_ * kFaster)));
        return {settled_ + wait, "a picture's packets that are spread in time"};
    }
    return {};
}

}  // namespace earshot::media
