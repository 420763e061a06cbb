#include "audio/fourier.hpp"

#include <bit>
#include <cmath>
#include <numbers>
#include <utility>

#include "base/check.hpp"

namespace earshot::audio {

Fourier::Fourier(std::size_t size) : size_(size), cosine_(size / 2), sine_(size / 2), swapped_(size) {
    ENSURE(std::has_single_bit(size) && size >= 2);
    for (std::size_t i = 0; i < size / 2; ++i) {
        const double angle = 2 * std::numbers::pi * static_cast<double>(i) / static_cast<double>(size);
        cosine_[i] = static_cast<float>(std::cos(angle));
        sine_[i] = static_cast<float>(-std::sin(angle));
    }
    for (std::size_t i = 1; i < size; ++i) swapped_[i] = swapped_[i / 2] / 2 + (i % 2) * size / 2;
}

void Fourier::forward(std::span<float> real, std::span<float> imaginary) const {
    ENSURE(real.size() == size_ && imaginary.size() == size_);
    for (std::size_t i = 0; i < size_; ++i) {
        if (i >= swapped_[i]) continue;
        std::swap(real[i], real[swapped_[i]]);
        std::swap(imaginary[i], imaginary[swapped_[i]]);
    }
    // The first step turns nothing.
    for (std::size_t a = 0; a < size_; a += 2) {
        const float re = real[a + 1], im = imaginary[a + 1];
        real[a + 1] = real[a] - re, imaginary[a + 1] = imaginary[a] - im;
        real[a] += re, imaginary[a] += im;
    }
    for (std::size_t half = 2; half < size_; half *= 2) {
        const std::size_t stride = size_ / (2 * half);
        for (std::size_t begin = 0; begin < size_; begin += 2 * half) {
            for (std::size_t i = 0; i < half; ++i) {
                const std::size_t a = begin + i, b = a + half;
                const float c = cosine_[i * stride], s = sine_[i * stride];
                const float re = real[b] * c - imaginary[b] * s, im = real[b] * s + imaginary[b] * c;
                real[b] = real[a] - re, imaginary[b] = imaginary[a] - im;
                real[a] += re, imaginary[a] += im;
            }
        }
    }
}

void Fourier::backward(std::span<float> real, std::span<float> imaginary) const {
    forward(imaginary, real);
    const float scale = 1.f / static_cast<float>(size_);
    for (std::size_t i = 0; i < size_; ++i) real[i] *= scale, imaginary[i] *= scale;
}

}  // namespace earshot::audio
