// rooms: crypto
// max_len: 8192
// An in-memory server, and a true client whose datagrams the input delivers, damages, repeats, drops or
// mixes with its own. Same input, same run: randomness is seeded and time is the input's.
#include <deque>
#include <vector>

#include "base/check.hpp"
#include "base/random.hpp"
#include "crypto/deterministic.hpp"
#include "crypto/dtls.hpp"

using namespace earshot;
using namespace earshot::crypto;

namespace {

using Datagram = std::vector<std::uint8_t>;

struct World {
    Dtls client, server;
    std::deque<Datagram> to_server;
    Datagram last;
    Time now{1000s};

    World(const Identity& client_identity, const Identity& server_identity)
        : client(client_identity, DtlsRole::kClient), server(server_identity, DtlsRole::kServer) {}

    Dtls::Sink from_client() {
        return [this](Bytes bytes) {
            if (to_server.size() < 64) to_server.emplace_back(bytes.begin(), bytes.end());
        };
    }
    Dtls::Sink from_server() {
        return [this](Bytes bytes) {
            ENSURE(!bytes.empty() && bytes.size() <= 1200);
            client.receive(now, bytes, from_client());
        };
    }
    void give(Bytes datagram) {
        last.assign(datagram.begin(), datagram.end());
        server.receive(now, last, from_server());
    }
    Datagram next() {
        if (to_server.empty()) return last;
        auto datagram = to_server.front();
        to_server.pop_front();
        return datagram;
    }
    void step(ByteReader& input);
};

void World::step(ByteReader& input) {
    const auto what = input.u8() % 6;
    if (what == 0) return give(next());
    if (what == 1) return give(input.take(std::min<std::size_t>(input.u16() % 2100, input.remaining())));
    if (what == 2) {
        auto datagram = next();
        if (!datagram.empty()) datagram[input.u16() % datagram.size()] ^= input.u8();
        return give(datagram);
    }
    if (what == 3) return give(Datagram{last});
    if (what == 4) {
        now += std::chrono::milliseconds{input.u8() * 20};
        server.tick(now, from_server());
        client.tick(now, from_client());
        return;
    }
    auto datagram = next();  // cut short
    if (!datagram.empty()) datagram.resize(input.u16() % datagram.size() + 1);
    give(datagram);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static SeededRandom first_random{1};
    static const auto identities = [] {
        const DeterministicOpenssl deterministic{first_random};
        return std::make_pair(Identity::make(), Identity::make());
    }();
    SeededRandom random{2};
    const DeterministicOpenssl deterministic{random};
    World world{identities.first, identities.second};
    ByteReader input{{data, size}};
    world.client.start(world.now, world.from_client());
    bool was_connected = false;
    for (int steps = 0; input.remaining() > 0 && steps < 400; ++steps) {
        world.step(input);
        const auto state = world.server.state();
        was_connected = was_connected || state == DtlsState::kConnected;
        if (was_connected) {
            ENSURE(state == DtlsState::kConnected || state == DtlsState::kClosed);
            ENSURE(world.server.peer_fingerprint() == identities.first.fingerprint());
        }
        if (state == DtlsState::kFailed || state == DtlsState::kClosed) ENSURE(world.server.deadline().at == kNever && !world.server.take_keys());
    }
    return 0;
}
