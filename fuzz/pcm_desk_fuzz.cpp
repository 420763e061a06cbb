// rooms: bridge
// Voice sockets that send anything in any pieces at any moment, read or do not, leave and are sent away, and a shard that taps any
// packets: sound in and out is bounded, time goes on, whole samples only come out, and the desk sleeps when all have gone.
#include <cstdlib>
#include <map>
#include <set>

#include "bridge/pcm_desk.hpp"
#include "engine/limits.hpp"

using namespace earshot;
using namespace earshot::bridge;

namespace {

void demand(bool holds) {
    if (!holds) std::abort();
}

constexpr engine::PcmFormat kFormats[] = {{44'100, 2}, {8'000, 1}, {48'000, 1}, {11'025, 2}};

struct World {
    engine::BridgeOrderBox orders{64};
    engine::BridgeNewsBox news{8};
    engine::ShardLine line{8, 8};
    engine::TalkFrameBox from_talks{8}, to_talks{8};
    Counters counters;
    PcmDesk desk{{std::begin(kFormats), std::end(kFormats)}, {orders, news, line.to_shard, line.from_shard, counters, &from_talks, &to_talks}};
    port::ControlOutbox out;
    Now now{Time{1h}, 0};
    struct Socket {
        std::size_t unwritten = 0, pair = 0;
        bool reads = true, closing = false;
    };
    std::map<ConnectionId, Socket> sockets;

    void carry_out() {
        for (auto items = out.take(); !items.empty(); items = out.take())
            for (const auto& item : items) {
                if (const auto* send = std::get_if<port::Send>(&item)) {
                    const auto to = sockets.find(send->to);
                    if (to == sockets.end()) continue;  // sent before it closed
                    auto& socket = to->second;
                    demand(send->bytes->size() % static_cast<std::size_t>(2 * kFormats[socket.pair].channels) == 0);
                    demand(!socket.closing);
                    socket.unwritten += send->bytes->size();
                }
                const auto* close = std::get_if<port::Close>(&item);
                if (const auto which = close ? sockets.find(close->which) : sockets.end(); which != sockets.end()) which->second.closing = true;
            }
        for (auto& [id, socket] : sockets)
            if (socket.reads && socket.unwritten > 0) desk.wrote(now, id, std::exchange(socket.unwritten, 0), out);
    }
    void pass(Duration by) {
        int turns = 0;
        for (const auto end = now.at + by; desk.deadline().at <= end;) {
            now.at = std::max(now.at, desk.deadline().at);
            desk.tick(now, out);
            carry_out();
            demand(++turns < 4000);
        }
        now.at += by;
    }
    void check() const {
        for (const auto& [id, socket] : sockets) {
            const auto second = static_cast<std::size_t>(kFormats[socket.pair].rate * kFormats[socket.pair].channels * 2);
            demand(desk.waiting_bytes(id) < second);
            demand(desk.waiting_sound(id) < 2s);
        }
    }
};

void act(World& world, ByteReader& reader) {
    const auto verb = reader.u8(), which = reader.u8();
    const ConnectionId id{1u + (which & 3u)};
    const auto socket = world.sockets.find(id);
    const bool here = socket != world.sockets.end();
    const PeerId peer{1u + (which & 7u)};
    switch (verb % 10) {
        case 0:
            if (here) break;
            world.sockets[id].pair = which >> 6;
            world.desk.opened(world.now, id,
                              {.door = port::Door::kPlain, .remote = {}, .local = {}, .secure = false, .pair = static_cast<std::uint8_t>(which >> 6)},
                              world.out);
            break;
        case 1:
        case 2:
            if (here) world.desk.received(world.now, id, reader.take(std::min<std::size_t>(reader.u8(), reader.remaining())), world.out);
            break;
        case 3: {
            const std::vector<std::uint8_t> much(16 * 1024, which);
            if (here) world.desk.received(world.now, id, much, world.out);
            break;
        }
        case 4:
            if (here) socket->second.reads = !socket->second.reads;
            break;
        case 5:
            if (!here) break;
            world.desk.closed(world.now, id, world.out);
            world.sockets.erase(socket);
            break;
        case 6:
            static_cast<void>(world.orders.push(
                engine::AddBareMember{peer, RoomId{1u + (which & 1u)}, MemberId{peer.value}, engine::VoiceId{which & 64 ? 0 : id.value}, false, false}));
            break;
        case 7:
            if (which & 128)
                static_cast<void>(world.orders.push(engine::RemoveBareMember{peer}));
            else if (which & 64)
                static_cast<void>(world.orders.push(engine::CloseVoice{{id.value}}));
            else
                static_cast<void>(world.orders.push(engine::SetBareVoice{peer, (which & 32) != 0, (which & 16) != 0}));
            break;
        case 8: {
            const auto payload = reader.take(std::min<std::size_t>(reader.u8(), reader.remaining()));
            static_cast<void>(world.line.from_shard.push([&](engine::TappedPacket& packet) {
                packet.room = RoomId{1u + (which & 1u)};
                packet.member = MemberId{which & 7u};
                packet.at = world.now.at;
                packet.sequence = which;
                packet.timestamp = which * 960u;
                packet.tenure = 1u + (which >> 6);
                packet.slot = which % 16;
                packet.size = static_cast<std::uint16_t>(payload.size());
                std::copy(payload.begin(), payload.end(), packet.bytes.begin());
            }));
            static_cast<void>(world.from_talks.push([&](engine::TalkFrame& frame) {
                frame.peer = peer;
                frame.bytes.fill(which);
            }));
            break;
        }
        case 9: world.pass(std::chrono::milliseconds(which)); break;
    }
    world.desk.drain(world.now, world.out);
    world.carry_out();
    world.line.to_shard.take_each([](const engine::BarePacket& packet) { demand(packet.size > 0 && packet.level <= 127); });
    world.to_talks.take_each([](const engine::TalkFrame&) {});
    if (which & 1) world.news.take();
    world.check();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    World world;
    ByteReader reader{{data, std::min<std::size_t>(size, 1024)}};
    while (reader.remaining() >= 2) act(world, reader);
    for (std::uint64_t i = 1; i <= 8; ++i) static_cast<void>(world.orders.push(engine::RemoveBareMember{{i}}));
    world.desk.drain(world.now, world.out);
    world.carry_out();
    for (const auto& [id, socket] : std::exchange(world.sockets, {})) world.desk.closed(world.now, id, world.out);
    world.pass(3s);
    demand(world.desk.deadline().at == kNever);
    return 0;
}
