// What the house counts, as Prometheus will see it. A set belongs to one thread that writes it;
// others may read it at any moment, so writes are relaxed atomics without a lock prefix.
#pragma once
#include <array>
#include <atomic>
#include <cstdint>
#include <span>
#include <string>

namespace earshot {

// name, kind (counter or gauge), labels, help: see counters.def
enum class Counter : std::uint16_t {
#define EARSHOT_COUNTER(id, kind, name, labels, help) id,
#include "base/counters.def"
#undef EARSHOT_COUNTER
    kCount
};

class Counters {
public:
    void add(Counter which, std::uint64_t amount = 1) { set(which, get(which) + amount); }
    void subtract(Counter which, std::uint64_t amount = 1) { set(which, get(which) - amount); }
    void set(Counter which, std::uint64_t value) { at(which).store(value, std::memory_order_relaxed); }
    std::uint64_t get(Counter which) const { return values_[static_cast<std::size_t>(which)].load(std::memory_order_relaxed); }

private:
    std::atomic<std::uint64_t>& at(Counter which) { return values_[static_cast<std::size_t>(which)]; }
    std::array<std::atomic<std::uint64_t>, static_cast<std::size_t>(Counter::kCount)> values_{};
};

// The sum of all sets in Prometheus' text format 0.0.4.
std::string render_prometheus(std::span<const Counters* const> sets);

}  // namespace earshot
