// Time is a value that is handed in. There is no now() here on purpose: only io reads a clock.
#pragma once
#include <chrono>
#include <cstdint>

namespace earshot {

// A clock that nobody can ask; it only names the type of a moment.
struct TurnClock {
    using rep = std::int64_t;
    using period = std::nano;
    using duration = std::chrono::nanoseconds;
    using time_point = std::chrono::time_point<TurnClock, duration>;
    static constexpr bool is_steady = true;
};

using Duration = std::chrono::nanoseconds;
// A moment on the monotonic clock of this process; its zero has no meaning.
using Time = TurnClock::time_point;
// Milliseconds since 1970-01-01 UTC, for what people read. Never used to decide when to wake.
using WallMs = std::int64_t;

inline constexpr Time kNever = Time::max();

// One turn's idea of time: it stands still while the machines work.
struct Now {
    Time at{};
    WallMs wall_ms = 0;
};

using namespace std::chrono_literals;

constexpr std::int64_t whole_ms(Duration d) { return std::chrono::duration_cast<std::chrono::milliseconds>(d).count(); }

}  // namespace earshot
