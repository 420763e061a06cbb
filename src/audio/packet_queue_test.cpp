#include "audio/packet_queue.hpp"

#include <doctest/doctest.h>

namespace earshot::audio {
namespace {

const std::vector<std::uint8_t> kPayload{0xf8, 1, 2};

bool put(PacketQueue& queue, std::uint64_t sequence) {
    return queue.put({.payload = kPayload, .sequence = sequence}, static_cast<Ticks>(sequence * 960), 0, *inspect_opus(kPayload));
}

}  // namespace

TEST_CASE("packets come out in order, whatever order they came in, and once") {
    PacketQueue queue;
    queue.restart(1000);
    CHECK(queue.first() == nullptr);
    for (const std::uint64_t number : {1003u, 1001u, 1000u, 1255u}) CHECK(put(queue, number));
    CHECK_FALSE(put(queue, 1001));
    for (const std::uint64_t number : {1000u, 1001u, 1003u, 1255u}) {
        REQUIRE(queue.first());
        CHECK(queue.first()->sequence == number);
        CHECK(queue.first()->payload == kPayload);
        queue.drop_before(number + 1);
    }
    CHECK(queue.size() == 0);
    CHECK(queue.next() == 1256);
}

TEST_CASE("the window slides over the end of the ring") {
    PacketQueue queue;
    queue.restart(0);
    for (std::uint64_t number = 0; number < 1000; ++number) {
        CHECK(put(queue, number));
        if (number >= 100) queue.drop_before(number - 99);
        CHECK(queue.size() <= 101);
    }
    queue.restart(5'000'000'000'000);
    CHECK(queue.size() == 0);
    CHECK(queue.first() == nullptr);
}

}  // namespace earshot::audio
