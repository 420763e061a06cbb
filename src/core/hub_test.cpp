#include "core/hub.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace earshot;
using namespace earshot::core;

namespace {

class TestHub {
public:
    MemberId person(const std::string& name) { return hub.enter(name, ClientKind::kBrowser).value(); }
    Effects act(MemberId member, Command command, Ticket ticket = 1) {
        Effects effects;
        hub.apply({Time{at}, 1000 + whole_ms(at)}, member, ticket, command, effects);
        at += 1s;
        for (const auto& entry : effects.entries) waiting.push_back(entry.id);
        return effects;
    }
    Effects commit(EntryOutcome outcome = EntryStored{}) {
        Effects all;
        for (const auto entry : std::exchange(waiting, {})) {
            Effects effects;
            hub.committed(entry, outcome, effects);
            std::ranges::move(effects.deliveries, std::back_inserter(all.deliveries));
            std::ranges::move(effects.gone, std::back_inserter(all.gone));
            for (const auto& more : effects.entries) waiting.push_back(more.id);
        }
        return all;
    }
    // Events of one kind that a member is told.
    template <typename E>
    static std::vector<E> told(const Effects& effects, MemberId member) {
        std::vector<E> found;
        for (const auto& d : effects.deliveries)
            if (const auto* e = std::get_if<E>(&d.event); e && std::ranges::find(d.to, member) != d.to.end()) found.push_back(*e);
        return found;
    }
    static RefusalCode refusal(const Effects& effects) {
        for (const auto& d : effects.deliveries)
            if (const auto* e = std::get_if<Refused>(&d.event)) return e->refusal.code;
        FAIL("nothing was refused");
        return {};
    }

    Hub hub{{}};
    std::vector<EntryId> waiting;
    Duration at = 1s;
};

}  // namespace

TEST_CASE("joining tells the joiner the room and the room the joiner") {
    TestHub t;
    const auto ana = t.person("Ana"), bo = t.person("Bo");
    CHECK(TestHub::told<Joined>(t.act(ana, Join{"#lobby"}), ana).at(0).people.size() == 1);
    const auto effects = t.act(bo, Join{"#LOBBY"});
    CHECK(TestHub::told<Joined>(effects, bo).at(0).people.size() == 2);
    CHECK(TestHub::told<PersonJoined>(effects, ana).at(0).person.name == "Bo");
    CHECK(TestHub::told<PersonJoined>(effects, bo).empty());
}

TEST_CASE("what waits for the disk holds back what follows, and a leaver hears nothing of it") {
    TestHub t;
    const auto ana = t.person("Ana"), bo = t.person("Bo");
    t.act(ana, Join{"#lobby"});
    t.act(bo, Join{"#lobby"});
    t.commit();
    t.act(ana, Say{"#lobby", "hello", "11111111"});
    CHECK(TestHub::told<Left>(t.act(bo, Leave{"#lobby"}), bo).size() == 1);
    const auto shown = t.commit();
    CHECK(TestHub::told<MessageShown>(shown, bo).empty());
    REQUIRE(shown.deliveries.size() >= 2);
    CHECK(TestHub::told<MessageShown>(shown, ana).size() == 1);
    CHECK(TestHub::told<PersonLeft>(shown, ana).size() == 1);
    const auto order = [&](auto is) { return std::ranges::find_if(shown.deliveries, is) - shown.deliveries.begin(); };
    CHECK(order([](const Delivery& d) { return std::holds_alternative<MessageShown>(d.event); }) < order([](const Delivery& d) { return std::holds_alternative<PersonLeft>(d.event); }));
}

TEST_CASE("one who leaves and returns while the disk is slow is shown leaving, then coming, once each") {
    TestHub t;
    const auto ana = t.person("Ana"), bo = t.person("Bo");
    t.act(ana, Join{"#lobby"});
    t.act(bo, Join{"#lobby"});
    t.commit();
    t.act(ana, Say{"#lobby", "hello", "11111111"});
    t.act(bo, Leave{"#lobby"});
    t.act(bo, Join{"#lobby"});
    const auto shown = t.commit();
    CHECK(TestHub::told<PersonLeft>(shown, ana).size() == 1);
    CHECK(TestHub::told<PersonJoined>(shown, ana).size() == 1);
    CHECK(TestHub::told<Joined>(shown, bo).size() == 1);
    CHECK(TestHub::told<MessageShown>(shown, bo).empty());
}

TEST_CASE("a retry that the disk knew already is acknowledged with the first and shown to nobody") {
    TestHub t;
    const auto ana = t.person("Ana");
    t.act(ana, Join{"#lobby"});
    t.commit();
    t.act(ana, Say{"#lobby", "hello", "11111111"}, 7);
    const auto shown = t.commit(EntryDuplicate{MessageId{3}, 5});
    CHECK(TestHub::told<Accepted>(shown, ana).at(0).id == MessageId{3});
    CHECK(TestHub::told<MessageShown>(shown, ana).empty());
}

TEST_CASE("a room without history ends with its last member, one with history stays, the lobby always") {
    TestHub t;
    const auto ana = t.person("Ana");
    t.act(ana, Join{"#a"});
    t.act(ana, Join{"#b"});
    t.act(ana, Join{"#lobby"});
    t.commit();
    t.act(ana, Say{"#b", "kept", ""});
    t.commit();
    CHECK(t.act(ana, Leave{"#a"}).gone == std::vector<std::string>{"#a"});
    CHECK(t.act(ana, Leave{"#b"}).gone.empty());
    CHECK(t.act(ana, Leave{"#lobby"}).gone.empty());
    CHECK(t.hub.rooms() == 2);
}

TEST_CASE("names are one name space without regard to case") {
    TestHub t;
    t.person("Ana");
    const auto refused = t.hub.enter("ANA", ClientKind::kSocket);
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().code == RefusalCode::kNameTaken);
    CHECK(refused.error().suggestion == "ANA2");
    const auto bo = t.person("Bo");
    CHECK(TestHub::refusal(t.act(bo, SetNick{"aNa"})) == RefusalCode::kNameTaken);
    CHECK(TestHub::told<NickChanged>(t.act(bo, SetNick{"BO"}), bo).at(0).name == "BO");
    t.act(bo, Quit{});
    CHECK(t.hub.enter("bo", ClientKind::kBrowser).has_value());
}

TEST_CASE("a nick change is shown in every room one is in") {
    TestHub t;
    const auto ana = t.person("Ana"), bo = t.person("Bo");
    for (const auto* room : {"#a", "#b"}) {
        t.act(ana, Join{room});
        t.act(bo, Join{room});
    }
    const auto changed = TestHub::told<PersonChanged>(t.act(ana, SetNick{"Anna"}), bo);
    REQUIRE(changed.size() == 2);
    CHECK(changed[0].old_name == "Ana");
    CHECK(changed[0].person.name == "Anna");
}

TEST_CASE("one is in one call at a time, and leaving the room ends it") {
    TestHub t;
    const auto ana = t.person("Ana");
    t.act(ana, Join{"#a"});
    t.act(ana, Join{"#b"});
    CHECK(TestHub::refusal(t.act(ana, JoinCall{"#c"})) == RefusalCode::kNotInRoom);
    CHECK(TestHub::told<CallGranted>(t.act(ana, JoinCall{"#a"}), ana).size() == 1);
    const auto moved = t.act(ana, JoinCall{"#b"});
    CHECK(TestHub::told<CallLeft>(moved, ana).at(0).why == CallLeftWhy::kReplaced);
    CHECK(TestHub::told<CallGranted>(moved, ana).size() == 1);
    CHECK(TestHub::told<CallLeft>(t.act(ana, Leave{"#b"}), ana).at(0).why == CallLeftWhy::kRoomLeft);
    CHECK(TestHub::refusal(t.act(ana, LeaveCall{})) == RefusalCode::kNoCall);
}

TEST_CASE("a topic is told when it is on disk, and stays as it was when it could not be written") {
    TestHub t;
    const auto ana = t.person("Ana");
    t.act(ana, Join{"#a"});
    t.commit();
    t.act(ana, SetTopic{"#a", " Tuesdays\n20:00 "}, 5);
    CHECK(TestHub::told<TopicChanged>(t.commit(), ana).at(0).topic == "Tuesdays 20:00");
    t.act(ana, SetTopic{"#a", "x"}, 6);
    CHECK(TestHub::refusal(t.commit(EntryFailed{})) == RefusalCode::kNotSaved);
    CHECK(t.hub.room_named("#a")->topic() == "Tuesdays 20:00");
}

TEST_CASE("a room whose dropping never reached the disk does not hide the one that took its name") {
    Hub hub{HubLimits{}};
    hub.restore({{RoomId{1}, "#tea", {}, {}}, {RoomId{2}, "#other", {}, {}}, {RoomId{4}, "#tea", "leaves", MessageId{13}}}, MessageId{13}, RoomId{4}, MemberId{2});
    CHECK(hub.rooms() == 2);
    CHECK(hub.room_named("#tea")->id() == RoomId{4});
    CHECK(hub.room_named("#tea")->topic() == "leaves");
}
