// Which of the last N indices of a source were seen (RFC 3711 section 3.3.2).
#pragma once
#include <array>
#include <cstdint>

namespace earshot::crypto {

// kBits: a multiple of 64. Memory: kBits / 8 + 16 bytes.
template <std::size_t kBits>
class ReplayWindow {
    static_assert(kBits % 64 == 0 && kBits > 0);

public:
    bool empty() const { return empty_; }
    // The highest index accepted so far; meaningless while empty.
    std::uint64_t highest() const { return highest_; }

    // True for an index that is neither seen already nor older than the window remembers.
    bool fresh(std::uint64_t index) const {
        if (empty_ || index > highest_) return true;
        return highest_ - index < kBits && !seen(index);
    }

    // Only for an index that is fresh, and only once its packet has proved authentic.
    void accept(std::uint64_t index) {
        if (empty_ || index > highest_) advance(index);
        word(index) |= bit(index);
    }

private:
    static constexpr std::size_t kWords = kBits / 64;

    static std::uint64_t bit(std::uint64_t index) { return std::uint64_t{1} << (index % 64); }
    std::uint64_t& word(std::uint64_t index) { return words_[index / 64 % kWords]; }
    bool seen(std::uint64_t index) const { return (words_[index / 64 % kWords] & bit(index)) != 0; }

    // The bits are a ring: what the window leaves behind is cleared for what it enters.
    void advance(std::uint64_t index) {
        if (empty_ || index - highest_ >= kBits) {
            words_.fill(0);
        } else {
            for (auto i = highest_ + 1; i <= index; ++i) word(i) &= ~bit(i);
        }
        highest_ = index;
        empty_ = false;
    }

    std::array<std::uint64_t, kWords> words_{};
    std::uint64_t highest_ = 0;
    bool empty_ = true;
};

}  // namespace earshot::crypto
