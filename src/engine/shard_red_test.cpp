// Voice across networks that lose packets: copies (RED) make good what was lost, on the way to the server and on the way from it.
#include <doctest/doctest.h>

#include <set>

#include "engine/shard_world_for_tests.hpp"
#include "wire/demultiplex.hpp"
#include "wire/rtp.hpp"

using namespace earshot;
using namespace earshot::engine;
using namespace earshot::engine::testing;

namespace {

bool is_voice(Bytes datagram) { return wire::classify(datagram) == wire::Kind::kRtp; }

// A network that loses one voice packet in so many, and remembers how many.
struct Lossy {
    explicit Lossy(double of_all) : share(of_all) {}
    bool operator()(Bytes datagram) {
        if (!is_voice(datagram) || !chance.chance(share)) return false;
        ++lost;
        return true;
    }
    double share;
    SeededRandom chance{11};
    int lost = 0;
};

std::set<std::string> unlike(const std::vector<std::string>& texts) { return {texts.begin(), texts.end()}; }

// One who says numbers, 20 ms apart.
void count(World& world, std::size_t who, int from, int to, const std::string& mark = "") {
    for (int n = from; n < to; ++n) {
        world.speak(who, 30, mark + std::to_string(n));
        world.settle();
        world.pass(20ms);
    }
}

// Payload types of the voice packets that the server sent since the last call.
std::set<int> sent_types(World& world) {
    std::set<int> types;
    for (const auto& datagram : std::exchange(world.sent_to_clients, {})) {
        if (is_voice(datagram)) types.insert(wire::parse_rtp(datagram)->payload_type);
    }
    return types;
}

// Everything is said once and in order for whoever listens.
void check_once_and_in_order(World& world, std::size_t listener) {
    for (const auto& [slot, packets] : world.clients[listener]->heard) {
        for (std::size_t i = 1; i < packets.size(); ++i) CHECK(packets[i].sequence > packets[i - 1].sequence);
    }
}

}  // namespace

TEST_CASE("what is lost on the way to the server is made good there, for listeners who know no RED too") {
    World world;
    const auto a = world.join(), plain = world.join({.red = false}), other = world.join();
    count(world, a, 0, 10);
    Lossy lossy{0.1};
    world.lost_to_server = [&](std::size_t i, Bytes datagram) { return i == a && lossy(datagram); };
    count(world, a, 10, 500);  // reports tell, copies begin
    CHECK(world.clients[a]->session->copies() >= 2);
    world.take(plain), world.take(other);
    lossy.lost = 0;
    count(world, a, 500, 2500);
    REQUIRE(lossy.lost > 150);
    for (const auto listener : {plain, other}) {
        const auto heard = unlike(world.take(listener));
        CAPTURE(heard.size());
        CHECK(static_cast<double>(2000 - heard.size()) <= 0.03 * lossy.lost);
        check_once_and_in_order(world, listener);
    }
    CHECK(sent_types(world) == std::set<int>{111});
}

TEST_CASE("a listener who loses packets gets copies, and only he") {
    World world;
    const auto a = world.join(), b = world.join(), calm = world.join();
    Lossy lossy{0.1};
    world.lost_to_client = [&](std::size_t i, Bytes datagram) { return i == b && lossy(datagram); };
    count(world, a, 0, 500);
    world.take(b), world.take(calm);
    lossy.lost = 0;
    sent_types(world);
    count(world, a, 500, 2500);
    REQUIRE(lossy.lost > 150);
    const auto heard = unlike(world.take(b));
    CAPTURE(heard.size());
    CHECK(static_cast<double>(2000 - heard.size()) <= 0.03 * lossy.lost);
    CHECK(world.clients[b]->session->statistics().recovered > 100);
    check_once_and_in_order(world, b);
    CHECK(sent_types(world) == std::set<int>{111, 63});
    CHECK(unlike(world.take(calm)).size() == 2000);
    CHECK(world.clients[calm]->session->statistics().recovered == 0);
}

TEST_CASE("one who takes no RED gets plain packets however many he loses") {
    World world;
    const auto a = world.join(), b = world.join({.red = false});
    Lossy lossy{0.3};
    world.lost_to_client = [&](std::size_t i, Bytes datagram) { return i == b && lossy(datagram); };
    count(world, a, 0, 600);
    CHECK(sent_types(world) == std::set<int>{111});
    CHECK(world.hears(b, a) == false);  // he hears numbers, not the usual words
}

TEST_CASE("copies cease some time after the loss does") {
    World world;
    const auto a = world.join(), b = world.join();
    Lossy lossy{0.05};
    world.lost_to_client = [&](std::size_t i, Bytes datagram) { return i == b && lossy(datagram); };
    count(world, a, 0, 500);
    CHECK(sent_types(world).contains(63));
    lossy.share = 0;
    count(world, a, 500, 3500);
    sent_types(world);
    count(world, a, 3500, 3600);
    CHECK(sent_types(world) == std::set<int>{111});
}

TEST_CASE("before he reports anything, a peer's own lost packets say what his network is like") {
    World world;
    const auto a = world.join(), b = world.join();
    Lossy lossy{0.1};
    world.lost_to_server = [&](std::size_t i, Bytes datagram) { return i == b && lossy(datagram); };
    world.lost_to_client = [&](std::size_t, Bytes datagram) { return wire::classify(datagram) == wire::Kind::kRtcp; };
    count(world, b, 0, 200);
    sent_types(world);
    count(world, a, 0, 5);
    CHECK(sent_types(world) == std::set<int>{63, 111});  // the first has nothing before it
    CHECK(unlike(world.take(b)).size() == 5);
}

TEST_CASE("what was said while muted is not heard afterwards as a copy") {
    World world;
    const auto a = world.join(), b = world.join();
    Lossy lossy{0.3};
    world.lost_to_server = [&](std::size_t i, Bytes datagram) { return i == a && lossy(datagram); };
    count(world, a, 0, 300);
    REQUIRE(world.clients[a]->session->copies() == media::kMaxCopies);
    world.take(b);
    world.order(SetVoice{world.clients[a]->peer, true, false});
    count(world, a, 0, 100, "secret");
    lossy.share = 1;  // the last words before he is heard again exist in copies only
    count(world, a, 100, 103, "secret");
    lossy.share = 0;
    world.order(SetVoice{world.clients[a]->peer, false, false});
    count(world, a, 300, 310);
    const auto heard = world.take(b);
    CHECK(heard.size() == 10);
    for (const auto& text : heard) CHECK_FALSE(text.starts_with("secret"));
}

TEST_CASE("a RED payload that is none is dropped, and the stream goes on") {
    World world;
    const auto a = world.join(), b = world.join();
    count(world, a, 0, 5);
    world.take(b);
    // What a says is taken for RED although it is none: a client that calls Opus by RED's number.
    auto& config = world.clients[a]->session->config_for_tests();
    config.opus_payload_type = rtc::kRedPayloadType;
    const std::string broken{"\xef\x0f\x03\xff\x6f no such length", 20};
    world.speak(a, 30, broken);
    world.settle();
    CHECK(world.count(Counter::dropped_rtp_malformed) == 1);
    config.opus_payload_type = 111;
    count(world, a, 5, 10);
    CHECK(world.take(b).size() == 5);
}
