// Chance is handed in. io gives the system's entropy, the simulator a seed.
#pragma once
#include <array>
#include <cstdint>
#include <string>

#include "base/bytes.hpp"

namespace earshot {

class Random {
public:
    virtual ~Random() = default;
    virtual void fill(MutableBytes out) = 0;

    std::uint64_t u64();
    std::uint32_t u32() { return static_cast<std::uint32_t>(u64() >> 32); }
    // Uniform in [0, bound); bound > 0.
    std::uint64_t below(std::uint64_t bound);
    // True with probability p (0..1).
    bool chance(double p);
    // `length` characters of [A-Za-z0-9+/], the ice-char set of RFC 8839 section 5.4 (6 bits each).
    std::string ice_chars(std::size_t length);
    // Lower-case hexadecimal, two characters a byte.
    std::string hex(std::size_t bytes);
};

// xoshiro256**: fast and repeatable, for the simulator and for tests. Never for secrets.
class SeededRandom final : public Random {
public:
    explicit SeededRandom(std::uint64_t seed);
    void fill(MutableBytes out) override;
    std::uint64_t next();

private:
    std::array<std::uint64_t, 4> state_{};
};

}  // namespace earshot
