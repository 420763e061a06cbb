#include <doctest/doctest.h>

#include "engine/control_house_for_tests.hpp"
#include "rtc/negotiation.hpp"

using namespace earshot;
using namespace earshot::engine;

namespace {

std::string answer_to(const std::string& offer) {
    return rtc::make_answer(rtc::read_offer(offer).value(),
                            {.ufrag = "abcd", .pwd = std::string(24, 'p'), .fingerprint = {1, 2, 3}, .mic_ssrc = 77, .cname = "x", .video = true});
}
bool has_video(const std::string& sdp) { return sdp.find("a=mid:cam") != std::string::npos; }

out::CallOffer call(TestHouse& house, ConnectionId who) {
    house.say(who, in::CallJoin{.request = 3, .room = "#lobby"});
    const auto offers = house.get<out::CallOffer>(who);
    REQUIRE(offers.size() == 1);
    return offers[0];
}
void answer(TestHouse& house, ConnectionId who, const out::CallOffer& offer) { house.say(who, in::CallAnswer{4, offer.call, answer_to(offer.sdp)}); }

}  // namespace

TEST_CASE("the first camera is offered to all of the call, once, and to who comes later at once") {
    TestHouse house;
    const auto ana = house.person("Ana"), bo = house.person("Bo"), cy = house.person("Cy");
    house.say(ana, in::Video{.request = 2, .camera = true, .share = false});
    CHECK(house.get<out::Refused>(ana).at(0).code == wire::web::Refusal::no_call);
    const auto first = call(house, ana);
    answer(house, ana, first);
    answer(house, bo, call(house, bo));

    house.say(ana, in::Video{.request = 5, .camera = true, .share = false});
    const auto again = house.get<out::CallOffer>(ana), other = house.get<out::CallOffer>(bo);
    REQUIRE(again.size() == 1);
    REQUIRE(other.size() == 1);
    CHECK(again[0].call == first.call);
    CHECK_FALSE(again[0].request.has_value());
    CHECK(has_video(again[0].sdp));
    CHECK(has_video(other[0].sdp));
    // The same lines of voice stand in front, and nothing is offered a second time.
    CHECK(rtc::read_offer(again[0].sdp)->slot_ssrcs == rtc::read_offer(first.sdp)->slot_ssrcs);
    answer(house, ana, again[0]);
    answer(house, bo, other[0]);
    house.get<out::PersonChanged>(cy);
    house.say(ana, in::Video{.request = 6, .camera = true, .share = true});
    CHECK(house.get<out::CallOffer>(ana).empty());
    const auto changed = house.get<out::PersonChanged>(cy);
    REQUIRE(changed.size() == 1);
    CHECK(changed[0].person.camera == true);
    CHECK(changed[0].person.share == true);
    CHECK(has_video(call(house, cy).sdp));

    house.say(ana, in::CallLeave{7});
    const auto left = house.get<out::PersonChanged>(cy);
    REQUIRE_FALSE(left.empty());
    CHECK_FALSE(left.back().person.camera.has_value());
}

TEST_CASE("what is looked at is put on slots, told once a change, and ordered of the media side") {
    TestHouse house;
    const auto ana = house.person("Ana"), bo = house.person("Bo");
    answer(house, ana, call(house, ana));
    const auto mine = call(house, bo);
    answer(house, bo, mine);
    house.say(bo, in::View{.tiles = {{.member = 1, .share = false, .width = 640, .height = 360}, {.member = 1, .share = true, .width = 1280, .height = 720}}});
    const auto told = house.get<out::VideoSlots>(bo);
    REQUIRE(told.size() == 1);
    CHECK(told[0].call == mine.call);
    REQUIRE(told[0].slots.size() == 2);
    CHECK(told[0].slots[0].slot == 0);
    CHECK(told[0].slots[1].slot == 25);
    CHECK(told[0].slots[1].share);
    const auto ordered = house.ordered<SeeVideo>();
    REQUIRE(ordered.size() == 1);
    CHECK(ordered[0].tiles[0].height == 360);
    CHECK(ordered[0].tiles[25].source == VideoSource{MemberId{1}, VideoKind::kShare});
    // Another size is no change of slots; an end is.
    house.say(bo, in::View{.tiles = {{.member = 1, .share = false, .width = 100'000, .height = 180}, {.member = 1, .share = true, .width = 1, .height = 1}}});
    CHECK(house.get<out::VideoSlots>(bo).empty());
    CHECK(house.ordered<SeeVideo>().at(0).tiles[0].width == 8192);
    house.say(bo, in::View{});
    CHECK(house.get<out::VideoSlots>(bo).at(0).slots.empty());
    CHECK_FALSE(house.ordered<SeeVideo>().at(0).tiles[0].source.member);
}

TEST_CASE("an offer waits for the answer to the one before it") {
    TestHouse house;
    const auto ana = house.person("Ana"), bo = house.person("Bo");
    answer(house, ana, call(house, ana));
    const auto unanswered = call(house, bo);
    house.say(ana, in::Video{.request = 5, .camera = false, .share = true});
    CHECK(house.get<out::CallOffer>(ana).size() == 1);
    CHECK(house.get<out::CallOffer>(bo).empty());
    answer(house, bo, unanswered);
    const auto then = house.get<out::CallOffer>(bo);
    REQUIRE(then.size() == 1);
    CHECK(has_video(then[0].sdp));
}
