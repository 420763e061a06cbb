#include "audio/noise_reducer.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

namespace earshot::audio {
namespace {

constexpr std::size_t kHop = ChangingFilter::kHop;
constexpr std::size_t kHopsPerPart = 38;    // 8 of 190 ms: people breathe or turn a syllable within 1.5 s
constexpr std::size_t kHopsToBelieve = 20;  // 100 ms: until then all of it passes
constexpr float kSmooth = 0.15f;            // about 30 ms
constexpr float kSpeechAboveLowest = 5.f;   // power
constexpr float kNoiseChange = 0.06f;       // about 80 ms
constexpr float kBelieveLast = 0.97f;       // of the decision-directed ratio
constexpr float kLeastPower = 1e-10f;       // below is no noise worth hearing
constexpr std::size_t kVoiceBands = 24;     // up to some 4 kHz

}  // namespace

NoiseReducer::NoiseReducer() {
    for (std::size_t i = 0; i < kSpectrum; ++i)
        window_[i] = static_cast<float>(0.5 - 0.5 * std::cos(2 * std::numbers::pi * (static_cast<double>(i) + 0.5) / static_cast<double>(kSpectrum)));
    // As the ear has it: narrow below, wide above.
    for (std::size_t bin = 0; bin <= kSpectrum / 2;) {
        const std::size_t end = std::min(bin + 1 + bin / 10, kSpectrum / 2 + 1);
        bands_.push_back({.begin = bin, .end = end});
        bin = end;
    }
}

void NoiseReducer::learn(Band& band, float power) {
    band.smooth += (power - band.smooth) * (hops_ == 0 ? 1.f : kSmooth);
    const std::size_t part = hops_ / kHopsPerPart % kParts;
    if (hops_ == 0) band.lowest.fill(band.smooth), band.noise = power;
    band.lowest[part] = hops_ % kHopsPerPart == 0 ? band.smooth : std::min(band.lowest[part], band.smooth);
    const float lowest = *std::ranges::min_element(band.lowest);
    band.speech += 0.5f * ((band.smooth > kSpeechAboveLowest * lowest ? 1.f : 0.f) - band.speech);
    band.noise += (power - band.noise) * kNoiseChange * (1 - band.speech);
}

float NoiseReducer::decide(Band& band, float power) const {
    const float noise = std::max(band.noise, kLeastPower), now = power / noise;
    const float ratio = kBelieveLast * band.gain * band.gain * band.ratio + (1 - kBelieveLast) * std::max(now - 1, 0.f);
    band.ratio = now;
    band.gain = ratio / (1 + ratio);
    return std::max(band.gain, kFloor);
}

// Two real blocks were transformed at once, one in each part; `second` says which is meant.
void NoiseReducer::gains_of(ConstSamples real, ConstSamples imaginary, bool second, bool nothing_else, FilterGains& gains) {
    openness_ = 0;
    for (std::size_t index = 0; index < bands_.size(); ++index) {
        auto& band = bands_[index];
        float power = 0;
        for (std::size_t bin = band.begin; bin < band.end; ++bin) {
            const std::size_t mirror = (kSpectrum - bin) % kSpectrum;
            const float re = second ? imaginary[bin] + imaginary[mirror] : real[bin] + real[mirror];
            const float im = second ? real[bin] - real[mirror] : imaginary[bin] - imaginary[mirror];
            power += re * re + im * im;
        }
        power /= static_cast<float>(4 * kSpectrum * (band.end - band.begin));
        learn(band, power);
        const float gain = nothing_else ? kFloor : hops_ < kHopsToBelieve ? 1.f : decide(band, power);
        if (index < kVoiceBands) openness_ += gain / kVoiceBands;
        for (std::size_t bin = (band.begin + 1) / 2; 2 * bin < band.end; ++bin) gains[bin] = gain;
    }
    ++hops_;
}

void NoiseReducer::process(std::span<float, kBlock> block, bool nothing_else) {
    // A device that lost its mind would be remembered for ever.
    if (!std::isfinite(std::accumulate(block.begin(), block.end(), 0.f))) std::ranges::fill(block, 0.f);
    std::copy_n(past_.begin() + kBlock, kSpectrum + kHop - kBlock, past_.begin());
    std::ranges::copy(block, past_.end() - kBlock);
    for (std::size_t i = 0; i < kSpectrum; ++i) real_[i] = window_[i] * past_[i], imaginary_[i] = window_[i] * past_[i + kHop];
    fourier_.forward(real_, imaginary_);
    FilterGains first, second;
    gains_of(real_, imaginary_, false, nothing_else, first);
    gains_of(real_, imaginary_, true, nothing_else, second);
    FilterTaps first_taps, second_taps;
    design_.make(first, second, first_taps, second_taps);
    filter_.process(block.first<kHop>(), first_taps);
    filter_.process(block.last<kHop>(), second_taps);
}

}  // namespace earshot::audio
