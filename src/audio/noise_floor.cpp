#include "audio/noise_floor.hpp"

#include <algorithm>

namespace earshot::audio {

void NoiseFloor::add(float dbov, Duration length) {
    if (!started_) {
        started_ = true;
        smooth_ = dbov;
        quietest_.fill(dbov);
    }
    // About 50 ms of smoothing: a single quiet pitch period is no pause.
    const float share = std::min(1.f, static_cast<float>(length.count()) / 50e6f);
    smooth_ += (dbov - smooth_) * share;
    current_ = filled_ == Duration{0} ? smooth_ : std::min(current_, smooth_);
    filled_ += length;
    if (filled_ < kWindow) return;
    quietest_[window_] = current_;
    window_ = (window_ + 1) % kWindows;
    filled_ = Duration{0};
}

float NoiseFloor::dbov() const {
    const float before = *std::ranges::min_element(quietest_);
    return filled_ == Duration{0} ? before : std::min(before, current_);
}

}  // namespace earshot::audio
