// Memory for keys: wiped when it dies, never printed, compared in constant time.
#pragma once
#include <array>

#include "base/bytes.hpp"

namespace earshot {

void wipe(MutableBytes bytes);
// Takes the same time whatever the content; sizes are not secret.
bool equal_in_constant_time(Bytes a, Bytes b);

template <std::size_t N>
class Secret {
public:
    Secret() = default;
    explicit Secret(Bytes bytes) { std::copy_n(bytes.begin(), std::min(N, bytes.size()), bytes_.begin()); }
    Secret(const Secret&) = default;
    Secret& operator=(const Secret&) = default;
    ~Secret() { wipe(bytes_); }
    Bytes view() const { return bytes_; }
    MutableBytes fill() { return bytes_; }
    static constexpr std::size_t size() { return N; }

private:
    std::array<std::uint8_t, N> bytes_{};
};

}  // namespace earshot
