// The made world: a virtual clock, a queue of things to come, and chance from one seed. Whatever two
// things fall on the same moment happen in the order in which they were asked for.
#pragma once
#include <fmt/format.h>

#include <cstdint>
#include <functional>
#include <queue>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/random.hpp"
#include "base/time.hpp"
#include "sim/trace.hpp"

namespace earshot::sim {

// An invariant that did not hold.
struct Broken {
    std::string invariant;
    std::string story;
    Time at{};
};

class World {
public:
    using Task = std::function<void()>;
    static constexpr WallMs kDawnMs = 1'800'000'000'000;  // the wall clock when virtual time is zero
    static constexpr Duration kBirth = 1000s;             // a monotonic clock never starts at zero

    explicit World(std::uint64_t seed) : seed_(seed), chance_(seed), now_(kBirth) {}
    World(const World&) = delete;
    World& operator=(const World&) = delete;

    std::uint64_t seed() const { return seed_; }
    Now now() const { return {now_, kDawnMs + whole_ms(now_.time_since_epoch()) + wall_shift_ms_}; }
    Duration elapsed() const { return now_.time_since_epoch() - kBirth; }
    // People set their clocks: the wall clock may jump, also backwards.
    void shift_wall_clock(WallMs by) { wall_shift_ms_ += by; }

    SeededRandom& chance() { return chance_; }
    // A stream of chance of its own: what is drawn here does not move what is drawn elsewhere.
    SeededRandom fork(std::string_view purpose) const;
    // Uniform between the two, both ends included.
    Duration between(Duration least, Duration most);

    void after(Duration delay, Task task) { at(now_ + std::max(delay, Duration{0}), std::move(task)); }
    void at(Time when, Task task) { tasks_.push({std::max(when, now_), ++order_, std::move(task)}); }
    // Runs the next thing; false when there is none or an invariant is broken.
    bool step();
    // Runs until virtual time has passed (or an invariant is broken).
    void run_for(Duration span);
    // Runs until `done` holds; false when `patience` passed without.
    bool run_until(const std::function<bool()>& done, Duration patience = 30s);

    template <typename... Args>
    void note(std::string_view who, fmt::format_string<Args...> format, Args&&... args) {
        trace_.note(Time{elapsed()}, who, fmt::format(format, std::forward<Args>(args)...));
    }
    Trace& trace() { return trace_; }

    // The first broken invariant ends the run.
    void broken(std::string invariant, std::string story);
    const std::vector<Broken>& failures() const { return failures_; }
    bool sound() const { return failures_.empty(); }
    std::string report() const;

private:
    struct Coming {
        Time at;
        std::uint64_t order;
        Task task;
        bool operator>(const Coming& other) const { return std::pair{at, order} > std::pair{other.at, other.order}; }
    };
    std::uint64_t seed_;
    SeededRandom chance_;
    Time now_;
    WallMs wall_shift_ms_ = 0;
    std::uint64_t order_ = 0;
    std::priority_queue<Coming, std::vector<Coming>, std::greater<>> tasks_;
    Trace trace_;
    std::vector<Broken> failures_;
};

}  // namespace earshot::sim
