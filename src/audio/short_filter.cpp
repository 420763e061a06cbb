#include "audio/short_filter.hpp"

#include <algorithm>
#include <cmath>

namespace earshot::audio {
namespace {

constexpr std::size_t kHalf = kFilterGrid / 2;
constexpr std::size_t kTailFade = 24;  // the last taps sink to nothing: no ripple from cutting off

constexpr std::size_t kStretch = 8;  // samples at once
static_assert(ChangingFilter::kHop % kStretch == 0);
using Stretch = std::array<float, kStretch>;

// What two filters make of the same sound, whose sample for the first output is at `last`. The sums are the compiler's own, so that it
// may keep them in wide registers.
void convolve(const float* last, const FilterTaps& one, const FilterTaps& other, Stretch& by_one, Stretch& by_other) {
    Stretch first{}, second{};
    for (std::size_t tap = 0; tap < kFilterTaps; ++tap) {
        const float* sound = last - tap;
        for (std::size_t i = 0; i < kStretch; ++i) first[i] += one[tap] * sound[i];
        for (std::size_t i = 0; i < kStretch; ++i) second[i] += other[tap] * sound[i];
    }
    by_one = first, by_other = second;
}

}  // namespace

void FilterDesign::make(const FilterGains& first, const FilterGains& second, FilterTaps& first_taps, FilterTaps& second_taps) {
    for (std::size_t bin = 0; bin <= kHalf; ++bin) {
        real_[bin] = std::log(first[bin]);
        imaginary_[bin] = std::log(second[bin]);
        if (bin > 0 && bin < kHalf) real_[kFilterGrid - bin] = real_[bin], imaginary_[kFilterGrid - bin] = imaginary_[bin];
    }
    // Both cepstra are real, one in each part. What lies before zero is folded onto what lies after it.
    fourier_.backward(real_, imaginary_);
    for (std::size_t i = 1; i < kHalf; ++i) {
        real_[i] *= 2, imaginary_[i] *= 2;
        real_[kFilterGrid - i] = imaginary_[kFilterGrid - i] = 0;
    }
    fourier_.forward(real_, imaginary_);
    // Taken apart again by their symmetry, each becomes its exponential.
    for (std::size_t bin = 0; bin <= kHalf; ++bin) {
        const std::size_t mirror = (kFilterGrid - bin) % kFilterGrid;
        const float a = 0.5f * (real_[bin] + real_[mirror]), b = 0.5f * (imaginary_[bin] - imaginary_[mirror]);
        const float c = 0.5f * (imaginary_[bin] + imaginary_[mirror]), d = -0.5f * (real_[bin] - real_[mirror]);
        const float one = std::exp(a), two = std::exp(c);
        const float ar = one * std::cos(b), ai = one * std::sin(b), cr = two * std::cos(d), ci = two * std::sin(d);
        real_[bin] = ar - ci, imaginary_[bin] = ai + cr;
        real_[mirror] = ar + ci, imaginary_[mirror] = cr - ai;
    }
    fourier_.backward(real_, imaginary_);
    for (std::size_t tap = 0; tap < kFilterTaps; ++tap) {
        const float fade = std::min(1.f, static_cast<float>(kFilterTaps - tap) / static_cast<float>(kTailFade));
        first_taps[tap] = fade * real_[tap];
        second_taps[tap] = fade * imaginary_[tap];
    }
}

void ChangingFilter::process(std::span<float, kHop> sound, const FilterTaps& next) {
    std::ranges::copy(sound, past_.begin() + (kFilterTaps - 1));
    Stretch before, after;
    for (std::size_t at = 0; at < kHop; at += kStretch) {
        convolve(past_.data() + kFilterTaps - 1 + at, taps_, next, before, after);
        for (std::size_t i = 0; i < kStretch; ++i) {
            const float share = static_cast<float>(at + i + 1) / static_cast<float>(kHop);
            sound[at + i] = before[i] + share * (after[i] - before[i]);
        }
    }
    taps_ = next;
    std::copy_n(past_.begin() + kHop, kFilterTaps - 1, past_.begin());
}

}  // namespace earshot::audio
