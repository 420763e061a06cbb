#include <doctest/doctest.h>

#include <algorithm>

#include "core/hub.hpp"

using namespace earshot;
using namespace earshot::core;

namespace {

class Rooms {
public:
    MemberId person(const std::string& name, ClientKind client = ClientKind::kBrowser, const std::string& origin = {}, const std::string& room = "#den") {
        const auto id = hub.enter(name, client, {}, origin).value();
        act(id, Join{room});
        return id;
    }
    Effects act(MemberId member, Command command) {
        Effects effects;
        hub.apply({Time{at}, 1000 + whole_ms(at)}, member, 1, command, effects);
        at += 1s;
        settle(effects);
        return effects;
    }
    void operate(MemberId member) {
        Effects effects;
        hub.make_operator(member, effects);
    }
    template <typename E>
    static std::vector<E> told(const Effects& effects, MemberId member) {
        std::vector<E> found;
        for (const auto& d : effects.deliveries)
            if (const auto* e = std::get_if<E>(&d.event); e && std::ranges::find(d.to, member) != d.to.end()) found.push_back(*e);
        return found;
    }
    static std::optional<RefusalCode> refusal(const Effects& effects) {
        for (const auto& d : effects.deliveries)
            if (const auto* e = std::get_if<Refused>(&d.event)) return e->refusal.code;
        return std::nullopt;
    }
    MemberId keeper(const std::string& room = "#den") const { return hub.room_named(room)->keeper(); }
    bool has(MemberId member, const std::string& room = "#den") const { return hub.room_named(room)->has(member); }

    Hub hub{{}};
    Duration at = 1s;

private:
    void settle(const Effects& effects) {
        for (const auto& entry : effects.entries) {
            Effects more;
            hub.committed(entry.id, EntryStored{}, more);
            settle(more);
        }
    }
};

}  // namespace

TEST_CASE("who made the room keeps it, and nobody else may remove or mute there") {
    Rooms r;
    const auto ana = r.person("Ana"), bo = r.person("Bo"), cy = r.person("Cy");
    CHECK(r.keeper() == ana);
    CHECK(Rooms::refusal(r.act(bo, Remove{"#den", cy, ""})) == RefusalCode::kNotAllowed);
    CHECK(Rooms::refusal(r.act(bo, Remove{"#den", ana, ""})) == RefusalCode::kNotAllowed);
    CHECK(Rooms::refusal(r.act(bo, MuteMember{"#den", cy})) == RefusalCode::kNotAllowed);
    CHECK(r.has(cy));
    CHECK(!Rooms::refusal(r.act(ana, Remove{"#den", cy, ""})));
    CHECK(!r.has(cy));
}

TEST_CASE("one who is removed is out of the room and its call, hears why, and the others hear by whom") {
    Rooms r;
    const auto ana = r.person("Ana"), bo = r.person("Bo"), cy = r.person("Cy");
    r.act(bo, JoinCall{"#den"});
    const auto effects = r.act(ana, Remove{"#den", bo, "too\nloud"});
    const auto removed = Rooms::told<Removed>(effects, bo);
    REQUIRE(removed.size() == 1);
    CHECK(removed[0].by_name == "Ana");
    CHECK(removed[0].because == "too loud");
    CHECK(Rooms::told<CallLeft>(effects, bo).size() == 1);
    CHECK(Rooms::told<PersonLeft>(effects, bo).empty());
    const auto left = Rooms::told<PersonLeft>(effects, cy);
    REQUIRE(left.size() == 1);
    CHECK(left[0].reason == LeaveReason::kRemoved);
    CHECK(left[0].removed_by == "Ana");
    CHECK(Rooms::told<Removed>(effects, cy).empty());
    CHECK(!r.hub.member(bo)->call);
    CHECK(Rooms::refusal(r.act(bo, Say{"#den", "still here", "11111111"})) == RefusalCode::kNotInRoom);
}

TEST_CASE("a removed member comes back after ten minutes and not before, under whatever name") {
    Rooms r;
    const auto ana = r.person("Ana"), bo = r.person("Bo");
    r.act(ana, Remove{"#den", bo, ""});
    CHECK(Rooms::refusal(r.act(bo, Join{"#den"})) == RefusalCode::kRemoved);
    r.act(bo, SetNick{"Somebody"});
    CHECK(Rooms::refusal(r.act(bo, Join{"#DEN"})) == RefusalCode::kRemoved);
    CHECK(!Rooms::refusal(r.act(bo, Join{"#elsewhere"})));
    r.at += 9min;
    CHECK(Rooms::refusal(r.act(bo, Join{"#den"})) == RefusalCode::kRemoved);
    r.at += 1min;
    CHECK(!Rooms::refusal(r.act(bo, Join{"#den"})));
    CHECK(r.has(bo));
}

TEST_CASE("a bare socket is known again by its name and place together") {
    Rooms r;
    const auto ana = r.person("Ana");
    const auto bo = r.person("Bo", ClientKind::kSocket, "192.0.2.7");
    r.act(ana, Remove{"#den", bo, ""});
    r.act(bo, Quit{});
    const auto comes_as = [&](const std::string& name, const std::string& origin) {
        const auto id = r.hub.enter(name, ClientKind::kSocket, {}, origin).value();
        const auto refused = Rooms::refusal(r.act(id, Join{"#den"}));
        r.act(id, Quit{});
        return refused;
    };
    CHECK(comes_as("BO", "192.0.2.7") == RefusalCode::kRemoved);
    CHECK(!comes_as("Bo", "192.0.2.8"));
    CHECK(!comes_as("Cy", "192.0.2.7"));
}

TEST_CASE("the lobby has no keeper; the operator may everywhere, and nobody removes him") {
    Rooms r;
    const auto ana = r.person("Ana", ClientKind::kBrowser, {}, "#lobby"), bo = r.person("Bo", ClientKind::kBrowser, {}, "#lobby");
    CHECK(!r.keeper("#lobby"));
    CHECK(Rooms::refusal(r.act(ana, Remove{"#lobby", bo, ""})) == RefusalCode::kNotAllowed);
    r.operate(bo);
    r.act(ana, Join{"#den"});
    r.act(bo, Join{"#den"});
    CHECK(Rooms::refusal(r.act(ana, Remove{"#den", bo, ""})) == RefusalCode::kNotAllowed);
    CHECK(!Rooms::refusal(r.act(bo, Remove{"#lobby", ana, ""})));
    const auto effects = r.act(bo, Remove{"#den", ana, ""});
    CHECK(r.keeper() == bo);  // who was removed keeps nothing
    CHECK(Rooms::told<KeeperChanged>(effects, bo).size() == 1);
}

TEST_CASE("a keeper who goes for good leaves the room to whoever has been there longest and can keep it") {
    Rooms r;
    const auto ana = r.person("Ana");
    r.person("Socket", ClientKind::kSocket);
    const auto bo = r.person("Bo"), cy = r.person("Cy");
    const auto effects = r.act(ana, Quit{});
    CHECK(r.keeper() == bo);
    REQUIRE(Rooms::told<KeeperChanged>(effects, cy).size() == 1);
    CHECK(Rooms::told<KeeperChanged>(effects, cy)[0].name == "Bo");
}

TEST_CASE("a keeper who is lost keeps the room while he may come back") {
    Rooms r;
    const auto ana = r.person("Ana"), bo = r.person("Bo");
    r.act(ana, Quit{LeaveReason::kLost});
    CHECK(r.keeper() == ana);
    CHECK(Rooms::refusal(r.act(bo, Remove{"#den", bo, ""})) == RefusalCode::kNotAllowed);
    Effects effects;
    SUBCASE("back in time") {
        CHECK(r.hub.enter("Ana", ClientKind::kBrowser, ana).value() == ana);
        r.hub.forget(ana, effects);
        CHECK(r.keeper() == ana);
    }
    SUBCASE("not back") {
        r.hub.forget(ana, effects);
        CHECK(r.keeper() == bo);
        CHECK(Rooms::told<KeeperChanged>(effects, bo).size() == 1);
    }
}

TEST_CASE("a room that outlived its keeper is not kept by the next who comes") {
    Rooms r;
    const auto ana = r.person("Ana");
    r.act(ana, Say{"#den", "for later", "11111111"});
    r.act(ana, Quit{});
    const auto bo = r.person("Bo"), cy = r.person("Cy");
    CHECK(!r.keeper());
    CHECK(Rooms::refusal(r.act(bo, Remove{"#den", cy, ""})) == RefusalCode::kNotAllowed);
}

TEST_CASE("a mute holds until the muted one unmutes himself, and an unmute that was on its way does not count") {
    Rooms r;
    const auto ana = r.person("Ana"), bo = r.person("Bo");
    CHECK(Rooms::refusal(r.act(ana, MuteMember{"#den", bo})) == RefusalCode::kNoCall);
    r.act(bo, JoinCall{"#den"});
    const auto effects = r.act(ana, MuteMember{"#den", bo});
    REQUIRE(Rooms::told<VoiceSet>(effects, bo).size() == 1);
    CHECK(Rooms::told<VoiceSet>(effects, bo)[0].muted);
    CHECK(Rooms::told<MutedBy>(effects, bo).at(0).by_name == "Ana");
    CHECK(Rooms::told<PersonChanged>(effects, ana).at(0).person.muted);
    const auto late = r.act(bo, SetVoice{.muted = false, .deafened = true});
    CHECK(Rooms::told<VoiceSet>(late, bo).at(0).muted);
    CHECK(Rooms::told<CallGranted>(r.act(bo, JoinCall{"#den"}), bo).at(0).muted);
    r.act(bo, SetVoice{.muted = true});
    CHECK(!Rooms::told<VoiceSet>(r.act(bo, SetVoice{.muted = false}), bo).at(0).muted);
    CHECK(!r.hub.member(bo)->is_muted());
    SUBCASE("one who cannot tell apart what he knows says that he knows") {
        r.act(ana, MuteMember{"#den", bo});
        CHECK(!Rooms::told<VoiceSet>(r.act(bo, SetVoice{.muted = false, .knowing = true}), bo).at(0).muted);
    }
    SUBCASE("a new connection is told again") {
        r.act(ana, MuteMember{"#den", bo});
        Effects again;
        r.hub.show_rooms_again(bo, again);
        CHECK(Rooms::told<MutedBy>(again, bo).size() == 1);
    }
}

TEST_CASE("removing is bounded: its words, its list, its pace; nobody removes himself or who is not there") {
    Rooms r;
    const auto ana = r.person("Ana"), bo = r.person("Bo");
    CHECK(Rooms::refusal(r.act(ana, Remove{"#den", bo, std::string(201, 'x')})) == RefusalCode::kTooLong);
    CHECK(Rooms::refusal(r.act(ana, Remove{"#den", bo, "\xff"})) == RefusalCode::kBadRequest);
    CHECK(Rooms::refusal(r.act(ana, Remove{"#den", ana, ""})) == RefusalCode::kBadRequest);
    CHECK(Rooms::refusal(r.act(ana, Remove{"#den", MemberId{999}, ""})) == RefusalCode::kNoSuchMember);
    CHECK(Rooms::refusal(r.act(ana, Remove{"#nowhere", bo, ""})) == RefusalCode::kNotInRoom);
    r.act(ana, Remove{"#den", bo, ""});
    for (int n = 0; n < 256; ++n) r.act(ana, Remove{"#den", r.person("P" + std::to_string(n)), ""});
    CHECK(!Rooms::refusal(r.act(bo, Join{"#den"})));  // the oldest of too many is forgotten
    bool flooded = false;
    for (int n = 0; n < 40; ++n) {
        Effects effects;
        r.hub.apply({Time{r.at}, 0}, ana, 1, MuteMember{"#den", MemberId{999}}, effects);
        flooded = flooded || Rooms::refusal(effects) == RefusalCode::kFlood;
    }
    CHECK(flooded);
}
