// Finds clicks in sound: half a millisecond whose third difference, which a step or a kink raises in all of the spectrum, stands alone
// far above all that is heard in the 30 ms before and after it. Speech has peaks too, but they have neighbours: what clean decoded
// speech reaches gives the threshold.
#pragma once
#include <algorithm>
#include <cmath>
#include <vector>

#include "audio/frame.hpp"

namespace earshot::audio {

struct Splash {
    std::size_t at = 0;  // frame
    double ratio = 0.0;  // above its neighbourhood
    double peak = 0.0;   // of the third difference
};

// One splash for each half millisecond whose peak is above `floor` (third difference; a lone step of s gives 3 s).
inline std::vector<Splash> splashes(ConstSamples mono, double floor = 0.001) {
    constexpr std::size_t kBlock = 24, kReach = 60, kNear = 4;
    const std::size_t blocks = mono.size() / kBlock;
    std::vector<double> peak(blocks, 0.0);
    for (std::size_t n = 3; n < blocks * kBlock; ++n) {
        const double third = double{mono[n]} - 3.0 * double{mono[n - 1]} + 3.0 * double{mono[n - 2]} - double{mono[n - 3]};
        peak[n / kBlock] = std::max(peak[n / kBlock], std::abs(third));
    }
    std::vector<Splash> found;
    for (std::size_t b = kReach; b + kReach < blocks; ++b) {
        if (peak[b] < floor) continue;
        const auto at = peak.begin() + static_cast<std::ptrdiff_t>(b);
        if (*std::max_element(at - 2, at + 3) > peak[b]) continue;
        const double before = *std::max_element(at - kReach, at - kNear), after = *std::max_element(at + kNear + 1, at + kReach);
        found.push_back({b * kBlock, peak[b] / std::max({before, after, 1e-6}), peak[b]});
    }
    return found;
}

inline double largest_splash(ConstSamples mono) {
    double largest = 0;
    for (const auto& splash : splashes(mono)) largest = std::max(largest, splash.ratio);
    return largest;
}

}  // namespace earshot::audio
