#include "base/secret.hpp"

namespace earshot {

void wipe(MutableBytes bytes) {
    std::fill(bytes.begin(), bytes.end(), std::uint8_t{0});
    __asm__ __volatile__("" : : "r"(bytes.data()) : "memory");  // keeps the stores
}

bool equal_in_constant_time(Bytes a, Bytes b) {
    if (a.size() != b.size()) return false;
    std::uint8_t difference = 0;
    for (std::size_t i = 0; i < a.size(); ++i) difference = static_cast<std::uint8_t>(difference | (a[i] ^ b[i]));
    return difference == 0;
}

}  // namespace earshot
