// Made sounds for tests and benches, the same on every run.
#pragma once
#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include "audio/frame.hpp"
#include "base/random.hpp"

namespace earshot::audio {

inline std::vector<float> made_sine(double hertz, double amplitude, std::size_t count, double rate = kRate) {
    std::vector<float> sound(count);
    for (std::size_t i = 0; i < count; ++i) sound[i] = static_cast<float>(amplitude * std::sin(2 * std::numbers::pi * hertz * static_cast<double>(i) / rate));
    return sound;
}

// White, uniform in [-amplitude, amplitude].
inline std::vector<float> made_noise(double amplitude, std::size_t count, std::uint64_t seed = 1) {
    SeededRandom chance(seed);
    std::vector<float> sound(count);
    for (auto& sample : sound) sample = static_cast<float>(amplitude * (static_cast<double>(chance.next() >> 11) / 4503599627370496.0 - 1));
    return sound;
}

// Like speech: pulses of a wandering pitch through three resonances that change with each syllable of 180 ms, breath between, and
// now and then a pause.
inline std::vector<float> made_speech(double amplitude, std::size_t count, std::uint64_t seed = 1, bool pauses = true) {
    SeededRandom chance(seed);
    std::vector<float> sound(count);
    const double vowels[5][3] = {{730, 1090, 2440}, {270, 2290, 3010}, {300, 870, 2240}, {530, 1840, 2480}, {570, 840, 2410}};
    double state[3][2]{}, coefficient[3][2]{};
    double phase = 0, pitch = 110, loud = 0;
    constexpr std::size_t syllable = 8640;
    bool voiced = true, quiet = false;
    double peak = 1e-9;
    for (std::size_t i = 0; i < count; ++i) {
        if (i % syllable == 0) {
            const auto& vowel = vowels[chance.below(5)];
            for (int f = 0; f < 3; ++f) {
                const double r = std::exp(-std::numbers::pi * (70 + 40 * f) / kRate);
                coefficient[f][0] = 2 * r * std::cos(2 * std::numbers::pi * vowel[f] / kRate);
                coefficient[f][1] = -r * r;
            }
            pitch = 90 + static_cast<double>(chance.below(60));
            voiced = chance.below(6) != 0;
            quiet = pauses && chance.below(5) == 0;
        }
        const double within = static_cast<double>(i % syllable) / syllable;
        const double wanted = quiet ? 0 : std::sin(std::numbers::pi * within);
        loud += (wanted - loud) * 0.002;
        phase += pitch * (1 + 0.02 * std::sin(static_cast<double>(i) * 0.0007)) / kRate;
        double source = (static_cast<double>(chance.next() >> 11) / 4503599627370496.0 - 1) * (voiced ? 0.02 : 0.3);
        if (phase >= 1) {
            phase -= 1;
            if (voiced) source += 8;
        }
        double out = 0;
        for (int f = 0; f < 3; ++f) {
            const double y = source + coefficient[f][0] * state[f][0] + coefficient[f][1] * state[f][1];
            state[f][1] = state[f][0];
            state[f][0] = y;
            out += y * (f == 0 ? 1 : 0.5);
        }
        sound[i] = static_cast<float>(out * loud);
        peak = std::max(peak, std::abs(out * loud));
    }
    for (auto& sample : sound) sample = static_cast<float>(sample * amplitude / peak);
    return sound;
}

inline double energy(ConstSamples sound) {
    double sum = 0;
    for (const float sample : sound) sum += static_cast<double>(sample) * sample;
    return sum;
}
inline double rms(ConstSamples sound) { return sound.empty() ? 0 : std::sqrt(energy(sound) / static_cast<double>(sound.size())); }

// Normalised correlation of the overlap when `heard` begins `shift` samples after `said`.
inline double correlation_at(ConstSamples said, ConstSamples heard, std::size_t shift) {
    if (shift >= heard.size()) return 0;
    const std::size_t size = std::min(said.size(), heard.size() - shift);
    double product = 0;
    for (std::size_t i = 0; i < size; ++i) product += static_cast<double>(said[i]) * heard[i + shift];
    const double norm = std::sqrt(energy(said.first(size)) * energy(heard.subspan(shift, size)));
    return norm > 0 ? product / norm : 0;
}

struct BestMatch {
    std::size_t shift = 0;
    double correlation = 0;
};
inline BestMatch best_match(ConstSamples said, ConstSamples heard, std::size_t max_shift) {
    BestMatch best;
    for (std::size_t shift = 0; shift <= max_shift; ++shift)
        if (const double c = correlation_at(said, heard, shift); c > best.correlation) best = {shift, c};
    return best;
}

// The largest step between neighbouring samples: a click shows here.
inline double largest_step(ConstSamples sound) {
    double step = 0;
    for (std::size_t i = 1; i < sound.size(); ++i) step = std::max(step, std::abs(static_cast<double>(sound[i]) - sound[i - 1]));
    return step;
}

}  // namespace earshot::audio
