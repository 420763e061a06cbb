// A made room: what the microphone hears of the loudspeakers.
#pragma once
#include <utility>

#include "audio/signals_for_tests.hpp"

namespace earshot::audio {

// What a room makes of the loudspeakers: 60 ms until the sound comes to the microphone, a direct path and a tail of 120 ms.
inline std::vector<float> room_echo(ConstSamples said) {
    constexpr std::size_t delay = 2880, tail = 5760;
    std::vector<std::pair<std::size_t, float>> taps{{delay, 0.5f}};
    SeededRandom chance(11);
    for (int i = 0; i < 300; ++i) {
        const std::size_t at = chance.below(tail);
        const double decay = std::exp(-3.0 * static_cast<double>(at) / tail);
        taps.emplace_back(delay + at, static_cast<float>(0.06 * decay * (chance.chance(0.5) ? 1 : -1)));
    }
    std::vector<float> heard(said.size());
    for (const auto& [at, gain] : taps)
        for (std::size_t i = at; i < said.size(); ++i) heard[i] += gain * said[i - at];
    return heard;
}

}  // namespace earshot::audio
