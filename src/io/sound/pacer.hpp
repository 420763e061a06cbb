// When the next block of sound is due. Counted from the beginning, so that a thousand late wakings add up to nothing.
#pragma once
#include <cstdint>

#include "base/time.hpp"

namespace earshot::io {

class Pacer {
public:
    static constexpr Duration kLost = 500ms;  // later than this was a suspended machine: nobody wants it made up for

    Pacer(Time start, Duration period) : start_(start), period_(period) {}

    Time next() const { return start_ + ticks_ * period_; }
    // The block that is due at `now` is taken; call until it returns false.
    bool take(Time now) {
        if (now < next()) return false;
        if (now - next() > kLost) {
            start_ = now;
            ticks_ = 0;
        }
        ++ticks_;
        return true;
    }

private:
    Time start_;
    Duration period_;
    std::int64_t ticks_ = 1;
};

}  // namespace earshot::io
