// rooms: engine
// Datagrams from a few addresses, some with a good key, while people come and go: nothing is sent to a stranger but what is no
// bigger than he sent, and a datagram never comes back to its sender.
#include <cstdint>

#include "base/check.hpp"
#include "engine/talk_relay.hpp"

using namespace earshot;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    engine::TalkOrderBox orders{16};
    Counters counters;
    engine::TalkRelay relay{orders, counters};
    port::SendArena arena{16};
    Time at{1s};
    ByteReader reader{{data, size}};
    while (reader.remaining() > 2) {
        const auto step = reader.u8(), who = reader.u8();
        const std::string key{"ab", std::size_t{1} + (who & 1)};
        const MemberId member{1u + (who >> 1 & 3)};
        at += std::chrono::milliseconds(step);
        if (step % 8 == 0) ENSURE(orders.push(engine::SeatInTalk{key, member, IpAddress::v4(127, 0, 0, who >> 3 & 1)}));
        if (step % 8 == 1) ENSURE(orders.push(engine::LeaveTalk{key, member}));
        if (step % 8 == 2) ENSURE(orders.push(engine::EndTalk{key}));
        relay.drain({at, 0}, arena);
        port::Path path{.remote = {IpAddress::v4(127, 0, 0, who >> 4 & 1), static_cast<std::uint16_t>(who >> 5)}};
        const auto bytes = reader.take(std::min<std::size_t>(reader.remaining(), step >> 2));
        std::vector<std::uint8_t> copy(bytes.begin(), bytes.end());
        if (step % 8 == 3) copy.assign({'T', 'A', 'L', 'K', 'S', 'E', 'S', 'S', 'I', 'O', 'N', ':', static_cast<std::uint8_t>(key[0])});
        port::Datagram datagram{&path, copy};
        relay.receive({at, 0}, {&datagram, 1}, arena);
        for (const auto& item : arena.items())
            ENSURE(item.size <= copy.size() && (item.path.remote != path.remote || as_text(arena.bytes(item)).starts_with("S")));
        arena.clear();
    }
    return 0;
}
