#include "media/forwarder.hpp"

#include <doctest/doctest.h>

#include <map>

using namespace earshot;
using namespace earshot::media;

namespace {

// A call of people 1..n whose member, handle and (in the packets) sequence tell them apart.
struct Call {
    explicit Call(std::size_t people, std::size_t listeners = 0) {
        for (std::size_t i = 0; i < people + listeners; ++i) join();
    }

    SeatId join() {
        const auto seat = forwarder.add(MemberId{seats.size() + 1}, static_cast<std::uint32_t>(seats.size()), random);
        forwarder.set_listening(seat, true);
        seats.push_back(seat);
        return seat;
    }

    // One 20 ms turn in which `who` speaks; what each heard is noted in heard[listener][slot].
    void speak(std::size_t who, std::uint8_t level = 30) {
        const Packet packet{.seat = seats[who], .sequence = 1'000'000 + turn, .timestamp = turn * 960, .level = level};
        forwarder.forward(packet, now, [&](std::uint32_t handle, std::size_t slot, const Rewritten& out) {
            heard[handle][slot] = who;
            sequences[{handle, slot}].push_back(out.sequence);
            starts.push_back(handle);
        });
    }
    void step(Duration by = 20ms) {
        now += by;
        ++turn;
        heard.clear();
        starts.clear();
    }
    void all_speak(std::size_t people, int turns, std::uint8_t level = 30) {
        for (int i = 0; i < turns; ++i) {
            step();
            for (std::size_t who = 0; who < people; ++who) speak(who, level);
        }
    }
    bool hears(std::size_t listener, std::size_t who) const {
        const auto found = heard.find(static_cast<std::uint32_t>(listener));
        return found != heard.end() && std::any_of(found->second.begin(), found->second.end(), [&](const auto& slot) { return slot.second == who; });
    }
    std::size_t hears_how_many(std::size_t listener) const {
        const auto found = heard.find(static_cast<std::uint32_t>(listener));
        return found == heard.end() ? 0 : found->second.size();
    }

    SeededRandom random{1};
    Forwarder forwarder;
    std::vector<SeatId> seats;
    Time now{1000s};
    std::uint64_t turn = 0;
    std::map<std::uint32_t, std::map<std::size_t, std::size_t>> heard;
    std::map<std::pair<std::uint32_t, std::size_t>, std::vector<std::uint16_t>> sequences;
    std::vector<std::uint32_t> starts;
};

}  // namespace

TEST_CASE("two people hear each other and nobody hears himself") {
    Call call{2};
    call.all_speak(2, 3);
    CHECK(call.hears(0, 1));
    CHECK(call.hears(1, 0));
    CHECK_FALSE(call.hears(0, 0));
    CHECK_FALSE(call.hears(1, 1));
}

TEST_CASE("nine talk and each hears the eight others") {
    Call call{9, 1};
    call.all_speak(9, 3);
    for (std::size_t listener = 0; listener < 9; ++listener) {
        CAPTURE(listener);
        CHECK(call.hears_how_many(listener) == 8);
        CHECK_FALSE(call.hears(listener, listener));
    }
    CHECK(call.hears_how_many(9) == 8);
}

TEST_CASE("what slots_as_heard_by tells is what is sent") {
    Call call{9, 1};
    call.all_speak(9, 3);
    for (std::size_t listener = 0; listener < 10; ++listener) {
        const auto view = slots_as_heard_by(MemberId{listener + 1}, call.forwarder.slots());
        for (const auto& [slot, who] : call.heard[static_cast<std::uint32_t>(listener)]) CHECK(view[slot] == MemberId{who + 1});
    }
}

TEST_CASE("a muted member is not heard, and gives his slot back") {
    Call call{2};
    call.all_speak(2, 3);
    call.forwarder.set_muted(call.seats[0], true);
    CHECK(call.forwarder.slots()[0] == MemberId{});
    call.all_speak(2, 3);
    CHECK_FALSE(call.hears(1, 0));
    CHECK(call.hears(0, 1));
    call.forwarder.set_muted(call.seats[0], false);
    call.all_speak(2, 1);
    CHECK(call.hears(1, 0));
}

TEST_CASE("a deafened listener gets nothing, and afterwards a stream without a gap") {
    Call call{2};
    call.all_speak(2, 3);
    call.forwarder.set_listening(call.seats[0], false);
    call.all_speak(2, 50);
    CHECK(call.hears_how_many(0) == 0);
    call.forwarder.set_listening(call.seats[0], true);
    call.all_speak(2, 3);
    const auto& sequence = call.sequences[{0, 1}];
    REQUIRE(sequence.size() == 6);
    CHECK(sequence.back() - sequence.front() == 5);
}

TEST_CASE("when all slots are taken the one silent longest gives his") {
    Call call{10};
    call.all_speak(9, 5);
    for (int i = 0; i < 20; ++i) {  // 3 falls silent, then 5
        call.step();
        for (std::size_t who = 0; who < 9; ++who) call.speak(who, who == 3 || (who == 5 && i > 2) ? 90 : 30);
    }
    CHECK(call.forwarder.slots()[3] == MemberId{9});  // the ninth, who was heard by few, comes first
    CHECK(call.forwarder.slots()[8] == MemberId{4});
    call.speak(9);
    CHECK(call.forwarder.slots()[5] == MemberId{10});
    CHECK(call.hears(0, 9));
}

TEST_CASE("a pause for breath costs nobody his slot") {
    Call call{10};
    call.all_speak(9, 5);
    const auto before = call.forwarder.slots();
    for (int i = 0; i < 10; ++i) {  // 200 ms
        call.step();
        for (std::size_t who = 0; who < 9; ++who) call.speak(who, who == 3 ? 127 : 30);
        call.speak(9, 30);
    }
    CHECK(call.forwarder.slots() == before);
}

TEST_CASE("somebody clearly louder pushes out the quietest, but only after a while") {
    Call call{10, 1};
    for (int i = 0; i < 40; ++i) {
        call.step();
        for (std::size_t who = 0; who < 9; ++who) call.speak(who, who == 4 ? 45 : 30);
    }
    CHECK(call.forwarder.slots()[8] == MemberId{5});  // the quietest had to give way to the ninth
    int turns = 0;
    while (!call.hears(0, 9) && turns < 100) {
        call.step();
        for (std::size_t who = 0; who < 9; ++who) call.speak(who, who == 4 ? 45 : 30);
        call.speak(9, 35);
        ++turns;
    }
    CHECK(turns >= 15);
    CHECK(turns < 25);
    CHECK(call.forwarder.slots()[8] == MemberId{10});
    for (std::size_t slot = 0; slot < kHeardSlots; ++slot) CHECK(call.forwarder.slots()[slot] != MemberId{5});
}

TEST_CASE("loud, but not clearly louder, pushes nobody out") {
    Call call{10};
    call.all_speak(9, 20);
    const auto before = call.forwarder.slots();
    for (int i = 0; i < 100; ++i) {
        call.step();
        for (std::size_t who = 0; who < 9; ++who) call.speak(who, 30);
        call.speak(9, 25);
    }
    CHECK(call.forwarder.slots() == before);
}

TEST_CASE("equally loud people do not take slots from each other") {
    Call call{12};
    call.all_speak(12, 5);
    const auto before = call.forwarder.slots();
    call.all_speak(12, 200);
    CHECK(call.forwarder.slots() == before);
}

TEST_CASE("when a slot that all hear becomes free, the ninth speaker moves there") {
    Call call{9, 1};
    call.all_speak(9, 3);
    CHECK_FALSE(call.hears(9, 8));
    call.forwarder.remove(call.seats[2]);
    call.step();
    for (std::size_t who = 0; who < 9; ++who) {
        if (who != 2) call.speak(who);
    }
    CHECK(call.hears(9, 8));
    CHECK(call.forwarder.slots()[2] == MemberId{9});
    CHECK(call.forwarder.slots()[8] == MemberId{});
}

TEST_CASE("packets are dropped unread only when the slots are contended and they could not win one") {
    Call call{10};
    CHECK(call.forwarder.may_be_heard(call.seats[9], 127, call.now));
    call.all_speak(9, 20);
    CHECK(call.forwarder.may_be_heard(call.seats[0], 127, call.now));
    CHECK_FALSE(call.forwarder.may_be_heard(call.seats[9], 127, call.now));
    CHECK_FALSE(call.forwarder.may_be_heard(call.seats[9], 30, call.now));
    CHECK(call.forwarder.may_be_heard(call.seats[9], 15, call.now));
    CHECK(call.forwarder.may_be_heard(call.seats[9], 30, call.now + 400ms));
}

TEST_CASE("who speaks is told within 100 ms and taken back after 300 ms of silence") {
    Call call{2};
    call.step();
    call.speak(0);
    CHECK(call.forwarder.take_speaking(call.now).empty());
    call.step();
    call.speak(0);
    auto changes = call.forwarder.take_speaking(call.now);
    REQUIRE(changes.size() == 1);
    CHECK(changes[0].member == MemberId{1});
    CHECK(changes[0].speaking);
    CHECK(call.forwarder.take_speaking(call.now).empty());
    CHECK(call.forwarder.quiet_at() == call.now + 300ms);
    CHECK(call.forwarder.take_speaking(call.now + 299ms).empty());
    changes = call.forwarder.take_speaking(call.now + 300ms);
    REQUIRE(changes.size() == 1);
    CHECK_FALSE(changes[0].speaking);
    CHECK(call.forwarder.quiet_at() == kNever);
}

TEST_CASE("who speaks and leaves or is muted, speaks no more") {
    Call call{3};
    call.all_speak(2, 5);
    CHECK(call.forwarder.take_speaking(call.now).size() == 2);
    call.forwarder.remove(call.seats[0]);
    call.forwarder.set_muted(call.seats[1], true);
    const auto changes = call.forwarder.take_speaking(call.now);
    REQUIRE(changes.size() == 2);
    CHECK_FALSE(changes[0].speaking);
    CHECK_FALSE(changes[1].speaking);
}

TEST_CASE("the noise of a quiet room is no speech") {
    Call call{1};
    call.all_speak(1, 100, 70);
    CHECK(call.forwarder.take_speaking(call.now).empty());
}

TEST_CASE("nobody is always served last") {
    Call call{1, 4};
    std::map<std::uint32_t, int> firsts;
    for (int i = 0; i < 50; ++i) {
        call.step();
        call.speak(0);
        ++firsts[call.starts.front()];
    }
    CHECK(firsts.size() == 4);
}

TEST_CASE("the stream of a slot goes on by one across speakers") {
    Call call{9, 1};
    call.all_speak(9, 5);
    for (int i = 0; i < 20; ++i) {
        call.step();
        for (std::size_t who = 0; who < 9; ++who) call.speak(who, who == 3 ? 90 : 30);
    }
    CHECK(call.forwarder.slots()[3] == MemberId{9});
    const auto& sequence = call.sequences[{9, 3}];
    CHECK(sequence.size() >= 25);
    for (std::size_t i = 1; i < sequence.size(); ++i) CHECK(sequence[i] == static_cast<std::uint16_t>(sequence[i - 1] + 1));
    CHECK(sequence.front() >= 1);
    CHECK(sequence.front() <= 32767);
}

TEST_CASE("a slot that was not accepted is not sent") {
    Call call{2};
    call.forwarder.set_accepted(call.seats[0], {false, false});
    call.all_speak(2, 3);
    CHECK(call.hears_how_many(0) == 0);
    CHECK(call.hears(1, 0));
}

TEST_CASE("a seat given anew starts new streams") {
    Call call{2};
    call.all_speak(2, 3);
    call.forwarder.remove(call.seats[1]);
    call.sequences.clear();
    const auto seat = call.join();
    CHECK(seat == call.seats[1]);
    call.step();
    call.speak(0);
    CHECK(call.sequences[{2, 0}].size() == 1);
    CHECK(call.sequences[{2, 0}][0] <= 32767);
    CHECK(call.forwarder.size() == 2);
}
