// How two threads speak: a bounded queue of values, one sender, one taker. Orders and news are rare (joins,
// mutes, who speaks), packets never pass here, so a mutex held for the length of a move is enough.
#pragma once
#include <mutex>
#include <utility>
#include <vector>

#include "port/control.hpp"

namespace earshot::engine {

template <typename Value>
class Mailbox {
public:
    explicit Mailbox(std::size_t capacity) : capacity_(capacity) {}

    // Whom push() wakes; null: nobody (the simulator drains every turn). Set before the threads start.
    void set_waker(port::Waker* waker) { waker_ = waker; }

    // False when full: the value is untouched, the caller counts it and decides. Wakes the taker when the box was empty.
    [[nodiscard]] bool push(Value&& value) { return push_below(capacity_, std::move(value)); }
    // For what must not be lost (a peer's end, a mute): as much room again is kept for it.
    [[nodiscard]] bool push_reserved(Value&& value) { return push_below(2 * capacity_, std::move(value)); }

    // Everything that waits, oldest first.
    std::vector<Value> take() {
        std::vector<Value> taken;
        const std::lock_guard lock{mutex_};
        taken.swap(values_);
        return taken;
    }

    bool empty() const {
        const std::lock_guard lock{mutex_};
        return values_.empty();
    }

private:
    bool push_below(std::size_t bound, Value&& value) {
        {
            const std::lock_guard lock{mutex_};
            if (values_.size() >= bound) return false;
            values_.push_back(std::move(value));
            if (values_.size() > 1) return true;
        }
        if (waker_) waker_->wake();
        return true;
    }

    const std::size_t capacity_;
    port::Waker* waker_ = nullptr;
    mutable std::mutex mutex_;
    std::vector<Value> values_;
};

}  // namespace earshot::engine
