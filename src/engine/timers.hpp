// Deadlines of many machines by a small number each, cheapest first. Moving a deadline later costs nothing: when the old one
// comes due its owner is asked and scheduled again.
#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <queue>
#include <utility>
#include <vector>

#include "base/time.hpp"

namespace earshot::engine {

class Timers {
public:
    using Key = std::uint32_t;  // dense: a table grows to the largest

    // The key comes due at `at`, or earlier if it was to already.
    void schedule(Key key, Time at) {
        if (key >= due_.size()) due_.resize(key + 1, kNever);
        if (at >= due_[key]) return;
        due_[key] = at;
        heap_.emplace(at, key);
    }
    void cancel(Key key) {
        if (key < due_.size()) due_[key] = kNever;
    }
    // One key that is due, and no longer scheduled.
    std::optional<Key> pop(Time now) {
        drop_stale();
        if (heap_.empty() || heap_.top().first > now) return std::nullopt;
        const Key key = heap_.top().second;
        heap_.pop();
        due_[key] = kNever;
        return key;
    }
    Time next() const {
        drop_stale();
        return heap_.empty() ? kNever : heap_.top().first;
    }

private:
    using Entry = std::pair<Time, Key>;
    void drop_stale() const {
        while (!heap_.empty() && due_[heap_.top().second] != heap_.top().first) heap_.pop();
    }
    std::vector<Time> due_;
    // Entries whose key was scheduled earlier since, or cancelled, are dropped when they come up.
    mutable std::priority_queue<Entry, std::vector<Entry>, std::greater<>> heap_;
};

}  // namespace earshot::engine
