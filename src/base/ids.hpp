// Strong ids: a RoomId is no integer and no MemberId.
#pragma once
#include <compare>
#include <cstdint>
#include <functional>

namespace earshot {

template <typename Tag>
struct Id {
    std::uint64_t value = 0;  // 0 names nothing
    constexpr explicit operator bool() const { return value != 0; }
    constexpr auto operator<=>(const Id&) const = default;
};

using ConnectionId = Id<struct ConnectionTag>;  // one TCP connection (a WebSocket, a bare socket)
using MemberId = Id<struct MemberTag>;          // one person in the house, through whichever front
using RoomId = Id<struct RoomTag>;
using MessageId = Id<struct MessageTag>;        // one order for all: a later message has a larger id
using PeerId = Id<struct PeerTag>;              // one WebRTC peer; its low bits are its index in the shard
using BatchId = Id<struct BatchTag>;
using QueryId = Id<struct QueryTag>;

}  // namespace earshot

template <typename Tag>
struct std::hash<earshot::Id<Tag>> {
    std::size_t operator()(earshot::Id<Tag> id) const noexcept { return std::hash<std::uint64_t>{}(id.value * 0x9e3779b97f4a7c15ull); }
};
