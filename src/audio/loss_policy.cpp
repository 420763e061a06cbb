#include "audio/loss_policy.hpp"

#include <algorithm>
#include <cmath>

namespace earshot::audio {

void LossPolicy::reported(Time now, double lost) {
    lost = std::isnan(lost) ? 0 : std::clamp(lost, 0.0, 1.0);
    loss_ += (lost - loss_) * (lost > loss_ ? 0.7 : 0.15);
    if (lost > kCongested)
        share_ = std::max(kLeast, share_ * 0.85);
    else if (lost < kClear)
        share_ = std::min(1.0, share_ * 1.05);

    if (lost >= kBegin) fec_ = true;
    if (loss_ >= kEnd)
        calm_since_ = kNever;
    else if (calm_since_ == kNever)
        calm_since_ = now;
    if (fec_ && calm_since_ != kNever && now - calm_since_ >= kCalm) fec_ = false;
}

int LossPolicy::expected_percent() const {
    if (!fec_) return 0;
    return std::clamp(static_cast<int>(std::lround(loss_ * 100)), 1, 30);
}

}  // namespace earshot::audio
