// The step in which the bridge works: 20 ms, one Opus frame, one datagram of a talk.
#pragma once
#include <array>

#include "audio/frame.hpp"

namespace earshot::bridge {

inline constexpr Duration kStep = 20ms;
inline constexpr std::size_t kFrame = 960;  // samples of one channel at 48 kHz in a step

using MonoFrame = std::array<float, kFrame>;
using StereoFrame = std::array<float, 2 * kFrame>;  // interleaved

}  // namespace earshot::bridge
