// Who keeps order, told on the made stage.
#include <doctest/doctest.h>

#include <algorithm>

#include "sim/scene.hpp"

using namespace earshot;
using namespace earshot::sim;
using Refusal = wire::web::Refusal;
using Presence = wire::web::Presence;

#define ENDS_WELL(scene)          \
    INFO((scene).world.report()); \
    CHECK((scene).world.sound())

namespace {

std::uint64_t heard(Scene& scene, Caller& listener, Caller& speaker) { return scene.hearing.times(listener.number(), speaker.number()); }

// Once removed he asks for the room again, by whatever way.
void wants_back(Scene& scene, Caller& member, const std::string& room) {
    member.join(room);
    scene.settle();
}

}  // namespace

TEST_CASE("a_removed_member_cannot_return_for_ten_minutes_by_any_way_he_has") {
    Scene scene{500};
    auto& ann = scene.web_in("Ann", "#den");
    auto& ben = scene.web_in("Ben", "#den");
    auto& cy = scene.web_in("Cy", "#den");
    ann.remove("#den", ben.member(), "enough");
    REQUIRE(scene.until([&] { return !ben.removals().empty(); }, 5s));
    CHECK(ben.removals().at(0).by_name == "Ann");
    CHECK(ben.removals().at(0).because == "enough");
    REQUIRE(scene.until([&] { return !cy.sees_person("#den", "Ben"); }, 5s));
    wants_back(scene, ben, "#den");
    CHECK(ben.was_refused(Refusal::removed));
    ben.nick("Somebody");
    wants_back(scene, ben, "#den");
    ben.lose_connection();  // a new connection, the same session
    scene.run_for(2s);
    wants_back(scene, ben, "#den");
    ben.stay_away(true);  // gone for so long that the others saw him leave, and back as himself
    ben.vanish();
    scene.run_for(100s);
    ben.stay_away(false);
    scene.settle();
    wants_back(scene, ben, "#den");
    CHECK(!ben.in("#den"));
    scene.run_for(10min);
    wants_back(scene, ben, "#den");
    CHECK(ben.in("#den"));
    scene.check_all();
    ENDS_WELL(scene);
}

TEST_CASE("a_removed_talker_is_silent_at_once") {
    Scene scene{501};
    auto& ann = scene.caller_in("Ann", "#den");
    auto& ben = scene.caller_in("Ben", "#den");
    ben.talk(true);
    scene.run_for(1s);
    REQUIRE(heard(scene, ann, ben) > 0);
    ann.remove("#den", ben.member());
    REQUIRE(scene.until([&] { return !ann.sees_person("#den", "Ben"); }, 2s));
    scene.run_for(50ms);  // what was on its way already
    const auto before = heard(scene, ann, ben);
    scene.run_for(3s);
    CHECK(heard(scene, ann, ben) == before);
    CHECK(!ben.in_call());
    ENDS_WELL(scene);
}

TEST_CASE("a_muted_talker_is_silent_until_he_unmutes_himself") {
    Scene scene{502};
    auto& ann = scene.caller_in("Ann", "#den");
    auto& ben = scene.caller_in("Ben", "#den");
    ben.talk(true);
    scene.run_for(1s);
    REQUIRE(heard(scene, ann, ben) > 0);
    ann.mute_other("#den", ben.member());
    REQUIRE(scene.until([&] { return !ben.mutes().empty(); }, 2s));
    CHECK(ben.mutes().at(0).by_name == "Ann");
    scene.run_for(200ms);
    const auto before = heard(scene, ann, ben);
    scene.run_for(3s);
    CHECK(heard(scene, ann, ben) == before);
    ben.lose_connection();  // a new connection unmutes nobody
    scene.run_for(5s);
    CHECK(heard(scene, ann, ben) == before);
    ben.set_voice(false, false);
    scene.run_for(2s);
    CHECK(heard(scene, ann, ben) > before);
    scene.check_all();
    ENDS_WELL(scene);
}

TEST_CASE("an_unmute_that_crosses_the_mute_on_its_way_does_not_count") {
    for (std::uint64_t seed = 510; seed < 516; ++seed) {
        Scene scene{seed};
        auto& ann = scene.caller_in("Ann", "#den");
        auto& ben = scene.caller_in("Ben", "#den");
        ben.talk(true);
        scene.run_for(1s);
        ann.mute_other("#den", ben.member());
        ben.send_raw(R"({"type":"voice","muted":false,"deafened":false})");
        scene.run_for(1s);
        if (ben.mutes().empty()) continue;
        const auto before = heard(scene, ann, ben);
        scene.run_for(2s);
        CHECK(heard(scene, ann, ben) == before);
        ENDS_WELL(scene);
    }
}

TEST_CASE("a_keeper_passes_on_when_he_goes_for_good_and_not_before") {
    Scene scene{503};
    auto& ann = scene.web_in("Ann", "#den");
    auto& ben = scene.web_in("Ben", "#den");
    auto& cy = scene.web_in("Cy", "#den");
    const auto was = ann.member();
    CHECK(cy.room("#den").keeper == was);
    ann.stay_away(true);
    ann.vanish();
    REQUIRE(scene.until([&] { return !cy.sees_person("#den", "Ann"); }, 100s));
    CHECK(cy.room("#den").keeper == was);
    SUBCASE("he comes back in time") {
        ann.stay_away(false);
        scene.settle();
        CHECK(cy.room("#den").keeper == ann.member());
        CHECK(ann.member() == was);
        cy.remove("#den", ben.member());
        scene.settle();
        CHECK(cy.was_refused(Refusal::not_allowed));
        CHECK(ben.in("#den"));
    }
    SUBCASE("he does not") {
        scene.run_for(11min);
        CHECK(cy.room("#den").keeper == ben.member());
        ben.remove("#den", cy.member());
        REQUIRE(scene.until([&] { return !cy.removals().empty(); }, 5s));
        ann.stay_away(false);
        scene.settle();
        CHECK(ann.room("#den").keeper == ben.member());
    }
    scene.check_all();
    ENDS_WELL(scene);
}

TEST_CASE("whoever_takes_a_lost_keepers_name_does_not_get_his_room") {
    Scene scene{504};
    auto& ann = scene.web_in("Ann", "#den");
    auto& ben = scene.web_in("Ben", "#den");
    const auto was = ann.member();
    ann.stay_away(true);
    ann.vanish();
    REQUIRE(scene.until([&] { return !ben.sees_person("#den", "Ann"); }, 100s));
    ben.nick("Ann");
    REQUIRE(scene.until([&] { return ben.name() == "Ann"; }, 5s));
    CHECK(ben.room("#den").keeper == was);
    ann.stay_away(false);
    scene.settle();
    CHECK(ann.name() != "Ann");
    ENDS_WELL(scene);
}

TEST_CASE("a_strangers_kick_is_refused_wherever_he_stands") {
    Scene scene{505};
    auto& ann = scene.web_in("Ann", "#den");
    auto& ben = scene.web_in("Ben", "#den");
    auto& cy = scene.web_in("Cy");
    ann.join("#lobby");
    ben.join("#lobby");
    scene.settle();
    ben.remove("#den", ann.member());
    ann.remove("#lobby", ben.member());  // nobody keeps the lobby
    cy.remove("#den", ben.member());     // he is not even there
    ben.operate("0123456789abcdef0123456789abcdee");
    ben.remove("#lobby", ann.member());
    scene.settle();
    for (const auto* member : {&ann, &ben}) {
        CHECK(member->in("#den"));
        CHECK(member->in("#lobby"));
        CHECK(member->removals().empty());
    }
    CHECK(ann.was_refused(Refusal::not_allowed));
    CHECK(ben.was_refused(Refusal::not_allowed));
    CHECK(cy.was_refused(Refusal::not_in_room));
    ENDS_WELL(scene);
}

TEST_CASE("the_operator_keeps_order_in_the_lobby_and_a_bare_socket_is_told_in_its_own_words") {
    Scene scene{506};
    auto& ann = scene.web_in("Ann");
    auto& pat = scene.plain_in("Pat", Framing::kLines);
    auto& quinn = scene.plain_in("Quinn", Framing::kSegments);
    scene.settle();
    ann.operate(scene.settings.operator_key);
    scene.settle();
    CHECK(ann.room("#lobby").people.at(ann.member()).operates.value_or(false));
    const auto& people = ann.room("#lobby").people;
    const auto found = std::ranges::find_if(people, [](const auto& p) { return p.second.name == "Pat"; });
    REQUIRE(found != people.end());
    CHECK(found->second.client == wire::web::ClientKind::socket);
    ann.direct(found->first, "be quiet, please");
    REQUIRE(scene.until([&] { return pat.saw("(to Pat alone) Ann: be quiet, please"); }, 5s));
    ann.remove("#lobby", found->first, "I asked");
    REQUIRE(scene.until([&] { return !pat.online(); }, 5s));
    CHECK(pat.saw("You have been removed."));
    REQUIRE(scene.until([&] { return quinn.saw("Pat was removed by Ann: I asked"); }, 5s));
    pat.come();  // under the same name, from the same place
    REQUIRE(scene.until([&] { return pat.saw("You have been removed. You may come back in 10 minutes."); }, 10s));
    scene.settle();
    CHECK(!ann.sees_person("#lobby", "Pat"));
    scene.check_all();
    ENDS_WELL(scene);
}
