#include "media/video_forwarder.hpp"

#include <doctest/doctest.h>

#include <map>
#include <memory>

#include "base/random.hpp"
#include "media/video_for_tests.hpp"
#include "media/video_slots.hpp"

using namespace earshot;
using namespace earshot::media;
using namespace earshot::media::testing;

namespace {

constexpr Duration kFrame = 33333us;

VideoTile tile(std::uint64_t member, std::uint16_t height, VideoKind kind = VideoKind::kCamera) {
    return {{MemberId{member}, kind}, static_cast<std::uint16_t>(height * 16 / 9), height};
}

// A room of people with cameras and decoders; seat n belongs to member n + 1 and has the handle n + 100.
struct Room {
    struct Screen {
        VideoSlots slots;
        std::map<std::size_t, DecoderModel> decoders;
        std::map<std::size_t, std::uint64_t> bytes;
    };
    SeededRandom random{3};
    VideoForwarder forwarder;
    std::vector<std::unique_ptr<SimulcastCamera>> cameras;
    std::vector<Screen> screens;
    std::size_t top = kSimulcastLayers;  // encodings that leave the cameras
    std::size_t asked = 0;
    Time now{1000s};

    explicit Room(std::size_t people) {
        for (SeatId seat = 0; seat < people; ++seat) {
            cameras.push_back(std::make_unique<SimulcastCamera>());
            screens.emplace_back();
            forwarder.add(seat, MemberId{seat + 1}, seat + 100);
            forwarder.open_slots(seat, random);
            forwarder.set_accepted(seat, ~VideoSlotMask{0}, 0xff);
            forwarder.set_ready(seat, true);
            forwarder.set_showing(seat, VideoKind::kCamera, true);
        }
    }
    void see(SeatId seat, std::vector<VideoTile> tiles) {
        screens[seat].slots.see(tiles);
        forwarder.see(seat, screens[seat].slots.tiles());
    }
    void serve() {
        forwarder.service(now, [&](std::uint32_t handle, VideoKind, std::size_t layer) {
            ++asked;
            cameras[handle - 100]->ask_key(layer);
        });
    }
    void frame() {
        for (SeatId seat = 0; seat < cameras.size(); ++seat) {
            for (const auto& made : cameras[seat]->capture()) {
                if (made.tag.layer >= top) continue;
                forwarder.forward(seat, VideoKind::kCamera, made.view(), now, [&](std::uint32_t handle, std::size_t slot, const RewrittenVideo& out) {
                    Screen& screen = screens[handle - 100];
                    screen.bytes[slot] += made.payload.size();
                    REQUIRE(screen.slots.tiles()[slot].source.member == MemberId{seat + 1});
                    REQUIRE(screen.decoders.try_emplace(slot, *cameras[seat]).first->second.receive(made.tag, out, now));
                });
                if (forwarder.deadline() <= now) serve();
            }
        }
        now += kFrame;
    }
    void frames(int count) {
        for (int i = 0; i < count; ++i) frame();
    }
    int shown_layer(SeatId seat, std::size_t slot) {
        const auto found = screens[seat].decoders.find(slot);
        return found == screens[seat].decoders.end() || found->second.shown().empty() ? -1 : found->second.shown().back().picture.layer;
    }
    std::uint64_t bytes(SeatId seat, std::size_t slot) { return std::exchange(screens[seat].bytes[slot], 0); }
};

}  // namespace

TEST_CASE("only what is seen is sent, in the size of its tile") {
    Room room{4};
    room.see(0, {tile(2, 180), tile(3, 400), tile(4, 1080)});
    room.frames(60);
    CHECK(room.shown_layer(0, 0) == 0);
    CHECK(room.shown_layer(0, 1) == 1);
    CHECK(room.shown_layer(0, 2) == 2);
    CHECK(room.screens[1].bytes.empty());
    for (std::size_t slot = 0; slot < 3; ++slot) CHECK(room.screens[0].decoders.at(slot).complete_but_undecodable() == 0);
    // He turns the page: another takes a slot that was free longest, and what he saw before stops at once.
    room.see(0, {tile(4, 1080)});
    CHECK(room.bytes(0, 0) != 0);
    room.frames(10);
    CHECK(room.bytes(0, 0) == 0);
    CHECK(room.bytes(0, 1) != 0);
    room.frames(10);
    CHECK(room.bytes(0, 1) == 0);
}

TEST_CASE("the first picture comes with the next key frame, and whoever looks later asks for one, together with others") {
    Room room{6};
    room.frames(30);
    room.asked = 0;
    for (SeatId seat = 1; seat < 6; ++seat) room.see(seat, {tile(1, 180)});
    room.serve();
    CHECK(room.asked == 1);
    room.frames(2);
    for (SeatId seat = 1; seat < 6; ++seat) CHECK(room.shown_layer(seat, 0) == 0);
    // Decoders that complain are heard at most twice a second.
    room.asked = 0;
    for (int i = 0; i < 60; ++i) {
        room.forwarder.picture_lost(1, 0);
        room.forwarder.picture_lost(2, 0);
        room.frame();
    }
    CHECK(room.asked <= 5);
    CHECK(room.asked >= 3);
}

TEST_CASE("a request is sent again until a key frame comes, and no more when nobody looks") {
    KeyFrameRequest request;
    const Time start{50s};
    CHECK(request.due() == kNever);
    request.ask();
    CHECK(request.take(start));
    CHECK_FALSE(request.take(start + 499ms));
    CHECK(request.take(start + 500ms));
    request.settled();
    CHECK_FALSE(request.take(start + 5s));
    request.ask();
    CHECK(request.take(start + 900ms) == false);
    CHECK(request.take(start + 1s));
}

TEST_CASE("an encoding that dies is replaced by the next smaller within a second, and returns") {
    Room room{2};
    room.see(1, {tile(1, 720)});
    room.frames(30);
    CHECK(room.shown_layer(1, 0) == 2);
    room.top = 2;
    const auto before = room.now;
    room.frames(30);
    CHECK(room.shown_layer(1, 0) == 1);
    const auto& shown = room.screens[1].decoders.at(0).shown();
    const auto first = std::find_if(shown.begin(), shown.end(), [&](const auto& each) { return each.at >= before; });
    REQUIRE(first != shown.end());
    CHECK(first->at - before <= 850ms);
    room.top = 3;
    room.frames(40);
    CHECK(room.shown_layer(1, 0) == 2);
}

TEST_CASE("a budget takes quality before pictures, from what matters least first") {
    Room room{4};
    room.see(0, {tile(2, 1080), tile(3, 1079), tile(4, 1078)});
    room.frames(60);
    for (std::size_t slot = 0; slot < 3; ++slot) CHECK(room.shown_layer(0, slot) == 2);
    std::array<std::uint64_t, 3> bits{};
    for (std::size_t layer = 0; layer < 3; ++layer) bits[layer] = room.forwarder.track(1, VideoKind::kCamera).bits_per_second(layer, room.now);
    REQUIRE(bits[0] < bits[1]);
    REQUIRE(bits[1] < bits[2]);
    room.forwarder.set_budget(0, bits[2] + 2 * bits[0] + bits[0] / 4);
    room.frames(60);
    CHECK(room.shown_layer(0, 0) == 2);
    CHECK(room.shown_layer(0, 1) == 0);
    CHECK(room.shown_layer(0, 2) == 0);
    room.forwarder.set_budget(0, bits[0] + bits[0] / 4);  // one picture only
    room.frames(30);
    for (std::size_t slot = 0; slot < 3; ++slot) room.bytes(0, slot);
    room.frames(30);
    CHECK(room.shown_layer(0, 0) == 0);
    CHECK(room.bytes(0, 0) != 0);
    CHECK(room.bytes(0, 1) == 0);
    CHECK(room.bytes(0, 2) == 0);
    room.forwarder.set_budget(0, kUnlimited);
    room.frames(60);
    for (std::size_t slot = 0; slot < 3; ++slot) CHECK(room.shown_layer(0, slot) == 2);
}

TEST_CASE("a camera that goes off stops, and is seen again when it is back; who leaves and who comes later is seen too") {
    Room room{3};
    room.see(0, {tile(2, 180), tile(9, 180)});
    room.frames(10);
    room.forwarder.set_showing(1, VideoKind::kCamera, false);
    room.bytes(0, 0);
    room.frames(10);
    CHECK(room.bytes(0, 0) == 0);
    room.forwarder.set_showing(1, VideoKind::kCamera, true);
    room.frames(10);
    CHECK(room.bytes(0, 0) != 0);
    CHECK(room.screens[0].decoders.at(0).complete_but_undecodable() == 0);
    room.forwarder.remove(2);
    room.cameras.pop_back();
    room.forwarder.remove(1);
    room.cameras.pop_back();
    room.frames(3);
    room.forwarder.add(1, MemberId{9}, 101);
    room.cameras.push_back(std::make_unique<SimulcastCamera>());
    room.forwarder.set_showing(1, VideoKind::kCamera, true);
    CHECK(room.forwarder.track(1, VideoKind::kCamera).any() == false);
    std::size_t sent = 0;
    for (const auto& made : room.cameras[1]->capture()) {
        room.serve();
        room.forwarder.forward(1, VideoKind::kCamera, made.view(), room.now, [&](std::uint32_t handle, std::size_t slot, const RewrittenVideo&) {
            CHECK(handle == 100);
            CHECK(slot == 1);
            ++sent;
        });
    }
    CHECK(sent != 0);
}

TEST_CASE("nobody is sent a codec that he cannot show, nor on a slot that he rejected, nor himself") {
    Room room{3};
    room.see(0, {tile(2, 180), tile(3, 180), tile(1, 180)});
    room.forwarder.set_accepted(0, 0b010, 1u << static_cast<unsigned>(wire::VideoCodec::kVp8));
    room.frames(10);
    CHECK(room.bytes(0, 0) == 0);
    CHECK(room.bytes(0, 1) != 0);
    CHECK(room.bytes(0, 2) == 0);
    room.forwarder.set_accepted(0, 0b011, 1u << static_cast<unsigned>(wire::VideoCodec::kH264));
    room.frames(10);
    CHECK(room.bytes(0, 1) == 0);
}

TEST_CASE("slots: what is seen on stays, what is new takes the slot that was free longest, 25 and 2 are all") {
    VideoSlots slots;
    CHECK(slots.see(std::vector{tile(1, 10), tile(2, 10), tile(3, 10), tile(2, 99), tile(0, 10)}));
    CHECK(slots.tiles()[0].source.member.value == 1);
    CHECK(slots.tiles()[2].source.member.value == 3);
    CHECK_FALSE(slots.tiles()[3].source.member);
    CHECK_FALSE(slots.see(std::vector{tile(3, 20), tile(2, 10), tile(1, 10)}));
    CHECK(slots.tiles()[2].height == 20);
    CHECK(slots.see(std::vector{tile(3, 20), tile(4, 10)}));
    CHECK(slots.tiles()[0].source.member.value == 0);
    CHECK(slots.tiles()[3].source.member.value == 4);
    CHECK(slots.forget({MemberId{3}, VideoKind::kCamera}));
    CHECK_FALSE(slots.forget({MemberId{3}, VideoKind::kShare}));
    std::vector<VideoTile> many;
    for (std::uint64_t i = 0; i < 40; ++i) {
        many.push_back(tile(100 + i, 10));
        many.push_back(tile(100 + i, 10, VideoKind::kShare));
    }
    CHECK(slots.see(many));
    std::size_t used = 0;
    for (std::size_t slot = 0; slot < kVideoSlots; ++slot) {
        const auto& source = slots.tiles()[slot].source;
        if (source.member) ++used;
        CHECK((source.kind == VideoKind::kShare) == (slot >= kCameraSlots));
        CHECK(source.member.value < (slot >= kCameraSlots ? 102 : 125));
    }
    CHECK(used == kVideoSlots);
}

TEST_CASE("a rate is that of the last second") {
    RateMeter meter;
    Time now{100s};
    for (int i = 0; i < 100; ++i, now += 20ms) meter.add(now, 250);
    CHECK(meter.bits_per_second(now) >= 90000);
    CHECK(meter.bits_per_second(now) <= 110000);
    CHECK(meter.bits_per_second(now + 500ms) <= 60000);
    CHECK(meter.bits_per_second(now + 2s) == 0);
    meter.add(now + 10s, 125);
    CHECK(meter.bits_per_second(now + 10s) == 1000);
}
