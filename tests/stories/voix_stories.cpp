// What people with Voix clients do, told on the made stage: the whole house, lines and datagrams.
#include <doctest/doctest.h>

#include "sim/scene.hpp"

using namespace earshot;
using namespace earshot::sim;
using Answer = VoixMember::Answer;

#define ENDS_WELL(scene) \
    INFO((scene).world.report()); \
    CHECK((scene).world.sound())

namespace {

// The key of the only talk that he knows of.
std::string key_of(const VoixMember& member) { return member.talks().empty() ? std::string{} : member.talks().begin()->first; }

// The two talk both ways.
bool hear_each_other(Scene& scene, const VoixMember& one, const VoixMember& other, Duration patience = 5s) {
    const auto since = scene.world.now().at;
    return scene.until([&] { return scene.talk_book.last(one.number(), other.number()) > since && scene.talk_book.last(other.number(), one.number()) > since; }, patience);
}

}  // namespace

TEST_CASE("a_voix_client_is_in_one_room_with_browsers_and_sockets") {
    Scene scene{1};
    auto& ann = scene.web_in("Ann");
    auto& pat = scene.plain_in("Pat", Framing::kLines);
    auto& vera = scene.voix_in("Vera");
    CHECK(ann.sees_person("#lobby", "Vera"));
    CHECK(vera.people_of("#lobby") == std::set<std::string>{"Ann", "Pat", "Vera"});
    const auto text = vera.say("#lobby", "good evening");
    const auto answer = ann.say("#lobby", "good evening, Vera");
    REQUIRE(scene.until([&] { return ann.sees("#lobby", text) && pat.saw("Vera>>" + text) && vera.saw("MSG Ann #lobby: " + answer); }, 5s));
    vera.quit();
    REQUIRE(scene.until([&] { return !ann.sees_person("#lobby", "Vera"); }, 5s));
    scene.check_all();
    ENDS_WELL(scene);
}

TEST_CASE("a_call_is_accepted_and_both_hear_each_other") {
    Scene scene{2};
    auto &vera = scene.voix_in("Vera"), &will = scene.voix_in("Will"), &xenia = scene.voix_in("Xenia");
    vera.call("Will");
    REQUIRE(hear_each_other(scene, vera, will));
    scene.run_for(3s);
    CHECK(scene.talk_book.times(xenia.number(), vera.number()) == 0);
    CHECK(scene.talk_book.times(will.number(), vera.number()) > 20);
    will.hang_up();
    REQUIRE(scene.until([&] { return vera.talks().empty(); }, 5s));
    ENDS_WELL(scene);
}

TEST_CASE("an_unanswered_call_ends_after_thirty_seconds") {
    Scene scene{3};
    auto &vera = scene.voix_in("Vera"), &will = scene.voix_in("Will");
    will.answer = Answer::kNone;
    vera.call("Will");
    REQUIRE(scene.until([&] { return !key_of(will).empty(); }, 5s));
    const auto key = key_of(will);
    scene.run_for(28s);
    CHECK_FALSE(vera.saw("TALK " + key + ": DENIED"));
    REQUIRE(scene.until([&] { return vera.saw("TALK " + key + ": DENIED") && will.saw("TALK " + key + ": DENIED"); }, 3s));
    will.line("TALK " + key + ": ACCEPT\n");
    REQUIRE(scene.until([&] { return will.saw("SESSIONERROR: There is no such talk, or it is over."); }, 5s));
    scene.thief().try_key(key);
    scene.run_for(2s);
    ENDS_WELL(scene);
}

TEST_CASE("a_denied_call_is_told_to_who_asked") {
    Scene scene{4};
    auto &vera = scene.voix_in("Vera"), &will = scene.voix_in("Will");
    will.answer = Answer::kDeny;
    vera.call("Will");
    REQUIRE(scene.until([&] { return vera.saw_ending(": DENIED"); }, 5s));
    scene.run_for(2s);
    CHECK(scene.talk_book.times(vera.number(), will.number()) + scene.talk_book.times(will.number(), vera.number()) == 0);
    ENDS_WELL(scene);
}

TEST_CASE("a_stolen_key_from_another_address_is_refused") {
    Scene scene{5};
    auto &vera = scene.voix_in("Vera"), &will = scene.voix_in("Will");
    auto& thief = scene.thief();
    vera.call("Will");
    REQUIRE(scene.until([&] { return !key_of(vera).empty(); }, 5s));
    for (int i = 0; i < 50; ++i) {  // before it is accepted, while it begins, and while it runs
        thief.try_key(key_of(vera));
        scene.run_for(100ms);
    }
    CHECK(thief.answers() >= 3);
    CHECK(thief.answers() <= 6);  // one a second
    REQUIRE(hear_each_other(scene, vera, will));
    CHECK(scene.talk_book.times(vera.number(), thief.number()) + scene.talk_book.times(will.number(), thief.number()) == 0);
    ENDS_WELL(scene);
}

TEST_CASE("a_talk_goes_on_from_a_new_port_when_its_owner_says_so") {
    Scene scene{6};
    auto &vera = scene.voix_in("Vera"), &will = scene.voix_in("Will");
    vera.call("Will");
    REQUIRE(hear_each_other(scene, vera, will));
    for (int i = 0; i < 5; ++i) {
        (i % 2 ? vera : will).move();
        REQUIRE(hear_each_other(scene, vera, will));
    }
    ENDS_WELL(scene);
}

TEST_CASE("somebody_talks_with_three_at_once_and_they_do_not_hear_each_other") {
    Scene scene{7};
    auto& vera = scene.voix_in("Vera");
    std::vector<VoixMember*> others;
    for (const auto* name : {"Will", "Xenia", "Yves"}) others.push_back(&scene.voix_in(name));
    for (auto* other : others) vera.call(other->name());
    for (auto* other : others) REQUIRE(hear_each_other(scene, vera, *other));
    CHECK(vera.talks().size() == 3);
    for (auto* one : others)
        for (auto* other : others) CHECK(scene.talk_book.times(one->number(), other->number()) == 0);
    ENDS_WELL(scene);
}

TEST_CASE("a_channel_talks_and_who_leaves_is_not_heard_any_more") {
    Scene scene{8};
    auto &vera = scene.voix_in("Vera"), &will = scene.voix_in("Will"), &xenia = scene.voix_in("Xenia");
    for (auto* member : {&vera, &will, &xenia}) member->call("#lobby");
    REQUIRE(hear_each_other(scene, vera, will));
    REQUIRE(hear_each_other(scene, will, xenia));
    CHECK(key_of(vera) == key_of(xenia));
    const auto key = key_of(vera);
    xenia.quit();
    REQUIRE(scene.until([&] { return !xenia.here(); }, 5s));
    const auto heard = scene.talk_book.times(vera.number(), xenia.number());
    REQUIRE(hear_each_other(scene, vera, will));
    CHECK(scene.talk_book.times(vera.number(), xenia.number()) == heard);
    scene.thief().try_key(key);
    scene.run_for(1s);
    ENDS_WELL(scene);
}

TEST_CASE("who_answers_no_ping_is_dropped_after_150_seconds_and_his_talk_ends") {
    Scene scene{9};
    auto &vera = scene.voix_in("Vera"), &will = scene.voix_in("Will");
    vera.call("Will");
    REQUIRE(hear_each_other(scene, vera, will));
    const auto came = scene.world.now().at;
    will.answers_pings = false;
    REQUIRE(scene.until([&] { return !will.ends().empty(); }, 200s));
    CHECK(scene.world.now().at - came > 140s);
    CHECK(scene.world.now().at - came < 160s);
    CHECK(will.saw("NOTACCEPTED: No PONG came."));
    CHECK(vera.saw_ending(": DENIED"));
    CHECK(vera.ends().empty());  // he answers
    ENDS_WELL(scene);
}

TEST_CASE("two_with_one_name_are_told_apart") {
    Scene scene{10};
    scene.web_in("Vera");
    auto& vera = scene.voix_in("Vera");
    CHECK(vera.name() == "Vera1");
    CHECK(vera.saw_ending("USERLIST #lobby: Vera, Vera1"));
    ENDS_WELL(scene);
}

TEST_CASE("talks_begin_anew_after_a_crash_of_the_house") {
    Scene scene{11};
    auto &vera = scene.voix_in("Vera"), &will = scene.voix_in("Will");
    vera.call("Will");
    REQUIRE(hear_each_other(scene, vera, will));
    const auto key = key_of(vera);
    scene.house.crash();
    scene.run_for(500ms);
    scene.house.start();
    scene.settle();
    scene.thief().try_key(key);
    scene.run_for(500ms);
    vera.call(will.name());
    REQUIRE(hear_each_other(scene, vera, will));
    CHECK(key_of(vera) != key);
    scene.check_all();
    ENDS_WELL(scene);
}
