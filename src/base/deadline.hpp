// When a machine wants to be woken, and why.
#pragma once
#include "base/time.hpp"

namespace earshot {

struct Deadline {
    Time at = kNever;
    const char* reason = "nothing due";  // a string literal; shown in simulator traces

    // Keeps whichever comes first.
    constexpr void sooner(Deadline other) {
        if (other.at < at) *this = other;
    }
};

}  // namespace earshot
