#include "crypto/dtls.hpp"

#include <doctest/doctest.h>

#include <deque>
#include <set>
#include <vector>

#include "base/random.hpp"
#include "crypto/deterministic.hpp"
#include "crypto/hex_for_tests.hpp"

using namespace earshot;
using namespace earshot::crypto;

namespace {

using Datagram = std::vector<std::uint8_t>;
constexpr Time kStart{1'000'000s};

// A client and a server, and the two wires between them. Weather is what `pass` says of each datagram.
struct Pair {
    Identity client_identity = Identity::make(), server_identity = Identity::make();
    Dtls client, server;
    std::deque<Datagram> to_server, to_client;
    std::vector<Datagram> trace;  // everything ever sent, in order
    Time now = kStart;

    explicit Pair(DtlsOptions client_options = {}, DtlsOptions server_options = {})
        : client(client_identity, DtlsRole::kClient, client_options), server(server_identity, DtlsRole::kServer, server_options) {}

    Dtls::Sink sink(std::deque<Datagram>& wire) {
        return [this, &wire](Bytes bytes) {
            wire.emplace_back(bytes.begin(), bytes.end());
            trace.emplace_back(bytes.begin(), bytes.end());
        };
    }
    Dtls::Sink from_client() { return sink(to_server); }
    Dtls::Sink from_server() { return sink(to_client); }

    void start() { client.start(now, from_client()); }

    // Delivers what is under way until nothing is; `pass(datagram)` false loses it.
    template <typename Pass>
    void deliver(Pass pass) {
        while (!to_server.empty() || !to_client.empty()) {
            if (!to_server.empty()) {
                const auto datagram = to_server.front();
                to_server.pop_front();
                if (pass(datagram)) server.receive(now, datagram, from_server());
            }
            if (!to_client.empty()) {
                const auto datagram = to_client.front();
                to_client.pop_front();
                if (pass(datagram)) client.receive(now, datagram, from_client());
            }
        }
    }
    void deliver() {
        deliver([](const Datagram&) { return true; });
    }
    // Sleeps until whoever wakes first, and wakes him.
    void wake() {
        const auto at = std::min(client.deadline().at, server.deadline().at);
        REQUIRE(at != kNever);
        now = std::max(now, at);
        if (client.deadline().at <= now) client.tick(now, from_client());
        if (server.deadline().at <= now) server.tick(now, from_server());
    }
    bool connected() const { return client.state() == DtlsState::kConnected && server.state() == DtlsState::kConnected; }
    bool ended() const { return client.state() != DtlsState::kHandshaking && server.state() != DtlsState::kHandshaking; }
};

bool equal(const SrtpKeys& a, const SrtpKeys& b) {
    return a.profile == b.profile && same(a.master_key.view(), b.master_key.view()) && same(a.master_salt.view(), b.master_salt.view());
}

void check_keys(Pair& pair, SrtpProfile profile) {
    REQUIRE(pair.connected());
    CHECK(pair.server.peer_fingerprint() == pair.client_identity.fingerprint());
    CHECK(pair.client.peer_fingerprint() == pair.server_identity.fingerprint());
    const auto client = pair.client.take_keys(), server = pair.server.take_keys();
    REQUIRE(client);
    REQUIRE(server);
    CHECK(client->outbound.profile == profile);
    CHECK(equal(client->outbound, server->inbound));
    CHECK(equal(client->inbound, server->outbound));
    CHECK_FALSE(equal(client->inbound, client->outbound));
    CHECK_FALSE(pair.client.take_keys());
}

bool is_handshake_hello(const Datagram& datagram) { return datagram.size() > 13 && datagram[0] == 22 && datagram[13] == 1; }

// Splits a ClientHello as browsers do when it does not fit: two handshake fragments in two datagrams (RFC 6347 section 4.2.3),
// padded by an extension of type 21 until it is bigger than the MTU.
std::vector<Datagram> as_large_hello(const Datagram& hello, std::size_t first) {
    Bytes message = Bytes{hello}.subspan(13 + 12);
    Datagram body(message.begin(), message.end());
    std::size_t at = 34 + 1 + body[34];
    at += 1 + body[at];                         // cookie
    at += 2u + load_u16(body.data() + at);      // cipher suites
    at += 1u + body[at];                        // compression methods
    const std::size_t padding = 1413 - body.size();
    Datagram extension(4 + padding);
    store_u16(extension.data(), 21);
    store_u16(extension.data() + 2, static_cast<std::uint16_t>(padding));
    body.insert(body.end(), extension.begin(), extension.end());
    store_u16(body.data() + at, static_cast<std::uint16_t>(load_u16(body.data() + at) + extension.size()));
    std::vector<Datagram> datagrams;
    for (std::size_t offset = 0; offset < body.size();) {
        const auto size = std::min(body.size() - offset, offset == 0 ? first : body.size());
        Datagram datagram(hello.begin(), hello.begin() + 25);
        datagram[10] = static_cast<std::uint8_t>(datagrams.size());  // record sequence number
        store_u16(datagram.data() + 11, static_cast<std::uint16_t>(size + 12));
        store_u24(datagram.data() + 14, static_cast<std::uint32_t>(body.size()));
        store_u24(datagram.data() + 19, static_cast<std::uint32_t>(offset));
        store_u24(datagram.data() + 22, static_cast<std::uint32_t>(size));
        datagram.insert(datagram.end(), body.begin() + static_cast<std::ptrdiff_t>(offset), body.begin() + static_cast<std::ptrdiff_t>(offset + size));
        datagrams.push_back(std::move(datagram));
        offset += size;
    }
    return datagrams;
}

}  // namespace

TEST_CASE("two peers shake hands, know each other's certificate and hold the same keys crosswise") {
    Pair pair;
    CHECK(pair.server.deadline().at == kNever);
    pair.start();
    pair.deliver();
    check_keys(pair, SrtpProfile::kAeadAes128Gcm);
    for (const auto& datagram : pair.trace) CHECK(datagram.size() <= 1200);
}

TEST_CASE("AES-CM is agreed on with a peer that does not know GCM, whichever side it is") {
    Pair old_client{{.allow_gcm = false}, {}};
    old_client.start();
    old_client.deliver();
    check_keys(old_client, SrtpProfile::kAes128CmSha1_80);
    Pair old_server{{}, {.allow_gcm = false}};
    old_server.start();
    old_server.deliver();
    check_keys(old_server, SrtpProfile::kAes128CmSha1_80);
}

TEST_CASE("a ClientHello of two datagrams is put together, in either order") {
    for (const bool swapped : {false, true}) {
        Pair pair;
        pair.start();
        REQUIRE(pair.to_server.size() == 1);
        auto parts = as_large_hello(pair.to_server.front(), 1175);
        REQUIRE(parts.size() == 2);
        CHECK(parts[0].size() == 1200);
        if (swapped) std::swap(parts[0], parts[1]);
        pair.server.receive(pair.now, parts[0], pair.from_server());
        CHECK(pair.to_client.empty());
        pair.server.receive(pair.now, parts[1], pair.from_server());
        // A ServerHello came back: the large hello was understood.
        REQUIRE_FALSE(pair.to_client.empty());
        CHECK(pair.to_client.front()[0] == 22);
        CHECK(pair.to_client.front()[13] == 2);
        CHECK(pair.server.state() == DtlsState::kHandshaking);
    }
}

TEST_CASE("every single lost datagram of a handshake is made good") {
    for (std::size_t lost = 0; lost < 8; ++lost) {
        Pair pair;
        pair.start();
        std::size_t count = 0;
        const auto pass = [&](const Datagram&) { return count++ != lost; };
        pair.deliver(pass);
        for (int i = 0; i < 20 && !pair.connected(); ++i) {
            pair.wake();
            pair.deliver(pass);
        }
        check_keys(pair, SrtpProfile::kAeadAes128Gcm);
        CHECK(pair.now - kStart <= 2s);
    }
}

TEST_CASE("handshakes come through loss, disorder and duplicates") {
    int connected = 0;
    for (std::uint64_t seed = 1; seed <= 60; ++seed) {
        SeededRandom random{seed};
        Pair pair;
        pair.start();
        for (int turn = 0; turn < 400 && !pair.connected() && !pair.ended(); ++turn) {
            for (auto* wire : {&pair.to_server, &pair.to_client}) {
                for (std::size_t i = wire->size(); i > 1; --i) std::swap((*wire)[i - 1], (*wire)[random.below(i)]);
                std::deque<Datagram> weather;
                for (auto& datagram : *wire) {
                    if (random.chance(0.25)) continue;
                    weather.push_back(datagram);
                    if (random.chance(0.2)) weather.push_back(datagram);
                }
                *wire = std::move(weather);
            }
            if (pair.to_server.empty() && pair.to_client.empty()) {
                pair.wake();
                continue;
            }
            for (int side = 0; side < 2; ++side) {
                auto& wire = side ? pair.to_server : pair.to_client;
                if (wire.empty()) continue;
                const auto datagram = wire.front();
                wire.pop_front();
                if (side) pair.server.receive(pair.now, datagram, pair.from_server());
                else pair.client.receive(pair.now, datagram, pair.from_client());
            }
        }
        if (!pair.connected()) continue;  // the weather may be too bad for ten seconds
        ++connected;
        check_keys(pair, SrtpProfile::kAeadAes128Gcm);
    }
    CHECK(connected >= 50);
}

TEST_CASE("flights are repeated after 250 ms, then at twice the wait, and given up after 10 s") {
    Pair pair;
    pair.start();
    std::vector<std::int64_t> sent_at;
    while (pair.client.state() == DtlsState::kHandshaking) {
        pair.to_server.clear();
        pair.wake();
        if (!pair.to_server.empty()) sent_at.push_back(whole_ms(pair.now - kStart));
    }
    REQUIRE(sent_at.size() >= 6);
    CHECK(sent_at[0] == 250);
    CHECK(sent_at[1] == 750);
    CHECK(sent_at[2] == 1750);
    CHECK(sent_at[3] == 3750);
    CHECK(sent_at[4] == 5750);
    CHECK(pair.client.state() == DtlsState::kFailed);
    CHECK(pair.now == kStart + 10s);
    CHECK(pair.client.deadline().at == kNever);
}

TEST_CASE("a server that hears nothing more gives up 10 s after the first datagram") {
    Pair pair;
    pair.start();
    pair.server.receive(pair.now, pair.to_server.front(), pair.from_server());
    CHECK(pair.server.deadline().at == kStart + 250ms);
    CHECK(std::string_view{pair.server.deadline().reason} == "DTLS retransmission");
    for (int i = 0; i < 20 && pair.server.state() == DtlsState::kHandshaking; ++i) {
        pair.now = pair.server.deadline().at;
        pair.server.tick(pair.now, pair.from_server());
    }
    CHECK(pair.server.state() == DtlsState::kFailed);
    CHECK(pair.now == kStart + 10s);
}

TEST_CASE("time that stands still repeats nothing, however often it is asked") {
    Pair pair;
    pair.start();
    for (int i = 0; i < 50; ++i) pair.client.tick(pair.now + 249ms, pair.from_client());
    CHECK(pair.trace.size() == 1);
    pair.client.tick(pair.now + 250ms, pair.from_client());
    CHECK(pair.trace.size() == 2);
}

TEST_CASE("the last flight is repeated for a client that missed it, up to 30 s later") {
    Pair pair;
    pair.start();
    bool lose = false;
    const auto pass = [&](const Datagram&) { return !(lose = lose || pair.server.state() == DtlsState::kConnected); };
    pair.deliver(pass);
    CHECK(pair.server.state() == DtlsState::kConnected);
    CHECK(pair.client.state() == DtlsState::kHandshaking);
    pair.wake();
    pair.deliver();
    check_keys(pair, SrtpProfile::kAeadAes128Gcm);
}

TEST_CASE("a client's close is noticed, and a server's too, even once the handshake is forgotten") {
    Pair first;
    first.start();
    first.deliver();
    first.client.close(first.now, first.from_client());
    CHECK(first.client.state() == DtlsState::kClosed);
    first.deliver();
    CHECK(first.server.state() == DtlsState::kClosed);
    CHECK_FALSE(first.server.take_keys());

    Pair later;
    later.start();
    later.deliver();
    const auto keep = later.server.deadline();
    CHECK(keep.at == kStart + 30s);
    later.server.tick(keep.at, later.from_server());
    CHECK(later.server.deadline().at == kNever);
    CHECK(later.server.state() == DtlsState::kConnected);
    later.now = keep.at;
    later.server.close(later.now, later.from_server());
    CHECK(later.to_client.size() == 1);
    later.deliver();
    CHECK(later.client.state() == DtlsState::kClosed);
}

TEST_CASE("a settled association lets go of the handshake, keeps its keys and can still say goodbye") {
    Pair pair;
    pair.start();
    pair.server.settled(pair.now);  // too early: of no effect
    pair.deliver();
    pair.server.settled(pair.now);
    CHECK(pair.server.deadline().at == kNever);
    check_keys(pair, SrtpProfile::kAeadAes128Gcm);
    pair.server.close(pair.now, pair.from_server());
    CHECK(pair.server.state() == DtlsState::kClosed);
    pair.deliver();
    CHECK(pair.client.state() == DtlsState::kClosed);
}

TEST_CASE("a certificate that is not the promised one is there to be seen before any key is taken") {
    Pair pair;
    const auto impostor = Identity::make();
    pair.start();
    pair.deliver();
    CHECK(pair.server.peer_fingerprint() != impostor.fingerprint());
    CHECK(pair.client_identity.fingerprint() != impostor.fingerprint());
    CHECK(fingerprint_text(impostor.fingerprint()).size() == 95);
}

TEST_CASE("an established association shrugs off garbage, repeats and new ClientHellos") {
    Pair pair;
    pair.start();
    pair.deliver();
    REQUIRE(pair.connected());
    SeededRandom random{5};
    const auto history = pair.trace;
    for (int i = 0; i < 3000; ++i) {
        Datagram datagram = history[random.below(history.size())];
        const auto kind = random.below(4);
        if (kind == 0) random.fill(datagram);
        if (kind == 1) datagram[random.below(datagram.size())] ^= static_cast<std::uint8_t>(1 + random.below(255));
        if (kind == 2) datagram.resize(random.below(datagram.size()) + 1);
        if (kind == 3) datagram[0] = static_cast<std::uint8_t>(20 + random.below(4));
        pair.server.receive(pair.now, datagram, pair.from_server());
        REQUIRE(pair.server.state() == DtlsState::kConnected);
    }
    const auto before = pair.trace.size();
    for (const auto& datagram : history) {
        if (is_handshake_hello(datagram)) pair.server.receive(pair.now, datagram, pair.from_server());
    }
    Pair stranger;
    stranger.start();
    pair.server.receive(pair.now, stranger.to_server.front(), pair.from_server());
    CHECK(pair.trace.size() == before);
    CHECK(pair.server.state() == DtlsState::kConnected);
    check_keys(pair, SrtpProfile::kAeadAes128Gcm);
}

TEST_CASE("a stranger's ClientHello amid a handshake does not disturb it") {
    Pair pair, stranger;
    pair.start();
    stranger.start();
    pair.server.receive(pair.now, pair.to_server.front(), pair.from_server());
    pair.to_server.pop_front();
    const auto answered = pair.trace.size();
    for (int i = 0; i < 20; ++i) pair.server.receive(pair.now, stranger.to_server.front(), pair.from_server());
    CHECK(pair.trace.size() == answered);
    pair.deliver();
    check_keys(pair, SrtpProfile::kAeadAes128Gcm);
}

TEST_CASE("a message that claims to be huge ends the handshake at once, and costs nothing") {
    Pair pair;
    pair.start();
    auto hello = pair.to_server.front();
    store_u24(hello.data() + 14, 0xffffff);
    pair.server.receive(pair.now, hello, pair.from_server());
    CHECK(pair.server.state() == DtlsState::kFailed);
    CHECK(pair.server.deadline().at == kNever);
    for (const auto& datagram : pair.to_client) CHECK(datagram[0] == 21);  // an alert, no ServerHello
}

TEST_CASE("garbage before and during a handshake never crashes, and bounds what it costs") {
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
        SeededRandom random{seed};
        Pair pair;
        pair.start();
        std::size_t answered = 0;
        const Dtls::Sink count = [&](Bytes) { ++answered; };
        for (int i = 0; i < 400; ++i) {
            Datagram datagram(random.below(2000) + 1);
            random.fill(datagram);
            if (random.chance(0.7)) {  // looks like a record
                datagram[0] = static_cast<std::uint8_t>(20 + random.below(4));
                if (datagram.size() >= 13) {
                    store_u16(datagram.data() + 1, 0xfefd);
                    store_u16(datagram.data() + 3, 0);
                    store_u16(datagram.data() + 11, static_cast<std::uint16_t>(datagram.size() - 13));
                }
            }
            pair.server.receive(pair.now, datagram, count);
        }
        CHECK(answered <= 100);
        CHECK(pair.server.state() != DtlsState::kConnected);
    }
}

TEST_CASE("datagrams beyond the hundredth are not looked at") {
    Pair pair;
    pair.start();
    const Datagram nonsense(40, 0xff);
    for (int i = 0; i < 100; ++i) pair.server.receive(pair.now, nonsense, pair.from_server());
    pair.server.receive(pair.now, pair.to_server.front(), pair.from_server());
    CHECK(pair.to_client.empty());
    pair.server.tick(kStart + 10s, pair.from_server());
    CHECK(pair.server.state() == DtlsState::kFailed);
}

TEST_CASE("the same seed and the same times give the same bytes, certificates included") {
    const auto run = [](std::uint64_t seed) {
        SeededRandom random{seed}, weather{seed};
        const DeterministicOpenssl deterministic{random};
        Pair pair;
        pair.start();
        const auto pass = [&](const Datagram&) { return !weather.chance(0.2); };
        pair.deliver(pass);
        for (int i = 0; i < 40 && !pair.connected(); ++i) {
            pair.wake();
            pair.deliver(pass);
        }
        pair.client.close(pair.now, pair.from_client());
        auto trace = pair.trace;
        const auto print = pair.server_identity.fingerprint();
        trace.emplace_back(print.begin(), print.end());
        return trace;
    };
    std::set<std::vector<Datagram>> different;
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
        const auto once = run(seed);
        CHECK(once == run(seed));
        different.insert(once);
    }
    CHECK(different.size() == 10);
    CHECK(Identity::make().fingerprint() != Identity::make().fingerprint());  // and chance is back
}
