// How packets cross from one thread to another: a ring of values of fixed size, one sender, one taker, no lock and no allocation
// after its construction. What finds it full is not taken, and the sender counts it: sound that waits is worth nothing.
#pragma once
#include <atomic>
#include <cstddef>
#include <memory>

#include "base/check.hpp"
#include "port/control.hpp"

namespace earshot::engine {

template <typename Value>
class PacketBox {
public:
    // `capacity`: a power of two.
    explicit PacketBox(std::size_t capacity) : ring_(std::make_unique_for_overwrite<Value[]>(capacity)), mask_(capacity - 1) {
        ENSURE(capacity > 0 && (capacity & mask_) == 0);
    }

    // Whom a push wakes; null: nobody, the taker looks by himself often enough. Set before the threads start.
    void set_waker(port::Waker* waker) { waker_ = waker; }

    // Calls fill(Value&) on the next place, whose content is old. False when full: fill was not called.
    template <typename Fill>
    [[nodiscard]] bool push(Fill&& fill) {
        const auto at = written_.load(std::memory_order_relaxed);
        if (at - taken_.load(std::memory_order_acquire) > mask_) return false;
        fill(ring_[at & mask_]);
        written_.store(at + 1, std::memory_order_release);
        // The taker answers the bell before he looks, so what is pushed after his look rings again.
        if (waker_ && !rung_.exchange(true)) waker_->wake();
        return true;
    }

    // Calls take(const Value&) for everything that waits, oldest first; at most one full box a call.
    template <typename Take>
    void take_each(Take&& take) {
        rung_.exchange(false);
        auto at = taken_.load(std::memory_order_relaxed);
        for (const auto end = written_.load(std::memory_order_acquire); at != end; ++at) {
            take(const_cast<const Value&>(ring_[at & mask_]));
            taken_.store(at + 1, std::memory_order_release);
        }
    }

    bool empty() const { return written_.load(std::memory_order_acquire) == taken_.load(std::memory_order_acquire); }

private:
    std::unique_ptr<Value[]> ring_;
    const std::size_t mask_;
    port::Waker* waker_ = nullptr;
    alignas(64) std::atomic<std::size_t> written_{0};
    alignas(64) std::atomic<std::size_t> taken_{0};
    alignas(64) std::atomic<bool> rung_{false};
};

}  // namespace earshot::engine
