#include "engine/shard.hpp"

#include <doctest/doctest.h>

#include <set>

#include "engine/shard_world_for_tests.hpp"
#include "wire/demultiplex.hpp"
#include "wire/stun.hpp"

using namespace earshot;
using namespace earshot::engine;
using namespace earshot::engine::testing;

namespace {

std::vector<std::uint8_t> framed(const std::vector<std::vector<std::uint8_t>>& datagrams) {
    std::vector<std::uint8_t> stream;
    for (const auto& datagram : datagrams) {
        std::vector<std::uint8_t> frame(datagram.size() + 2);
        wire::write_frame(frame, datagram);
        stream.insert(stream.end(), frame.begin(), frame.end());
    }
    return stream;
}

}  // namespace

TEST_CASE("two people join a call and hear each other, and nobody hears himself") {
    World world;
    const auto a = world.join(), b = world.join();
    REQUIRE(world.ready(a));
    REQUIRE(world.ready(b));
    CHECK(world.news_of<PeerConnected>().size() == 2);
    CHECK(world.count(Counter::peers_connected) == 2);
    world.talk({a, b}, 10);
    CHECK(world.take(a) == std::vector<std::string>(10, "voice of 1"));
    CHECK(world.take(b) == std::vector<std::string>(10, "voice of 0"));
    CHECK(world.clients[a]->session->statistics().failed == 0);
}

TEST_CASE("a muted member is not heard") {
    World world;
    const auto a = world.join({.muted = true}), b = world.join();
    world.talk({a, b}, 5);
    CHECK(world.take(b).empty());
    CHECK(world.hears(a, b));
    world.order(SetVoice{world.clients[a]->peer, false, false});
    world.talk({a}, 5);
    CHECK(world.hears(b, a));
    world.order(SetVoice{world.clients[a]->peer, true, false});
    world.talk({a}, 100);
    CHECK(world.take(b).empty());
    CHECK(world.count(Counter::dropped_rtp_muted) >= 100);
}

TEST_CASE("one who only listens cannot be heard, whatever he sends") {
    World world;
    const auto a = world.join({.listen_only = true}), b = world.join();
    world.talk({a, b}, 5);
    CHECK(world.take(b).empty());
    CHECK(world.hears(a, b));
    world.order(SetVoice{world.clients[a]->peer, false, false});
    world.talk({a}, 5);
    CHECK(world.take(b).empty());
}

TEST_CASE("a deafened member gets nothing") {
    World world;
    const auto a = world.join({.deafened = true}), b = world.join();
    world.talk({a, b}, 5);
    CHECK(world.take(a).empty());
    CHECK(world.hears(b, a));
    world.order(SetVoice{world.clients[a]->peer, false, false});
    world.talk({b}, 5);
    CHECK(world.hears(a, b));
}

TEST_CASE("nine talk and each hears the eight others") {
    World world;
    std::vector<std::size_t> all;
    for (int i = 0; i < 9; ++i) all.push_back(world.join());
    world.talk(all, 3);
    for (const auto listener : all) {
        const auto texts = world.take(listener);
        CHECK(std::set<std::string>(texts.begin(), texts.end()).size() == 8);
        CHECK(std::find(texts.begin(), texts.end(), "voice of " + std::to_string(listener)) == texts.end());
    }
    const auto slots = world.news_of<SlotsChanged>();
    REQUIRE(!slots.empty());
    for (const auto member : slots.back().slots) CHECK(member);
}

TEST_CASE("rooms do not hear each other") {
    World world;
    const auto a = world.join(), b = world.join({.room = RoomId{2}}), c = world.join();
    world.talk({a, b, c}, 5);
    CHECK(world.take(b).empty());
    CHECK(world.hears(c, a));
    CHECK(world.shard.room_count() == 2);
}

TEST_CASE("a late joiner decodes at once") {
    World world;
    const auto a = world.join(), b = world.join();
    world.talk({a, b}, 2000);
    world.take(b);
    const auto c = world.join();
    REQUIRE(world.ready(c));
    world.talk({a}, 1);
    CHECK(world.hears(c, a));
    CHECK(world.clients[c]->session->statistics().failed == 0);
    CHECK(world.clients[c]->heard.begin()->second.front().sequence <= 32767);
    CHECK(world.clients[c]->heard.begin()->second.front().marker);
}

TEST_CASE("when the speaker of a slot changes its stream goes on without a break") {
    World world;
    std::vector<std::size_t> all;
    for (int i = 0; i < 10; ++i) all.push_back(world.join());
    const auto listener = world.join({.listen_only = true});
    world.talk({0, 1, 2, 3, 4, 5, 6, 7}, 10);
    world.talk({0, 1, 2, 3, 4, 5, 6}, 20);
    world.talk({0, 1, 2, 3, 4, 5, 6, 8}, 10);
    const auto& heard = world.clients[listener]->heard[7];
    REQUIRE(heard.size() == 20);
    for (std::size_t i = 1; i < heard.size(); ++i) {
        CHECK(heard[i].sequence == heard[i - 1].sequence + 1);
        const auto elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(heard[i].at - heard[i - 1].at).count();
        CHECK(heard[i].timestamp - heard[i - 1].timestamp == static_cast<std::uint32_t>(elapsed * 48));
    }
    CHECK(world.clients[listener]->session->statistics().failed == 0);
}

TEST_CASE("another microphone under another SSRC goes on in the same stream") {
    World world;
    const auto a = world.join(), b = world.join();
    for (std::uint32_t i = 0; i < 6; ++i) {
        world.talk({a}, 3);
        world.pass(600ms);
        world.clients[a]->session->change_microphone(90'000 + i);
    }
    const auto& heard = world.clients[b]->heard[0];
    REQUIRE(heard.size() == 18);
    for (std::size_t i = 1; i < heard.size(); ++i) CHECK(heard[i].sequence == heard[i - 1].sequence + 1);
}

TEST_CASE("a second SSRC beside a microphone that speaks is not believed") {
    World world;
    const auto a = world.join(), b = world.join();
    world.talk({a}, 3);
    world.clients[a]->session->change_microphone(90'000);
    world.talk({a}, 3);
    CHECK(world.take(b).size() == 3);
    CHECK(world.count(Counter::dropped_rtp_source) == 3);
}

TEST_CASE("he who leaves in the very turn in which somebody speaks to him harms nobody") {
    World world;
    const auto a = world.join(), b = world.join(), c = world.join();
    world.talk({a}, 1);
    world.speak(a);
    world.with(b, [&](rtc::Outbox& out) { world.clients[b]->session->close(world.now.at, out); });
    world.settle();
    CHECK(world.news_of<PeerLost>().size() == 1);
    world.take(c);
    world.talk({a}, 2);
    CHECK(world.take(c).size() == 2);
    CHECK(world.clients[c]->session->statistics().failed == 0);
}

TEST_CASE("many frames in one piece of a TCP stream arrive whole") {
    World world;
    const auto a = world.join({.tcp = true}), b = world.join();
    std::vector<std::vector<std::uint8_t>> packets;
    for (int i = 0; i < 5; ++i) {
        world.speak(a, 30, "packet " + std::to_string(i));
        packets.push_back(world.to_server.back().second);
    }
    const auto path = World::server_path(world.to_server.back().first);
    world.to_server.clear();
    world.inject_stream(path, framed(packets));
    CHECK(world.take(b) == std::vector<std::string>{"packet 0", "packet 1", "packet 2", "packet 3", "packet 4"});
}

TEST_CASE("a second answer, as after an ICE restart, forgets nothing of the microphone") {
    World world;
    const auto a = world.join(), b = world.join();
    world.talk({a, b}, 100);
    world.answer(a);
    world.talk({a, b}, 400);
    CHECK(world.clients[b]->heard[0].size() == 500);
    CHECK(world.clients[b]->session->statistics().failed == 0);
    CHECK(world.clients[a]->session->statistics().last_block.jitter < 100);
    world.clients[a]->session->change_microphone(90'000);
    world.talk({a}, 3);
    CHECK(world.count(Counter::dropped_rtp_source) == 3);
}

TEST_CASE("who speaks is told, and when he stops") {
    World world;
    const auto a = world.join();
    world.join();
    world.talk({a}, 10);
    auto told = world.news_of<Speaking>();
    REQUIRE(told.size() == 1);
    CHECK(told[0].member == world.clients[a]->member);
    CHECK(told[0].speaking);
    world.pass(400ms);
    told = world.news_of<Speaking>();
    REQUIRE(told.size() == 2);
    CHECK_FALSE(told[1].speaking);
}

TEST_CASE("he who is removed is told, forgotten, and his slot is free") {
    World world;
    const auto a = world.join(), b = world.join();
    world.talk({a, b}, 5);
    world.order(RemovePeer{world.clients[a]->peer});
    CHECK(world.clients[a]->session->transport_state() == rtc::TransportState::kClosed);
    CHECK(world.news_of<PeerLost>().empty());
    CHECK(world.shard.peer_count() == 1);
    const auto slots = world.news_of<SlotsChanged>().back().slots;
    CHECK(std::find(slots.begin(), slots.end(), world.clients[a]->member) == slots.end());
    world.talk({a, b}, 5);
    CHECK(world.count(Counter::peers) == 1);
    CHECK(world.count(Counter::peers_connected) == 1);
}

TEST_CASE("he who closes is lost at once") {
    World world;
    const auto a = world.join();
    world.with(a, [&](rtc::Outbox& out) { world.clients[a]->session->close(world.now.at, out); });
    world.settle();
    REQUIRE(world.news_of<PeerLost>().size() == 1);
    CHECK(world.news_of<PeerLost>()[0].reason == LostReason::kClosed);
}

TEST_CASE("shutdown says goodbye to everybody") {
    World world;
    const auto a = world.join(), b = world.join();
    world.order(Shutdown{});
    CHECK(world.clients[a]->session->transport_state() == rtc::TransportState::kClosed);
    CHECK(world.clients[b]->session->transport_state() == rtc::TransportState::kClosed);
    CHECK(world.shard.peer_count() == 0);
    CHECK(world.shard.deadline().at == kNever);
}

TEST_CASE("reports flow both ways and tell of the microphone") {
    World world;
    const auto a = world.join(), b = world.join();
    world.talk({a, b}, 500);
    const auto& statistics = world.clients[a]->session->statistics();
    CHECK(statistics.sender_reports >= 2);
    CHECK(statistics.report_blocks >= 2);
    CHECK(statistics.last_block.cumulative_lost == 0);
    CHECK(statistics.last_block.jitter < 100);
    CHECK(statistics.last_block.last_sender_report != 0);
    CHECK(world.count(Counter::dropped_rtcp) == 0);
}

TEST_CASE("loss of the microphone's packets stands in our reports") {
    World world;
    const auto a = world.join();
    world.join();
    for (int i = 0; i < 400; ++i) {
        world.speak(a);
        if (i % 4 == 3) world.to_server.clear();
        world.settle();
        world.pass(20ms);
    }
    const auto& block = world.clients[a]->session->statistics().last_block;
    CHECK(block.cumulative_lost > 20);
    CHECK(block.fraction_lost > 50);
    CHECK(block.fraction_lost < 78);
}

TEST_CASE("when slots are contended, who cannot be heard is not decrypted, and can still be heard hours later") {
    World world;
    std::vector<std::size_t> talkers;
    for (int i = 0; i < 9; ++i) talkers.push_back(world.join());
    const auto waiting = world.join();
    auto all = talkers;
    all.push_back(waiting);
    world.talk(all, 50);
    CHECK(world.count(Counter::dropped_rtp_silent) >= 45);
    const auto before = world.clients[waiting]->session->statistics().sent;
    for (int i = 0; i < 350; ++i) {  // beyond a lap of the sequence number
        for (const auto who : talkers) world.speak(who);
        for (int n = 0; n < 200; ++n) world.speak(waiting);
        world.settle();
        world.pass(100ms);
    }
    CHECK(world.clients[waiting]->session->statistics().sent - before == 70'000);
    for (const auto who : talkers) world.order(SetVoice{world.clients[who]->peer, true, false});
    world.take(0);
    world.talk({waiting}, 3);
    CHECK(world.hears(0, waiting));
}

TEST_CASE("AddPeer beyond a limit or with a name in use is refused") {
    World world;
    world.join({.connect = false});
    AddPeer twin{.peer = PeerId{77}, .room = RoomId{1}, .member = MemberId{5}, .ufrag = world.clients[0]->remote.ufrag, .pwd = "password-0123456789abc"};
    world.order(twin);
    REQUIRE(world.news_of<PeerLost>().size() == 1);
    CHECK(world.news_of<PeerLost>()[0].reason == LostReason::kRefused);
    CHECK(world.news_of<PeerLost>()[0].peer == PeerId{77});
    CHECK(world.shard.peer_count() == 1);
}

TEST_CASE("a full arena drops and counts, and nothing breaks") {
    World world;
    const auto a = world.join(), b = world.join();
    port::SendArena tiny{1};
    std::vector<std::vector<std::uint8_t>> packets;
    for (int i = 0; i < 5; ++i) {
        world.speak(a);
        packets.push_back(world.to_server.back().second);
        world.to_server.clear();
    }
    const auto path = World::server_path(World::client_path(a));
    std::vector<port::Datagram> batch;
    for (auto& packet : packets) batch.push_back({&path, packet});
    world.shard.receive(world.now, batch, tiny);
    CHECK(tiny.items().size() == 1);
    CHECK(world.count(Counter::dropped_send_full) == 4);
    world.talk({a}, 1);
    CHECK(world.hears(b, a));
}

TEST_CASE("a small arena that can be sent in the middle loses nothing") {
    World world;
    const auto a = world.join(), b = world.join();
    port::SendArena tiny{1};
    std::vector<std::vector<std::uint8_t>> sent;
    tiny.when_full([&](port::SendArena& full) {
        for (const auto& item : full.items()) sent.emplace_back(full.bytes(item).begin(), full.bytes(item).end());
        full.clear();
    });
    std::vector<std::vector<std::uint8_t>> packets;
    for (int i = 0; i < 5; ++i) {
        world.speak(a);
        packets.push_back(world.to_server.back().second);
        world.to_server.clear();
    }
    const auto path = World::server_path(World::client_path(a));
    std::vector<port::Datagram> batch;
    for (auto& packet : packets) batch.push_back({&path, packet});
    world.shard.receive(world.now, batch, tiny);
    tiny.flush();
    REQUIRE(sent.size() == 5);
    for (auto& datagram : sent) world.with(b, [&](rtc::Outbox& out) { world.clients[b]->session->receive(world.now, World::client_path(b), datagram, out); });
    world.settle();
    CHECK(world.take(b).size() == 5);
}

TEST_CASE("news that finds the mailbox full is told later") {
    World world;
    world.join({.connect = false});
    while (world.news.push(PeerConnected{PeerId{9}})) {}
    world.shard.tick(world.now, world.arena);
    REQUIRE(world.orders.push(AddPeer{.peer = PeerId{77}, .ufrag = world.clients[0]->remote.ufrag, .pwd = "x"}));
    world.shard.drain(world.now, world.arena);
    CHECK(world.shard.deadline().at <= world.now.at + 10ms);
    world.news.take();
    world.pass(20ms);
    CHECK(world.news_of<PeerLost>().size() == 1);
}

TEST_CASE("rubbish of every kind is counted and harms nobody") {
    World world;
    const auto a = world.join(), b = world.join();
    SeededRandom noise{3};
    for (int i = 0; i < 3000; ++i) {
        std::vector<std::uint8_t> bytes(noise.below(200));
        noise.fill(bytes);
        if (!bytes.empty() && i % 2) bytes[0] = static_cast<std::uint8_t>(std::array{0, 1, 22, 128, 144, 176}[noise.below(6)]);
        world.inject(World::client_path(noise.chance(0.5) ? a : 210), bytes);
    }
    world.talk({a, b}, 3);
    CHECK(world.hears(b, a));
    CHECK(world.hears(a, b));
}
