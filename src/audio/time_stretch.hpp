// Where sound can be cut or repeated unheard: the lag at which it resembles itself most, which is the pitch period of a voice or a
// multiple of it. Normalised cross-correlation, coarse at 6 kHz and then to the sample.
#pragma once
#include "audio/frame.hpp"

namespace earshot::audio {

inline constexpr std::size_t kShortestLag = 120;  // 2.5 ms, a high voice
inline constexpr std::size_t kLongestLag = 720;   // 15 ms, a deep one

struct Resemblance {
    std::size_t lag = 0;      // frames; 0: no lag was possible
    float similarity = 0.0f;  // -1..1
    float energy = 0.0f;      // mean square of the louder of the two stretches
};

// Compares the `window` frames of interleaved stereo around `at` (half before) with those `lag` later (or, with `backwards`, earlier),
// for each lag of [least, most] that stays inside of `sound`.
struct LagSearch {
    std::size_t at = 0;
    std::size_t window = 480;
    std::size_t least = kShortestLag;
    std::size_t most = kLongestLag;
    bool backwards = false;
};
Resemblance find_lag(ConstSamples sound, const LagSearch& search);
// The same for one given lag.
Resemblance resemblance(ConstSamples sound, const LagSearch& search, std::size_t lag);

}  // namespace earshot::audio
