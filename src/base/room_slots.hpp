// The audio slots of a room. It has one more than a listener hears, so that nobody ever hears himself: whoever holds one of the
// first eight hears the ninth in its place. Shared by the forwarder and by whoever tells listeners who is where.
#pragma once
#include <array>
#include <cstddef>

#include "base/ids.hpp"

namespace earshot {

inline constexpr std::size_t kHeardSlots = 8;
inline constexpr std::size_t kRoomSlots = kHeardSlots + 1;

using RoomSlots = std::array<MemberId, kRoomSlots>;  // MemberId{}: free
using HeardSlots = std::array<MemberId, kHeardSlots>;

constexpr HeardSlots slots_as_heard_by(MemberId listener, const RoomSlots& room) {
    HeardSlots heard{};
    for (std::size_t slot = 0; slot < kHeardSlots; ++slot) heard[slot] = room[slot] == listener && listener ? room[kHeardSlots] : room[slot];
    return heard;
}

}  // namespace earshot
