// Which of the last 1024 numbers were taken. A number is taken once; what lies further back counts as taken.
#pragma once
#include <array>
#include <cstdint>

namespace earshot::media {

class SequenceWindow {
public:
    static constexpr std::uint64_t kSize = 1024;

    // Nothing at or below `highest` is taken, but neither will it be given.
    void reset(std::uint64_t highest) {
        highest_ = floor_ = highest;
        bits_.fill(0);
    }
    // False when it was taken, or is too old to know.
    bool take(std::uint64_t number) {
        if (number > highest_) {
            advance(number);
        } else if (number <= floor_ || highest_ - number >= kSize || (word(number) & bit(number)) != 0) {
            return false;
        }
        word(number) |= bit(number);
        return true;
    }
    std::uint64_t highest() const { return highest_; }

private:
    static std::uint64_t bit(std::uint64_t number) { return std::uint64_t{1} << (number % 64); }
    std::uint64_t& word(std::uint64_t number) { return bits_[number % kSize / 64]; }
    void advance(std::uint64_t to) {
        if (to - highest_ >= kSize)
            bits_.fill(0);
        else
            for (std::uint64_t n = highest_ + 1; n <= to; ++n) word(n) &= ~bit(n);
        highest_ = to;
    }

    std::uint64_t highest_ = 0;
    std::uint64_t floor_ = 0;
    std::array<std::uint64_t, kSize / 64> bits_{};
};

}  // namespace earshot::media
