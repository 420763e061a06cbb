// The fast Fourier transform of short blocks, complex, with a length that is a power of two. Real and imaginary parts lie apart.
#pragma once
#include <span>
#include <vector>

namespace earshot::audio {

class Fourier {
public:
    explicit Fourier(std::size_t size);

    std::size_t size() const { return size_; }
    // In place; backward() after forward() gives the block back.
    void forward(std::span<float> real, std::span<float> imaginary) const;
    void backward(std::span<float> real, std::span<float> imaginary) const;

private:
    std::size_t size_;
    std::vector<float> cosine_, sine_;
    std::vector<std::size_t> swapped_;
};

}  // namespace earshot::audio
