#include "audio/time_stretch.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/check.hpp"

namespace earshot::audio {
namespace {

constexpr std::size_t kCoarse = 8;         // 48 kHz to 6 kHz
constexpr std::size_t kMostMoments = 512;  // of the coarse copy: 85 ms
constexpr float kQuiet = 1e-12f;

struct Sums {
    float both = 0, first = 0, second = 0;
    float similarity() const { return both / std::sqrt((first + kQuiet) * (second + kQuiet)); }
};

template <typename Value>
Sums correlate(Value value, std::size_t first, std::size_t second, std::size_t count) {
    Sums sums;
    for (std::size_t n = 0; n < count; ++n) {
        const float a = value(first + n), b = value(second + n);
        sums.both += a * b;
        sums.first += a * a;
        sums.second += b * b;
    }
    return sums;
}

// The part of the sound that a search looks at, as one channel with an eighth of the samples; means of eight keep the voice.
struct Coarse {
    std::array<float, kMostMoments> moments{};
    std::size_t count = 0;

    Coarse(ConstSamples sound, std::size_t begin, std::size_t end) {
        count = std::min((end - begin) / kCoarse, kMostMoments);
        for (std::size_t n = 0; n < count; ++n) {
            float sum = 0;
            for (std::size_t i = 0; i < 2 * kCoarse; ++i) sum += sound[2 * (begin + n * kCoarse) + i];
            moments[n] = sum;
        }
    }
};

std::size_t first_of(const LagSearch& search) { return search.at - std::min(search.at, search.window / 2); }

// The longest lag for which both stretches lie inside.
std::size_t possible(ConstSamples sound, const LagSearch& search) {
    const std::size_t first = first_of(search), frames = sound.size() / 2;
    if (first + search.window > frames) return 0;
    return std::min(search.most, search.backwards ? first : frames - first - search.window);
}

std::size_t coarse_lag(ConstSamples sound, const LagSearch& search, std::size_t most) {
    const std::size_t first = first_of(search);
    const std::size_t begin = search.backwards ? first - most : first;
    const Coarse coarse{sound, begin, search.backwards ? first + search.window : first + most + search.window};
    const std::size_t here = search.backwards ? most / kCoarse : 0, window = search.window / kCoarse;
    std::size_t best = search.least / kCoarse;
    float highest = -2.0f;
    for (std::size_t lag = best; lag <= most / kCoarse; ++lag) {
        const std::size_t there = search.backwards ? here - lag : here + lag;
        if (std::max(here, there) + window > coarse.count) break;
        const auto sums = correlate([&](std::size_t n) { return coarse.moments[n]; }, here, there, window);
        if (sums.similarity() > highest) highest = sums.similarity(), best = lag;
    }
    return best * kCoarse;
}

}  // namespace

Resemblance resemblance(ConstSamples sound, const LagSearch& search, std::size_t lag) {
    const std::size_t first = first_of(search), second = search.backwards ? first - lag : first + lag;
    const auto middle = [&](std::size_t n) { return 0.5f * (sound[2 * n] + sound[2 * n + 1]); };
    const auto sums = correlate(middle, first, second, search.window);
    return {lag, sums.similarity(), std::max(sums.first, sums.second) / static_cast<float>(search.window)};
}

Resemblance find_lag(ConstSamples sound, const LagSearch& search) {
    ENSURE(search.window > 0 && search.at * 2 <= sound.size());
    const std::size_t most = possible(sound, search);
    if (most < search.least) return {};
    const std::size_t coarse = coarse_lag(sound, search, most);
    Resemblance best;
    best.similarity = -2.0f;
    const std::size_t from = std::max(search.least, coarse - std::min(coarse, kCoarse)), to = std::min(most, coarse + kCoarse);
    for (std::size_t lag = from; lag <= to; ++lag)
        if (const auto found = resemblance(sound, search, lag); found.similarity > best.similarity) best = found;
    return best;
}

}  // namespace earshot::audio
