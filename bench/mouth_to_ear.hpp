// A made mouth and a made ear: what is said and what is heard each have a time for every sample, and the delay between them is found
// by correlation, window by window.
#pragma once
#include <algorithm>
#include <cmath>
#include <vector>

#include "audio/signals_for_tests.hpp"

namespace earshot::bench {

inline std::int64_t samples_in(Duration time) { return time.count() * audio::kRate / 1'000'000'000; }

// Sound with a start on the clock; sample i is at start + i / 48 kHz.
struct Tape {
    Time start{};
    std::vector<float> sound{};
    std::int64_t index_of(Time at) const { return samples_in(at - start); }
};

// The means of eight: 6 kHz, enough to find the place.
inline constexpr std::size_t kCoarse = 8;
inline std::vector<float> coarse(audio::ConstSamples sound) {
    std::vector<float> out(sound.size() / kCoarse);
    for (std::size_t i = 0; i < out.size() * kCoarse; ++i) out[i / kCoarse] += sound[i];
    return out;
}

// Delays in ms of windows of 100 ms (of longer ones where the sound was changed on its way) from mouth to ear; windows that are not recognised are counted and
// left out.
struct Delays {
    std::vector<double> ms{};
    std::size_t unknown = 0;
    double percentile(double p) const {
        if (ms.empty()) return -1;
        auto sorted = ms;
        std::ranges::sort(sorted);
        return sorted[std::min(sorted.size() - 1, static_cast<std::size_t>(p * static_cast<double>(sorted.size())))];
    }
    double drift() const {  // of the second half's median against the first's
        const auto half = static_cast<std::ptrdiff_t>(ms.size() / 2);
        Delays a{{ms.begin(), ms.begin() + half}}, b{{ms.begin() + half, ms.end()}};
        return b.percentile(0.5) - a.percentile(0.5);
    }
    void add(const Delays& other) {
        ms.insert(ms.end(), other.ms.begin(), other.ms.end());
        unknown += other.unknown;
    }
};

inline Delays delays_between(const Tape& mouth, const Tape& ear, Duration longest, Duration skip, std::size_t window = 4800) {
    constexpr std::size_t step = 4800;
    Delays delays;
    const auto range = static_cast<std::size_t>(samples_in(longest));
    for (std::size_t at = static_cast<std::size_t>(samples_in(skip)); at + window < mouth.sound.size(); at += step) {
        const Time said_at = mouth.start + Duration{static_cast<std::int64_t>(at) * 1'000'000'000 / audio::kRate};
        const auto from = ear.index_of(said_at);
        if (from < 0 || static_cast<std::size_t>(from) + range + window >= ear.sound.size()) continue;
        const auto said = audio::ConstSamples{mouth.sound}.subspan(at, window);
        const auto heard = audio::ConstSamples{ear.sound}.subspan(static_cast<std::size_t>(from), range + window);
        if (audio::rms(said) < 0.01) continue;
        const auto rough = audio::best_match(coarse(said), coarse(heard), range / kCoarse);
        const std::size_t near = rough.shift * kCoarse > kCoarse ? (rough.shift - 1) * kCoarse : 0;
        const auto fine = audio::best_match(said, heard.subspan(near), 2 * kCoarse);
        if (fine.correlation < 0.5) {
            ++delays.unknown;
            continue;
        }
        delays.ms.push_back(static_cast<double>(near + fine.shift) / 48.0);
    }
    return delays;
}

}  // namespace earshot::bench
