// A room has one slot more than a listener hears, so that nobody ever hears himself: whoever holds one of the
// first eight hears the ninth in its place. Shared by the forwarder and by whoever tells listeners who is where.
#pragma once
#include <array>
#include <cstddef>

#include "base/ids.hpp"

namespace earshot::media {

inline constexpr std::size_t kHeardSlots = 8;
inline constexpr std::size_t kGlobalSlots = kHeardSlots + 1;

using GlobalSlots = std::array<MemberId, kGlobalSlots>;  // MemberId{}: free
using HeardSlots = std::array<MemberId, kHeardSlots>;

constexpr HeardSlots slots_view(const GlobalSlots& global, MemberId listener) {
    HeardSlots heard{};
    for (std::size_t slot = 0; slot < kHeardSlots; ++slot) heard[slot] = global[slot] == listener && listener ? global[kHeardSlots] : global[slot];
    return heard;
}

}  // namespace earshot::media
