// Houses whose voice side is broken in one way, and how each is found out.
#include <doctest/doctest.h>

#include "sim/scene.hpp"

using namespace earshot;
using namespace earshot::sim;

namespace {

class Disguise : public port::MediaMachine {
public:
    Disguise(std::unique_ptr<port::MediaMachine> inner, engine::OrderBox& orders) : inner_(std::move(inner)), orders_(orders) {}
    void drain(Now now, port::SendArena& out) override {
        for (auto& order : orders_.take())
            if (passes(order)) REQUIRE(orders_.push(std::move(order)));
        inner_->drain(now, out);
        change(out);
    }
    void receive(Now now, std::span<port::Datagram> batch, port::SendArena& out) override {
        inner_->receive(now, batch, out);
        change(out);
    }
    void tcp_receive(Now now, const port::Path& path, Bytes bytes, port::SendArena& out) override { inner_->tcp_receive(now, path, bytes, out); }
    void tcp_closed(Now now, const port::Path& path) override { inner_->tcp_closed(now, path); }
    std::vector<std::uint32_t> tcp_to_close() override { return inner_->tcp_to_close(); }
    void tick(Now now, port::SendArena& out) override {
        inner_->tick(now, out);
        change(out);
    }
    Deadline deadline() const override { return inner_->deadline(); }

protected:
    virtual bool passes(engine::ShardOrder& order) {
        static_cast<void>(order);
        return true;
    }
    virtual void change(port::SendArena& out) { static_cast<void>(out); }
    static bool is_rtp(Bytes datagram) { return datagram.size() > 12 && (datagram[0] & 0xc0) == 0x80 && !(datagram[1] >= 192 && datagram[1] <= 223); }
    std::uint64_t count_ = 0;

private:
    std::unique_ptr<port::MediaMachine> inner_;
    engine::OrderBox& orders_;
};

template <typename Mutation>
SceneSettings broken_by() {
    SceneSettings settings;
    settings.disguise_media = [](std::unique_ptr<port::MediaMachine> inner, engine::OrderBox& orders) -> std::unique_ptr<port::MediaMachine> {
        return std::make_unique<Mutation>(std::move(inner), orders);
    };
    return settings;
}

// Two talk in one room and one in another; one mutes himself for a while, one leaves the call and comes back.
std::string found_out(SceneSettings settings) {
    Scene scene{1, std::move(settings)};
    auto& ann = scene.caller_in("Ann", "#tea");
    auto& ben = scene.caller_in("Ben", "#tea");
    auto& cora = scene.caller_in("Cora", "#work");
    for (auto* caller : {&ann, &ben, &cora}) caller->talk(true);
    scene.run_for(1s);
    ben.set_voice(true, false);
    scene.run_for(4s);
    ben.set_voice(false, false);
    scene.run_for(1s);
    ann.leave_call();
    scene.run_for(1s);
    if (scene.world.sound()) ann.call("#tea");
    if (scene.world.sound()) scene.settle(20s);
    scene.check_all();
    return scene.world.sound() ? "" : scene.world.failures().front().invariant;
}

struct DeafToMute final : Disguise {
    using Disguise::Disguise;
    bool passes(engine::ShardOrder& order) override { return !std::holds_alternative<engine::SetVoice>(order); }
};

struct NeverLetsGo final : Disguise {
    using Disguise::Disguise;
    bool passes(engine::ShardOrder& order) override { return !std::holds_alternative<engine::RemovePeer>(order); }
};

struct OneRoom final : Disguise {
    using Disguise::Disguise;
    bool passes(engine::ShardOrder& order) override {
        if (auto* add = std::get_if<engine::AddPeer>(&order)) add->room = RoomId{1};
        return true;
    }
};

struct Stutters final : Disguise {
    using Disguise::Disguise;
    void change(port::SendArena& out) override {
        for (std::size_t i = 0, size = out.items().size(); i < size; ++i) {
            const auto item = out.items()[i];
            if (!is_rtp(out.bytes(item)) || ++count_ % 50 != 0) continue;
            const auto room = out.reserve(item.size);
            if (room.empty()) return;
            const auto bytes = out.bytes(item);
            std::copy(bytes.begin(), bytes.end(), room.begin());
            out.commit(item.path, item.size);
        }
    }
};

struct Swallows final : Disguise {
    using Disguise::Disguise;
    void change(port::SendArena& out) override {  // what is no RTP any more is dropped by whoever gets it
        for (const auto& item : out.items())
            if (is_rtp(out.bytes(item)) && ++count_ % 50 == 0) out.bytes(item)[0] = 0;
    }
};

std::string verdict_on(const VoiceMark& mark, bool twice = false) {
    World world{1};
    Hearing hearing{world};
    for (int i = 0; i < (twice ? 2 : 1); ++i) hearing.heard(1, 10, 5, mark);
    return world.sound() ? "" : world.failures().front().invariant;
}

}  // namespace

TEST_CASE("a voice side without a fault is not found out") { CHECK(found_out(broken_by<Disguise>()) == ""); }
TEST_CASE("a voice side that does not mute is found out") { CHECK(found_out(broken_by<DeafToMute>()) == "a muted member is not heard"); }
TEST_CASE("a voice side that keeps leavers is found out") { CHECK(found_out(broken_by<NeverLetsGo>()) == "who left the call is not heard"); }
TEST_CASE("a voice side that mixes up rooms is found out") { CHECK(found_out(broken_by<OneRoom>()) == "a call stays in its room"); }
TEST_CASE("a voice side that repeats numbers is found out") { CHECK(found_out(broken_by<Stutters>()) == "no number repeats under one SSRC"); }
TEST_CASE("a voice side that swallows packets is found out") { CHECK(found_out(broken_by<Swallows>()) == "no stream has an unexplained gap"); }

TEST_CASE("the book of hearing notices what may not be heard") {
    CHECK(verdict_on({.speaker = 2, .room = 5, .counter = 1}) == "");
    CHECK(verdict_on({.speaker = 1, .room = 5, .counter = 1}) == "nobody hears himself");
    CHECK(verdict_on({.speaker = 2, .room = 5, .counter = 1}, true) == "no packet is heard twice");
}

TEST_CASE("one seed is one day for voices too") {
    const auto digest = [](std::uint64_t seed) {
        Scene scene{seed};
        auto& ann = scene.caller_in("Ann");
        scene.caller_in("Ben");
        std::uint64_t sum = 0;
        scene.house.on_media_sent = [&](const port::Path&, Bytes bytes) {
            for (const auto b : bytes) sum = (sum ^ b) * 0x100000001b3ull;
        };
        scene.house.weather = draw_weather(scene.world.chance(), 0.8);
        ann.talk(true);
        scene.run_for(5s);
        return sum;
    };
    CHECK(digest(3) == digest(3));  // every encrypted byte
    CHECK(digest(3) != digest(4));
}
