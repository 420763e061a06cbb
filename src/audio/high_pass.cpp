#include "audio/high_pass.hpp"

#include <cmath>
#include <numbers>

namespace earshot::audio {

// The analogue filter by the bilinear transform.
HighPass::HighPass(double hertz) {
    const double k = std::tan(std::numbers::pi * hertz / kRate), norm = 1 / (1 + std::numbers::sqrt2 * k + k * k);
    gain_ = static_cast<float>(norm);
    a1_ = static_cast<float>(2 * (k * k - 1) * norm);
    a2_ = static_cast<float>((1 - std::numbers::sqrt2 * k + k * k) * norm);
}

void HighPass::process(Samples mono) {
    for (float& sample : mono) {
        const float x = sample;
        const float y = gain_ * (x - 2 * x1_ + x2_) - a1_ * y1_ - a2_ * y2_;
        x2_ = x1_, x1_ = x;
        y2_ = y1_, y1_ = y;
        sample = y;
    }
    // What is not a number, or too small to be worth its slowness, ends here.
    if (!std::isnormal(y1_) || !std::isnormal(y2_) || std::abs(y1_) < 1e-20f) y1_ = y2_ = 0;
    if (!std::isfinite(x1_) || !std::isfinite(x2_)) x1_ = x2_ = 0;
}

}  // namespace earshot::audio
