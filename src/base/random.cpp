#include "base/random.hpp"

#include <bit>

#include "base/check.hpp"

namespace earshot {

std::uint64_t Random::u64() {
    std::array<std::uint8_t, 8> bytes{};
    fill(bytes);
    return load_u64(bytes.data());
}

std::uint64_t Random::below(std::uint64_t bound) {
    ENSURE(bound > 0);
    const std::uint64_t limit = bound * (UINT64_MAX / bound);  // reject the uneven tail
    for (;;) {
        if (const auto value = u64(); value < limit) return value % bound;
    }
}

bool Random::chance(double p) { return static_cast<double>(u64() >> 11) * 0x1.0p-53 < p; }

std::string Random::ice_chars(std::size_t length) {
    static constexpr char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string text(length, 'A');
    fill({reinterpret_cast<std::uint8_t*>(text.data()), text.size()});
    for (auto& c : text) c = alphabet[static_cast<unsigned char>(c) & 63];
    return text;
}

std::string Random::hex(std::size_t bytes) {
    static constexpr char digits[] = "0123456789abcdef";
    std::string raw(bytes, '\0');
    fill({reinterpret_cast<std::uint8_t*>(raw.data()), raw.size()});
    std::string text;
    text.reserve(bytes * 2);
    for (const unsigned char c : raw) {
        text += digits[c >> 4];
        text += digits[c & 15];
    }
    return text;
}

SeededRandom::SeededRandom(std::uint64_t seed) {
    for (auto& word : state_) {  // splitmix64 spreads a small seed over the state
        seed += 0x9e3779b97f4a7c15ull;
        std::uint64_t z = seed;
        z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
        z = (z ^ z >> 27) * 0x94d049bb133111ebull;
        word = z ^ z >> 31;
    }
}

std::uint64_t SeededRandom::next() {
    const std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
    const std::uint64_t t = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= t;
    state_[3] = std::rotl(state_[3], 45);
    return result;
}

void SeededRandom::fill(MutableBytes out) {
    while (!out.empty()) {
        std::array<std::uint8_t, 8> word{};
        store_u64(word.data(), next());
        const std::size_t n = std::min(out.size(), word.size());
        std::copy_n(word.begin(), n, out.begin());
        out = out.subspan(n);
    }
}

}  // namespace earshot
