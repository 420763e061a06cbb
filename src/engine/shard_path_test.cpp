// Paths, handshakes and TCP: how a peer is reached, and who is not believed.
#include <doctest/doctest.h>

#include "crypto/hmac.hpp"
#include "engine/shard_world_for_tests.hpp"
#include "wire/demultiplex.hpp"
#include "wire/stun.hpp"

using namespace earshot;
using namespace earshot::engine;
using namespace earshot::engine::testing;

namespace {

std::vector<std::uint8_t> check_of(std::string_view server_ufrag, std::string_view pwd, bool nominate = true) {
    static std::uint8_t transaction = 0;
    std::array<std::uint8_t, 256> memory;
    const auto bytes = wire::write_binding_request(
        memory, {.transaction = {1, 2, 3, ++transaction}, .remote_ufrag = server_ufrag, .local_ufrag = "them", .priority = 1, .tie_breaker = 5, .use_candidate = nominate},
        as_bytes(pwd), crypto::hmac_sha1);
    return {bytes.begin(), bytes.end()};
}

}  // namespace

TEST_CASE("another path keeps the call") {
    World world;
    const auto a = world.join(), b = world.join();
    world.talk({a, b}, 5);
    world.take(a);
    world.add_path(a, World::client_path(a, 9));
    world.talk({a, b}, 5);
    CHECK(*world.clients[a]->session->path() == World::client_path(a, 9));
    CHECK(world.take(a).size() == 5);
    CHECK(world.take(b).size() == 10);
    CHECK(world.news_of<PeerConnected>().size() == 2);
}

TEST_CASE("a wrong fingerprint never gets media") {
    World world;
    const auto a = world.join(), eve = world.join({.wrong_fingerprint = true});
    const auto lost = world.news_of<PeerLost>();
    REQUIRE(lost.size() == 1);
    CHECK(lost[0].peer == world.clients[eve]->peer);
    CHECK(lost[0].reason == LostReason::kFingerprintMismatch);
    world.talk({a, eve}, 5);
    CHECK(world.take(a).empty());
    CHECK(world.take(eve).empty());
    CHECK(world.shard.peer_count() == 1);
}

TEST_CASE("the handshake may end before the answer comes; media waits for it") {
    World world;
    const auto a = world.join(), b = world.join({.answer = false});
    CHECK(world.news_of<PeerConnected>().size() == 1);
    world.talk({a, b}, 3);
    CHECK(world.take(a).empty());
    CHECK(world.take(b).empty());
    world.answer(b);
    CHECK(world.news_of<PeerConnected>().size() == 2);
    world.talk({a, b}, 3);
    CHECK(world.hears(a, b));
    CHECK(world.hears(b, a));
}

TEST_CASE("the answer may come first, with the wrong fingerprint after the handshake") {
    World world;
    const auto eve = world.join({.wrong_fingerprint = true, .answer = false});
    world.answer(eve);
    REQUIRE(world.news_of<PeerLost>().size() == 1);
    CHECK(world.news_of<PeerConnected>().empty());
}

TEST_CASE("DTLS before a valid check is ignored") {
    World world;
    const auto a = world.join();
    std::vector<std::uint8_t> hello;
    for (const auto& datagram : world.sent_to_server) {
        if (wire::classify(datagram) == wire::Kind::kDtls && hello.empty()) hello = datagram;
    }
    REQUIRE(!hello.empty());
    CHECK(world.inject(World::client_path(200), hello) == 0);
    CHECK(world.count(Counter::dropped_unknown_path) == 1);
    CHECK(world.ready(a));
}

TEST_CASE("a check with a wrong password, an unknown name or a broken tail gets no answer") {
    World world;
    const auto a = world.join({.connect = false});
    const auto& good = world.clients[a]->remote;
    CHECK(world.inject(World::client_path(201), check_of(good.ufrag, "wrong-password-0123456789")) == 0);
    CHECK(world.inject(World::client_path(201), check_of("nobody", good.pwd)) == 0);
    auto broken = check_of(good.ufrag, good.pwd);
    broken.back() ^= 1;
    CHECK(world.inject(World::client_path(201), broken) == 0);
    CHECK(world.count(Counter::dropped_stun) == 3);
    CHECK(world.inject(World::client_path(201), check_of(good.ufrag, good.pwd)) == 1);
}

TEST_CASE("a check without FINGERPRINT gets no answer") {
    World world;
    const auto a = world.join({.connect = false});
    auto bare = check_of(world.clients[a]->remote.ufrag, world.clients[a]->remote.pwd);
    bare.resize(bare.size() - 8);
    store_u16(bare.data() + 2, static_cast<std::uint16_t>(bare.size() - wire::kStunHeaderSize));
    CHECK(world.inject(World::client_path(201), bare) == 0);
}

TEST_CASE("a check so short that the answer would be longer gets none") {
    World world;
    const auto a = world.join({.connect = false});
    std::array<std::uint8_t, 128> memory;
    wire::StunWriter writer{memory, wire::StunClass::kRequest, {7}};
    writer.username(world.clients[a]->remote.ufrag, "t");
    writer.integrity(as_bytes(world.clients[a]->remote.pwd), crypto::hmac_sha1);
    const auto check = writer.finish();
    auto path = World::client_path(201);
    path.local = *IpAddress::parse("2001:db8::c9");  // an answer to IPv6 is 76 bytes
    CHECK(check.size() < 76);
    CHECK(world.inject(path, {check.begin(), check.end()}) == 0);
    CHECK(world.count(Counter::dropped_stun) == 1);
}

TEST_CASE("an answer to a check is never longer than the check") {
    World world;
    const auto a = world.join({.connect = false});
    const auto request = check_of(world.clients[a]->remote.ufrag, world.clients[a]->remote.pwd);
    REQUIRE(world.inject(World::client_path(201), request) == 1);
    CHECK(world.sent_to_clients.back().size() <= request.size());
}

TEST_CASE("an overheard check that is sent again from elsewhere turns no stream on anybody") {
    World world;
    const auto a = world.join(), b = world.join();
    const auto overheard = world.sent_to_server;
    for (const auto& datagram : overheard) {
        if (wire::classify(datagram) == wire::Kind::kStun) CHECK(world.inject(World::client_path(240), datagram) == 0);
    }
    CHECK(world.count(Counter::dropped_stun) >= 2);
    world.talk({a, b}, 3);
    CHECK(world.take(a).size() == 3);
    CHECK(world.take(b).size() == 3);
}

TEST_CASE("a replayed packet is forwarded once") {
    World world;
    const auto a = world.join(), b = world.join();
    world.talk({a}, 3);
    world.take(b);
    const auto replayed = world.sent_to_server;
    for (const auto& datagram : replayed) {
        if (wire::classify(datagram) == wire::Kind::kRtp) world.inject(World::client_path(a), datagram);
    }
    CHECK(world.take(b).empty());
    CHECK(world.count(Counter::dropped_rtp_replay) == 3);
}

TEST_CASE("a packet from another's path is not his") {
    World world;
    const auto a = world.join(), b = world.join(), c = world.join();
    world.speak(a);
    const auto stolen = world.to_server.back().second;
    world.to_server.clear();
    world.inject(World::client_path(b), stolen);
    CHECK(world.take(c).empty());
    CHECK(world.count(Counter::dropped_rtp_auth) == 1);
}

TEST_CASE("he who goes silent is quiet after five seconds and lost after thirty") {
    World world;
    const auto a = world.join(), b = world.join();
    world.pass(1s);
    world.talk({a}, 2);
    world.clients[a]->online = false;
    const Time gone = world.now.at;
    world.pass(4900ms);
    CHECK(world.news_of<PeerQuiet>().empty());
    world.pass(200ms);
    REQUIRE(world.news_of<PeerQuiet>().size() == 1);
    CHECK(world.news_of<PeerQuiet>()[0].quiet);
    CHECK(world.news_of<PeerLost>().empty());
    while (world.news_of<PeerLost>().empty() && world.now.at < gone + 60s) world.pass(100ms);
    CHECK(world.now.at - gone <= 30s);
    CHECK(world.now.at - gone >= 24s);
    CHECK(world.news_of<PeerLost>()[0].reason == LostReason::kConsent);
    CHECK(world.shard.peer_count() == 1);
    CHECK(world.ready(b));
}

TEST_CASE("he who comes back within thirty seconds is quiet no more, and the call goes on") {
    World world;
    const auto a = world.join(), b = world.join();
    world.clients[a]->online = false;
    world.pass(15s);
    world.clients[a]->online = true;
    world.pass(8s);
    const auto quiet = world.news_of<PeerQuiet>();
    REQUIRE(quiet.size() == 2);
    CHECK_FALSE(quiet[1].quiet);
    world.talk({a, b}, 3);
    CHECK(world.hears(b, a));
}

TEST_CASE("consent checks keep a silent call alive for minutes") {
    World world;
    world.join();
    world.join();
    world.pass(300s);
    CHECK(world.news_of<PeerLost>().empty());
    CHECK(world.news_of<PeerQuiet>().empty());
    CHECK(world.wakes < 3000);
}

TEST_CASE("he who never comes is lost after thirty seconds") {
    World world;
    world.join({.connect = false});
    world.pass(31s);
    REQUIRE(world.news_of<PeerLost>().size() == 1);
    CHECK(world.shard.peer_count() == 0);
    CHECK(world.shard.room_count() == 0);
    CHECK(world.shard.deadline().at == kNever);
}

TEST_CASE("an ICE restart is accepted while the old path lives") {
    World world;
    const auto a = world.join(), b = world.join();
    auto& client = *world.clients[a];
    const auto old = client.remote;
    const rtc::IceCredentials fresh{"fresh", "another-password-0123456789"};
    world.order(RestartIce{client.peer, fresh.ufrag, fresh.pwd});
    world.talk({a, b}, 3);
    CHECK(world.hears(b, a));
    CHECK(world.inject(World::client_path(a), check_of(old.ufrag, old.pwd, false)) == 1);
    world.with(a, [&](rtc::Outbox& out) { client.session->restart_ice(world.now.at, {"newc", "client-password-0123456789"}, fresh, out); });
    world.settle();
    world.talk({a, b}, 3);
    CHECK(world.hears(b, a));
    CHECK(world.hears(a, b));
    CHECK(world.inject(World::client_path(a), check_of(old.ufrag, old.pwd, false)) == 0);
    world.pass(60s);
    CHECK(world.news_of<PeerLost>().empty());
    CHECK(world.news_of<PeerConnected>().size() == 2);
}

TEST_CASE("a name that a restart retired is free for others") {
    World world;
    const auto a = world.join();
    auto& client = *world.clients[a];
    const rtc::IceCredentials fresh{"fresh", "another-password-0123456789"};
    world.order(RestartIce{client.peer, "never", "a-password-that-nobody-used"});
    world.order(RestartIce{client.peer, fresh.ufrag, fresh.pwd});
    world.with(a, [&](rtc::Outbox& out) { client.session->restart_ice(world.now.at, {"newc", "client-password-0123456789"}, fresh, out); });
    world.settle();
    std::uint64_t next = 50;
    for (const auto& ufrag : {client.remote.ufrag, std::string{"never"}}) {
        world.order(AddPeer{.peer = PeerId{next++}, .room = RoomId{1}, .member = MemberId{5}, .ufrag = ufrag, .pwd = "password-0123456789abc"});
    }
    CHECK(world.news_of<PeerLost>().empty());
    CHECK(world.shard.peer_count() == 3);
}

TEST_CASE("a path that becomes another's carries nothing of the first any more") {
    World world;
    const auto a = world.join(), b = world.join({.connect = false}), c = world.join();
    world.talk({c}, 2);
    CHECK(world.take(a).size() == 2);
    REQUIRE(world.inject(World::client_path(a), check_of(world.clients[b]->remote.ufrag, world.clients[b]->remote.pwd)) == 1);
    const auto before = world.sent_to_clients.size();
    world.speak(c);
    world.settle();
    CHECK(world.sent_to_clients.size() == before);
}

TEST_CASE("a call over TCP, in odd chunks") {
    for (const std::size_t chunk : {1, 2, 3, 7, 100, 5000}) {
        CAPTURE(chunk);
        World world;
        world.chunk = chunk;
        const auto a = world.join({.tcp = true}), b = world.join();
        REQUIRE(world.ready(a));
        world.talk({a, b}, 5);
        CHECK(world.take(a).size() == 5);
        CHECK(world.take(b).size() == 5);
        CHECK(world.closed.empty());
    }
}

TEST_CASE("when his TCP connection breaks nothing is sent there, and UDP takes the call over") {
    World world;
    const auto a = world.join({.tcp = true}), b = world.join();
    world.talk({a, b}, 3);
    world.take(a);
    auto path = World::client_path(a);
    path.transport = port::Transport::kTcp;
    path.tcp = static_cast<std::uint32_t>(a + 1);
    world.shard.tcp_closed(world.now, World::server_path(path));
    const auto before = world.sent_to_clients.size();
    world.speak(b);
    world.settle();
    CHECK(world.sent_to_clients.size() == before);
    world.add_path(a, World::client_path(a, 3));
    world.talk({a, b}, 3);
    CHECK(world.take(a).size() == 3);
}

TEST_CASE("a TCP connection that does not begin with a valid check is closed") {
    World world;
    world.join({.connect = false});
    const port::Path stranger{.transport = port::Transport::kTcp, .remote = {IpAddress::v4(10, 0, 0, 99), 5}, .tcp = 70};
    const std::uint8_t rubbish[] = {0, 4, 22, 1, 2, 3};
    world.shard.tcp_receive(world.now, stranger, rubbish, world.arena);
    CHECK(world.shard.tcp_to_close() == std::vector<std::uint32_t>{70});
    const auto request = check_of("nobody", "password");
    std::vector<std::uint8_t> frame(request.size() + 2);
    wire::write_frame(frame, request);
    auto second = stranger;
    second.tcp = 71;
    world.shard.tcp_receive(world.now, second, frame, world.arena);
    CHECK(world.shard.tcp_to_close() == std::vector<std::uint32_t>{71});
    CHECK(world.arena.items().empty());
}

TEST_CASE("a TCP connection that says nothing whole is closed after ten seconds, and strangers are few") {
    World world;
    const std::uint8_t half[] = {0, 100, 0, 1};
    for (std::uint32_t i = 1; i <= limits::kStrangerConnections + 3; ++i) {
        world.shard.tcp_receive(world.now, {.transport = port::Transport::kTcp, .tcp = i}, half, world.arena);
    }
    CHECK(world.shard.tcp_to_close() == std::vector<std::uint32_t>{1, 2, 3});
    world.pass(11s);
    CHECK(world.closed.size() == limits::kStrangerConnections);
}
