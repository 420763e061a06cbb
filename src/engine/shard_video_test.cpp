#include <doctest/doctest.h>

#include "engine/shard_world_for_tests.hpp"
#include "media/video_for_tests.hpp"
#include "rtc/video_lines.hpp"

using namespace earshot;
using namespace earshot::engine;
using namespace earshot::engine::testing;
using media::testing::DecoderModel;
using media::testing::SimulcastCamera;

namespace {

constexpr Duration kFrame = 33333us;

// Clients of one shard with cameras and decoders; everybody was offered video and took it.
struct Studio {
    World world;
    std::vector<std::unique_ptr<SimulcastCamera>> cameras;
    std::map<std::pair<std::size_t, std::size_t>, DecoderModel> decoders;  // by viewer and slot
    std::map<std::pair<std::size_t, std::size_t>, std::size_t> packets;
    std::size_t key_requests = 0;

    std::size_t join(Options options = {}) {
        options.answer = false;
        const auto i = world.join(options);
        auto& client = *world.clients[i];
        std::vector<std::uint32_t> slots, repairs;
        for (std::uint32_t slot = 0; slot < kVideoSlots; ++slot) {
            slots.push_back(static_cast<std::uint32_t>(500'000 + 1000 * i) + slot);
            repairs.push_back(static_cast<std::uint32_t>(600'000 + 1000 * i) + slot);
        }
        client.session->set_video_slots(slots);
        world.order(OfferVideo{client.peer, slots, repairs});
        client.answer.video =
            rtc::RemoteVideo{.camera = true, .codecs = 0xff, .slots = ~0u, .mid_extension = kMidExtension, .rid_extension = rtc::kRidExtension};
        world.answer(i);
        cameras.push_back(std::make_unique<SimulcastCamera>());
        return i;
    }
    void see(std::size_t viewer, std::size_t shower, std::uint16_t height) {
        SeeVideo order{.peer = world.clients[viewer]->peer};
        order.tiles[3] = {{world.clients[shower]->member, VideoKind::kCamera}, height, height};
        world.order(order);
    }
    static std::uint32_t ssrc(std::size_t i, std::size_t layer) { return static_cast<std::uint32_t>(8000 + 10 * i + layer); }

    void frame() {
        for (std::size_t i = 0; i < cameras.size(); ++i) {
            for (const auto& made : cameras[i]->capture()) {
                const auto& packet = made.packet;
                const bool named = packet.sequence < 80'000;  // as browsers do: not for long
                world.with(i, [&](rtc::Outbox& out) {
                    world.clients[i]->session->show({.ssrc = ssrc(i, packet.layer),
                                                     .mid = named ? rtc::kCameraMid : std::string_view{},
                                                     .rid = named ? rtc::kRids[packet.layer] : std::string_view{},
                                                     .codec = packet.codec,
                                                     .sequence = packet.sequence - 65536,
                                                     .timestamp = static_cast<std::uint32_t>(packet.timestamp),
                                                     .marker = packet.marker,
                                                     .payload = made.payload},
                                                    out);
                });
                world.settle();
                collect();
            }
        }
        world.pass(kFrame);
        collect();
    }
    void frames(int count) {
        for (int i = 0; i < count; ++i) frame();
    }
    void collect() {
        for (std::size_t viewer = 0; viewer < world.clients.size(); ++viewer) {
            auto& session = *world.clients[viewer]->session;
            for (const auto& got : session.take_pictures()) {
                const auto tag = media::testing::tag_of(got.payload);
                REQUIRE(tag);
                const auto about = wire::read_vp8(got.payload);
                REQUIRE(about);
                ++packets[{viewer, got.slot}];
                REQUIRE(decoders.try_emplace({viewer, got.slot}, *cameras[0])
                            .first->second.receive(*tag,
                                                   {.sequence = static_cast<std::uint16_t>(got.sequence),
                                                    .timestamp = got.timestamp,
                                                    .roc = static_cast<std::uint32_t>(got.sequence >> 16),
                                                    .marker = got.marker,
                                                    .picture_id = about->picture_id,
                                                    .base_index = about->base_index},
                                                   world.now.at));
            }
            for (const auto wanted : session.take_key_requests()) {
                ++key_requests;
                for (std::size_t layer = 0; layer < media::kSimulcastLayers; ++layer)
                    if (wanted == ssrc(viewer, layer)) cameras[viewer]->ask_key(layer);
            }
        }
    }
};

}  // namespace

TEST_CASE("a camera is seen by who looks, in the size he looks at, over the real protocols") {
    Studio studio;
    studio.join();
    studio.join();
    studio.join();
    studio.frames(3);
    CHECK(studio.packets.empty());
    studio.see(1, 0, 180);
    studio.world.order(ShowVideo{studio.world.clients[0]->peer, true, false});
    studio.frames(30);
    const auto& small = studio.decoders.at({1, 3});
    REQUIRE(small.shown().size() > 25);
    CHECK(small.shown().back().picture.layer == 0);
    CHECK(small.complete_but_undecodable() == 0);
    CHECK(studio.packets.size() == 1);

    studio.see(1, 0, 720);
    studio.see(2, 0, 360);
    studio.frames(30);
    CHECK(studio.decoders.at({1, 3}).shown().back().picture.layer == 2);
    CHECK(studio.decoders.at({2, 3}).shown().back().picture.layer == 1);
    CHECK(studio.decoders.at({1, 3}).complete_but_undecodable() == 0);
    const auto& shown = studio.decoders.at({1, 3}).shown();
    for (std::size_t n = 1; n < shown.size(); ++n) REQUIRE(shown[n].picture_id == ((shown[n - 1].picture_id + 1) & 0x7fff));
}

TEST_CASE("a viewer's lost picture becomes one request to the sender, and a camera that is off is nobody's") {
    Studio studio;
    studio.join();
    studio.join();
    studio.see(1, 0, 180);
    studio.world.order(ShowVideo{studio.world.clients[0]->peer, true, false});
    studio.frames(40);
    studio.key_requests = 0;
    for (int i = 0; i < 5; ++i) {
        studio.world.with(1, [&](rtc::Outbox& out) { studio.world.clients[1]->session->lose_picture(3, out); });
        studio.world.settle();
        studio.collect();
    }
    CHECK(studio.key_requests == 1);
    studio.world.order(ShowVideo{studio.world.clients[0]->peer, false, false});
    studio.packets.clear();
    studio.frames(5);
    CHECK(studio.packets.empty());
    CHECK(studio.world.counters.get(Counter::dropped_rtp_muted) > 0);
}

TEST_CASE("pictures of another room are never seen, and a viewer who leaves leaves nothing behind") {
    Studio studio;
    studio.join();
    studio.join({.room = RoomId{2}});
    studio.see(1, 0, 180);
    studio.world.order(ShowVideo{studio.world.clients[0]->peer, true, false});
    studio.frames(5);
    CHECK(studio.packets.empty());
    studio.join();
    studio.see(2, 0, 180);
    studio.frames(5);
    CHECK(studio.packets.size() == 1);
    studio.world.order(RemovePeer{studio.world.clients[2]->peer});
    studio.frames(5);
    studio.world.order(RemovePeer{studio.world.clients[0]->peer});
    studio.world.order(RemovePeer{studio.world.clients[1]->peer});
    CHECK(studio.world.shard.room_count() == 0);
}
