#include "engine/mailbox.hpp"

#include <doctest/doctest.h>

#include <thread>

#include "engine/shard_orders.hpp"

using namespace earshot;

namespace {
struct CountingWaker final : port::Waker {
    int woken = 0;
    void wake() override { ++woken; }
};
}  // namespace

TEST_CASE("a mailbox wakes its taker once, when it stops being empty") {
    engine::Mailbox<int> box{8};
    CountingWaker waker;
    box.set_waker(&waker);
    CHECK(box.push(1));
    CHECK(box.push(2));
    CHECK(waker.woken == 1);
    CHECK(box.take() == std::vector{1, 2});
    CHECK(box.empty());
    CHECK(box.push(3));
    CHECK(waker.woken == 2);
}

TEST_CASE("a full mailbox refuses and leaves the value with the caller") {
    engine::Mailbox<std::string> box{1};
    CHECK(box.push("first"));
    std::string second = "second, long enough to live on the heap";
    CHECK_FALSE(box.push(std::move(second)));
    CHECK(second == "second, long enough to live on the heap");
    CHECK(box.take().size() == 1);
    CHECK(box.push(std::move(second)));
}

TEST_CASE("nothing is lost or reordered between two threads") {
    engine::Mailbox<int> box{16};
    constexpr int kTotal = 20000;
    std::thread sender{[&] {
        for (int i = 0; i < kTotal;) {
            if (box.push(int{i})) ++i;
            else std::this_thread::yield();
        }
    }};
    int next = 0;
    bool in_order = true;
    while (next < kTotal) {
        for (const int value : box.take()) in_order = in_order && value == next++;
        std::this_thread::yield();
    }
    sender.join();
    CHECK(in_order);
}

TEST_CASE("a listener's view leaves him out") {
    RoomSlots global{};
    for (std::size_t i = 0; i < global.size(); ++i) global[i] = MemberId{i + 1};
    const auto heard = slots_as_heard_by(MemberId{3}, global);
    CHECK(heard[2] == MemberId{9});
    CHECK(heard[3] == MemberId{4});
    CHECK(slots_as_heard_by(MemberId{9}, global)[2] == MemberId{3});
    CHECK(slots_as_heard_by(MemberId{}, global)[7] == MemberId{8});
    CHECK_FALSE(slots_as_heard_by(MemberId{}, RoomSlots{})[0]);
}
