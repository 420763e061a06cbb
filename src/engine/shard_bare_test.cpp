// Seats without a session: their packets come from the bridge, and the bridge hears the room.
#include <doctest/doctest.h>

#include "engine/shard_world_for_tests.hpp"

using namespace earshot;
using namespace earshot::engine;
using namespace earshot::engine::testing;

namespace {

constexpr PeerId kBare{900};
constexpr MemberId kMember{901};

// 20 ms of him, as the bridge makes them.
void say(World& world, PeerId peer, std::uint64_t& sequence, std::uint8_t level) {
    const std::array<std::uint8_t, 3> opus{0x78, 1, 2};
    REQUIRE(world.line.to_shard.push([&](BarePacket& packet) {
        packet.peer = peer;
        packet.sequence = sequence;
        packet.timestamp = sequence * 960;
        packet.level = level;
        packet.marker = sequence == 0;
        packet.size = opus.size();
        std::ranges::copy(opus, packet.bytes.begin());
    }));
    ++sequence;
    world.drain();
    world.pass(20ms);
}

std::vector<MemberId> tapped(World& world) {
    std::vector<MemberId> members;
    world.line.from_shard.take_each([&](const TappedPacket& packet) { members.push_back(packet.member); });
    return members;
}

}  // namespace

TEST_CASE("a browser hears a bare member, who hears it, and both are told as speakers") {
    World world;
    const auto ana = world.join();
    world.order(AddBare{kBare, RoomId{1}, kMember});
    std::uint64_t sequence = 0;
    for (int i = 0; i < 20; ++i) say(world, kBare, sequence, 20);
    std::size_t heard = 0;
    for (const auto& [slot, packets] : world.clients[ana]->heard) heard += packets.size();
    CHECK(heard == 20);
    auto members = tapped(world);
    CHECK(members == std::vector<MemberId>(20, kMember));  // once for the room, his own too: the mix leaves him out
    world.talk({ana}, 1);
    CHECK(tapped(world) == std::vector{world.clients[ana]->member});
    bool told = false;
    for (const auto& speaking : world.news_of<Speaking>()) told = told || (speaking.member == kMember && speaking.speaking);
    CHECK(told);
}

TEST_CASE("a room without bare members is not tapped") {
    World world;
    const auto ana = world.join();
    world.join();
    world.order(AddBare{kBare, RoomId{2}, kMember});
    world.talk({ana}, 10);
    CHECK(tapped(world).empty());
}

TEST_CASE("a bare member who is muted or gone is heard by nobody") {
    World world;
    const auto ana = world.join();
    world.order(AddBare{kBare, RoomId{1}, kMember, true});
    std::uint64_t sequence = 0;
    say(world, kBare, sequence, 20);
    CHECK(world.clients[ana]->heard.empty());
    world.order(SetVoice{kBare, false, false});
    say(world, kBare, sequence, 20);
    CHECK(world.clients[ana]->heard.size() == 1);
    world.order(RemovePeer{kBare});
    CHECK(world.shard.bare_count() == 0);
    say(world, kBare, sequence, 20);
    CHECK(world.clients[ana]->heard.begin()->second.size() == 1);
    world.talk({ana}, 1);
    CHECK(tapped(world).size() == 1);  // what he said himself while he was heard
    CHECK(world.shard.room_count() == 1);
}

TEST_CASE("a full tap loses packets, and nothing else") {
    World world;
    const auto ana = world.join(), bo = world.join();
    world.order(AddBare{kBare, RoomId{1}, kMember});
    world.talk({ana}, 200);
    CHECK(tapped(world).size() == 64);
    CHECK(world.hears(bo, ana));
}

TEST_CASE("a name in use is refused to bare members as to others") {
    World world;
    world.join();
    world.order(AddBare{PeerId{1}, RoomId{1}, kMember});
    CHECK(world.shard.bare_count() == 0);
    world.order(AddBare{kBare, RoomId{1}, kMember});
    world.order(AddBare{kBare, RoomId{1}, kMember});
    CHECK(world.shard.bare_count() == 1);
    world.order(Shutdown{});
    CHECK(world.shard.bare_count() == 0);
    CHECK(world.shard.room_count() == 0);
}
