#include "audio/fourier.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "audio/signals_for_tests.hpp"

namespace earshot::audio {

TEST_CASE("a sine stands in its own bin") {
    const Fourier fourier(64);
    auto real = made_sine(5, 1.0, 64, 64);
    std::vector<float> imaginary(64);
    fourier.forward(real, imaginary);
    for (std::size_t bin = 0; bin < 64; ++bin) {
        const double expected = bin == 5 ? -32 : bin == 59 ? 32 : 0;
        CHECK(real[bin] == doctest::Approx(0).epsilon(1e-4));
        CHECK(imaginary[bin] == doctest::Approx(expected).epsilon(1e-4));
    }
}

TEST_CASE("forward and backward give the block back") {
    const Fourier fourier(512);
    const auto noise = made_noise(0.5, 512, 1), other = made_noise(0.5, 512, 2);
    auto real = noise, imaginary = other;
    fourier.forward(real, imaginary);
    CHECK(energy(real) + energy(imaginary) == doctest::Approx(512 * (energy(noise) + energy(other))).epsilon(1e-3));
    fourier.backward(real, imaginary);
    for (std::size_t i = 0; i < 512; ++i) {
        CHECK(real[i] == doctest::Approx(noise[i]).epsilon(1e-4));
        CHECK(imaginary[i] == doctest::Approx(other[i]).epsilon(1e-4));
    }
}

}  // namespace earshot::audio
