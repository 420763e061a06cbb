// Makes steady noise fainter and leaves the voice, without holding it back: what is noise is decided in frequency bands over the last
// 10 ms, and carried out by a filter of minimum phase. Noise power as by minima that the sound comes back to (I. Cohen, "Noise spectrum
// estimation in adverse environments", 2003), gains by Wiener's rule with the decision-directed ratio (Ephraim and Malah, 1984).
#pragma once
#include <array>
#include <vector>

#include "audio/short_filter.hpp"

namespace earshot::audio {

class NoiseReducer {
public:
    static constexpr std::size_t kBlock = 480;
    static constexpr float kFloor = 0.17f;  // of the loudness that noise keeps: -15 dB, so that the room does not fall silent

    NoiseReducer();
    // In place. `nothing_else`: all of it is known to be unwanted.
    void process(std::span<float, kBlock> block, bool nothing_else = false);
    // How much of the loudness is let through now, in the mean over what a voice is made of.
    float openness() const { return openness_; }

private:
    static constexpr std::size_t kSpectrum = 512;
    static constexpr std::size_t kParts = 8;  // of the time that minima are looked for in

    struct Band {
        std::size_t begin = 0, end = 0;  // bins
        float smooth = 0;                // power, the mean of some 30 ms
        std::array<float, kParts> lowest{};
        float speech = 0;  // likelihood, smoothed
        float noise = 0;
        float gain = kFloor, ratio = 0;  // of the last hop: what the next believes of the voice
    };
    void learn(Band& band, float power);
    float decide(Band& band, float power) const;
    void gains_of(ConstSamples real, ConstSamples imaginary, bool second, bool nothing_else, FilterGains& gains);

    Fourier fourier_{kSpectrum};
    FilterDesign design_;
    ChangingFilter filter_;
    std::array<float, kSpectrum> window_{}, real_{}, imaginary_{};
    std::array<float, kSpectrum + ChangingFilter::kHop> past_{};
    std::vector<Band> bands_;
    std::size_t hops_ = 0;
    float openness_ = 1;
};

}  // namespace earshot::audio
