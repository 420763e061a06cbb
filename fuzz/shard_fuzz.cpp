// rooms: engine
// A call of two, and a third who may send anything: from his own path, from a stranger's, over TCP in any pieces, at any
// moment, as stolen and bent copies of real datagrams. Nobody's call breaks, and the turns end.
#include <cstdlib>

#include "engine/shard_world_for_tests.hpp"

namespace {

using namespace earshot;
using namespace earshot::engine::testing;

void demand(bool holds) {
    if (!holds) std::abort();
}

std::vector<std::uint8_t> bend(std::vector<std::uint8_t> bytes, ByteReader& reader) {
    for (int i = reader.u8() % 4; i > 0 && !bytes.empty(); --i) bytes[reader.u16() % bytes.size()] ^= reader.u8();
    if (reader.u8() % 8 == 0 && !bytes.empty()) bytes.resize(reader.u16() % bytes.size());
    return bytes;
}

void act(World& world, std::size_t eve, ByteReader& reader) {
    const std::uint8_t verb = reader.u8();
    const auto path = verb & 0x80 ? World::client_path(eve) : World::client_path(240);
    switch (verb % 6) {
        case 0: {
            const auto bytes = reader.take(std::min<std::size_t>(reader.u8(), reader.remaining()));
            world.inject(path, {bytes.begin(), bytes.end()});
            break;
        }
        case 1: world.inject(path, bend(world.sent_to_server[reader.u16() % world.sent_to_server.size()], reader)); break;
        case 2: {
            auto tcp = World::server_path(path);
            tcp.transport = port::Transport::kTcp;
            tcp.tcp = 500 + (verb >> 4);
            world.shard.tcp_receive(world.now, tcp, reader.take(std::min<std::size_t>(reader.u8(), reader.remaining())), world.arena);
            for (const auto& item : world.arena.items()) demand(item.size <= port::SendArena::kSlotSize);
            world.arena.clear();
            break;
        }
        case 3: world.pass(std::chrono::milliseconds(reader.u16() % 2000)); break;
        case 4: world.speak(eve, reader.u8() & 127); break;
        case 5: world.order(engine::SetVoice{world.clients[eve]->peer, (verb & 16) != 0, (verb & 32) != 0}); break;
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    World world;
    const auto a = world.join(), b = world.join(), eve = world.join();
    world.talk({a, b, eve}, 1);
    ByteReader reader{{data, std::min<std::size_t>(size, 512)}};
    for (int i = 0; i < 24 && reader.remaining() > 0; ++i) act(world, eve, reader);
    demand(world.shard.tcp_to_close().size() <= 24);
    world.settle();
    world.take(a);
    world.take(b);
    world.talk({a, b}, 3);
    demand(world.hears(a, b) && world.hears(b, a));
    demand(world.wakes < 100'000);
    return 0;
}
