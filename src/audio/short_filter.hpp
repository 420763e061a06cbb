// Turns a wanted loudness for each frequency into a short filter that delays as little as any filter with that loudness can
// (minimum phase, by the folded cepstrum), and applies such filters one after the other without a seam.
#pragma once
#include <array>

#include "audio/fourier.hpp"
#include "audio/frame.hpp"

namespace earshot::audio {

inline constexpr std::size_t kFilterGrid = 256;
inline constexpr std::size_t kFilterTaps = 96;  // 2 ms: it tells apart what lies some 500 Hz apart

using FilterGains = std::array<float, kFilterGrid / 2 + 1>;  // above zero, from 0 Hz to half the rate
using FilterTaps = std::array<float, kFilterTaps>;

class FilterDesign {
public:
    // Two at once cost what one costs.
    void make(const FilterGains& first, const FilterGains& second, FilterTaps& first_taps, FilterTaps& second_taps);

private:
    Fourier fourier_{kFilterGrid};
    std::array<float, kFilterGrid> real_{}, imaginary_{};
};

class ChangingFilter {
public:
    static constexpr std::size_t kHop = 240;

    ChangingFilter() { taps_[0] = 1.f; }
    // In place; the last filter fades into the next over the hop.
    void process(std::span<float, kHop> sound, const FilterTaps& next);

private:
    FilterTaps taps_{};
    std::array<float, kFilterTaps - 1 + kHop> past_{};
};

}  // namespace earshot::audio
