// The only place that reads a clock.
#pragma once
#include "base/time.hpp"

namespace earshot::io {

inline Time read_clock() { return Time{std::chrono::steady_clock::now().time_since_epoch()}; }

inline Now now() {
    return {read_clock(), std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch()).count()};
}

}  // namespace earshot::io
