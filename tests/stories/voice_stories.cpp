// What people do with their voices, told on the made stage: real ICE, DTLS and SRTP, made packets.
#include <doctest/doctest.h>

#include <fstream>
#include <sstream>

#include "sim/scene.hpp"

using namespace earshot;
using namespace earshot::sim;
using Refusal = wire::web::Refusal;
using EndReason = wire::web::CallEndReason;
using Presence = wire::web::Presence;

#define ENDS_WELL(scene) \
    INFO((scene).world.report()); \
    CHECK((scene).world.sound())

namespace {

std::uint64_t heard(Scene& scene, Caller& listener, Caller& speaker) { return scene.hearing.times(listener.number(), speaker.number()); }

bool hears_within(Scene& scene, Caller& listener, Caller& speaker, Duration patience) {
    const auto before = heard(scene, listener, speaker);
    return scene.until([&] { return heard(scene, listener, speaker) > before; }, patience);
}

std::string captured(const std::string& name) {
    std::ifstream file{std::string{EARSHOT_SOURCE_DIR} + "/tests/data/sdp/" + name};
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
}

}  // namespace

TEST_CASE("two_people_talk_and_type") {
    Scene scene{300};
    auto& ann = scene.caller_in("Ann");
    auto& ben = scene.caller_in("Ben");
    REQUIRE(ann.settled());
    REQUIRE(ben.settled());
    ann.talk(true);
    ben.talk(true);
    const auto text = ann.say("#lobby", "can you hear me?");
    scene.run_for(2s);
    CHECK(heard(scene, ann, ben) >= 90);  // 50 a second, after the first round trip
    CHECK(heard(scene, ben, ann) >= 90);
    CHECK(ben.sees("#lobby", text));
    CHECK(ann.room("#lobby").speaking.contains(ben.member()));
    scene.check_all();
    ENDS_WELL(scene);
}

TEST_CASE("slots_and_speaking_tell_who_is_heard") {
    Scene scene{301};
    auto& ann = scene.caller_in("Ann");
    auto& ben = scene.caller_in("Ben");
    ben.talk(true);
    scene.run_for(1s);
    const auto on_slots = [&] {
        for (const auto& [slot, member] : ann.room("#lobby").slots)
            if (member == ben.member()) return true;
        return false;
    };
    CHECK(on_slots());
    CHECK(ann.room("#lobby").speaking.contains(ben.member()));
    ben.talk(false);
    scene.run_for(2s);
    CHECK_FALSE(ann.room("#lobby").speaking.contains(ben.member()));
    ENDS_WELL(scene);
}

TEST_CASE("muted_member_is_not_heard") {
    Scene scene{302};
    auto& ann = scene.caller_in("Ann");
    auto& ben = scene.caller_in("Ben");
    ben.talk(true);
    scene.run_for(1s);
    ben.set_voice(true, false);  // his browser goes on sending all the same
    scene.run_for(1s);
    const auto before = heard(scene, ann, ben);
    CHECK(before > 0);
    scene.run_for(3s);
    CHECK(heard(scene, ann, ben) == before);
    ben.set_voice(false, false);
    CHECK(hears_within(scene, ann, ben, 1s));
    ENDS_WELL(scene);
}

TEST_CASE("deafened_member_is_sent_nothing") {
    Scene scene{303};
    auto& ann = scene.caller_in("Ann");
    auto& ben = scene.caller_in("Ben");
    ben.talk(true);
    ann.set_voice(false, true);
    scene.run_for(1s);
    const auto before = heard(scene, ann, ben);
    scene.run_for(2s);
    CHECK(heard(scene, ann, ben) == before);
    ann.set_voice(false, false);
    CHECK(hears_within(scene, ann, ben, 1s));
    ENDS_WELL(scene);
}

TEST_CASE("nobody_hears_himself") {
    Scene scene{304};
    std::vector<Caller*> all;
    for (int i = 0; i < 4; ++i) all.push_back(&scene.caller_in(fmt::format("talker{}", i)));
    for (auto* caller : all) caller->talk(true);
    scene.run_for(3s);
    for (auto* caller : all) CHECK(heard(scene, *caller, *caller) == 0);
    CHECK(heard(scene, *all[0], *all[3]) > 100);
    ENDS_WELL(scene);
}

TEST_CASE("nine_talk_everyone_hears_eight_others") {
    Scene scene{305};
    std::vector<Caller*> all;
    for (int i = 0; i < 9; ++i) all.push_back(&scene.caller_in(fmt::format("talker{}", i)));
    for (auto* caller : all) caller->talk(true);
    scene.run_for(2s);
    for (auto* listener : all)
        for (auto* speaker : all)
            if (listener != speaker) CHECK(hears_within(scene, *listener, *speaker, 200ms));
    ENDS_WELL(scene);
}

TEST_CASE("twelfth_talker_gets_a_slot_when_another_falls_silent") {
    Scene scene{306};
    std::vector<Caller*> all;
    for (int i = 0; i < 12; ++i) all.push_back(&scene.caller_in(fmt::format("talker{}", i)));
    auto& listener = scene.caller_in("listener", "#lobby", true);
    for (auto* caller : all) caller->talk(true);
    scene.run_for(2s);
    std::vector<Caller*> unheard;
    for (auto* caller : all)
        if (!hears_within(scene, listener, *caller, 100ms)) unheard.push_back(caller);
    CHECK(unheard.size() == 4);
    REQUIRE_FALSE(unheard.empty());
    for (auto* caller : all)
        if (caller != unheard.front()) caller->talk(false);
    CHECK(hears_within(scene, listener, *unheard.front(), 1s));
    ENDS_WELL(scene);
}

TEST_CASE("listener_without_a_microphone_hears_and_is_not_heard") {
    Scene scene{307};
    auto& ann = scene.caller_in("Ann");
    auto& ben = scene.caller_in("Ben", "#lobby", true);
    ann.talk(true);
    ben.talk(true);
    CHECK(hears_within(scene, ben, ann, 2s));
    scene.run_for(2s);
    CHECK(heard(scene, ann, ben) == 0);
    ENDS_WELL(scene);
}

TEST_CASE("who_leaves_the_call_is_not_heard_and_hears_nothing") {
    Scene scene{308};
    auto& ann = scene.caller_in("Ann");
    auto& ben = scene.caller_in("Ben");
    ann.talk(true);
    ben.talk(true);
    scene.run_for(1s);
    ben.leave_call();  // the phone goes on sending for a moment, and nobody may hear it
    scene.run_for(1s);
    const auto ann_heard = heard(scene, ann, ben);
    const auto ben_heard = heard(scene, ben, ann);
    const auto sent_to_ben = scene.legs.packets_to(ben.phone().address());
    scene.run_for(3s);
    CHECK(heard(scene, ann, ben) == ann_heard);
    CHECK(heard(scene, ben, ann) == ben_heard);
    CHECK(scene.legs.packets_to(ben.phone().address()) == sent_to_ben);
    CHECK(ben.in("#lobby"));  // still in the room's text
    ENDS_WELL(scene);
}

TEST_CASE("calls_of_two_rooms_do_not_hear_each_other") {
    Scene scene{309};
    auto& ann = scene.caller_in("Ann", "#tea");
    auto& ben = scene.caller_in("Ben", "#tea");
    auto& cora = scene.caller_in("Cora", "#work");
    for (auto* caller : {&ann, &ben, &cora}) caller->talk(true);
    scene.run_for(2s);
    CHECK(heard(scene, ann, ben) > 50);
    CHECK(heard(scene, cora, ann) == 0);
    CHECK(heard(scene, ann, cora) == 0);
    ENDS_WELL(scene);
}

TEST_CASE("second_call_moves_the_person") {
    Scene scene{310};
    auto& ann = scene.caller_in("Ann", "#tea");
    auto& ben = scene.caller_in("Ben", "#tea");
    auto& cora = scene.caller_in("Cora", "#work");
    ann.join("#work");
    scene.settle();
    ann.call("#work");
    scene.settle();
    for (auto* caller : {&ann, &ben, &cora}) caller->talk(true);
    CHECK(hears_within(scene, cora, ann, 2s));
    CHECK(hears_within(scene, ann, cora, 2s));
    const auto before = heard(scene, ben, ann);
    scene.run_for(2s);
    CHECK(heard(scene, ben, ann) == before);
    ENDS_WELL(scene);
}

TEST_CASE("udp_cut_voice_returns") {
    for (std::uint64_t seed = 311; seed < 316; ++seed) {
        Scene scene{seed};
        auto& ann = scene.caller_in("Ann");
        auto& ben = scene.caller_in("Ben");
        ann.talk(true);
        ben.talk(true);
        scene.run_for(2s);
        ann.phone().cut_udp(true);
        scene.run_for(100ms);
        CHECK(hears_within(scene, ann, ben, 4s));
        CHECK(hears_within(scene, ben, ann, 1s));
        CHECK(ann.phone().over_tcp());
        ENDS_WELL(scene);
    }
}

TEST_CASE("only_tcp_passes_and_voice_is_there") {
    Scene scene{316};
    scene.house.weather.streams.odd_chunks = 0.8;
    auto& ann = scene.web_in("Ann");
    ann.phone().habits.tcp_only = true;
    ann.call("#lobby");
    auto& ben = scene.caller_in("Ben");
    ann.talk(true);
    ben.talk(true);
    CHECK(hears_within(scene, ann, ben, 3s));
    CHECK(hears_within(scene, ben, ann, 3s));
    CHECK(ann.phone().over_tcp());
    ENDS_WELL(scene);
}

TEST_CASE("another_address_mid_call_keeps_the_voice") {
    Scene scene{317};
    auto& ann = scene.caller_in("Ann");
    auto& ben = scene.caller_in("Ben");
    ann.talk(true);
    ben.talk(true);
    scene.run_for(1s);
    ann.phone().change_address();
    scene.run_for(300ms);
    CHECK(hears_within(scene, ann, ben, 1s));
    CHECK(hears_within(scene, ben, ann, 1s));
    CHECK(ann.calls_ended() == 0);
    ENDS_WELL(scene);
}

TEST_CASE("fresh_names_keep_the_call") {
    Scene scene{318};
    auto& ann = scene.caller_in("Ann");
    auto& ben = scene.caller_in("Ben");
    ann.talk(true);
    ben.talk(true);
    scene.run_for(1s);
    for (int i = 0; i < 5; ++i) {
        ann.restart_call();
        scene.run_for(1s);
    }
    CHECK(hears_within(scene, ann, ben, 300ms));
    CHECK(hears_within(scene, ben, ann, 300ms));
    CHECK(ann.calls_ended() == 0);
    scene.check_all();
    ENDS_WELL(scene);
}

TEST_CASE("wrong_fingerprint_gets_no_media") {
    Scene scene{319};
    auto& ann = scene.caller_in("Ann");
    auto& liar = scene.web_in("Liar");
    liar.phone().habits.wrong_fingerprint = true;
    liar.call("#lobby");
    ann.talk(true);
    liar.talk(true);
    scene.run_for(5s);
    CHECK(heard(scene, liar, ann) == 0);
    CHECK(heard(scene, ann, liar) == 0);
    CHECK(scene.legs.packets_to(liar.phone().address()) == 0);
    CHECK(liar.calls_ended() > 0);
    CHECK(liar.last_end_reason() == EndReason::failed);
    ENDS_WELL(scene);
}

TEST_CASE("clienthello_of_two_datagrams") {
    Scene scene{320};
    auto& ann = scene.web_in("Ann");
    ann.phone().habits.split_client_hello = true;
    ann.call("#lobby");
    auto& ben = scene.caller_in("Ben");
    ann.talk(true);
    ben.talk(true);
    CHECK(hears_within(scene, ann, ben, 3s));
    CHECK(hears_within(scene, ben, ann, 3s));
    ENDS_WELL(scene);
}

TEST_CASE("foreign_ufrag_gets_no_answer") {
    Scene scene{321};
    auto& ann = scene.web_in("Ann");
    ann.phone().habits.foreign_ufrag = true;
    ann.call("#lobby");
    scene.run_for(8s);
    CHECK(ann.phone().signs() == 0);
    CHECK_FALSE(ann.phone().connected());
    ENDS_WELL(scene);
}

TEST_CASE("strangers_datagrams_get_no_answer") {
    Scene scene{322};
    struct Stranger final : DatagramClient {
        void datagram(const port::Path&, Bytes) override { ++answers; }
        void tcp_gone(std::uint32_t) override {}
        int answers = 0;
    } stranger;
    const SocketAddress at{IpAddress::v4(10, 99, 0, 1), 1234};
    scene.house.listen_datagrams(at, &stranger);
    scene.caller_in("Ann");
    SeededRandom chance{5};
    for (int i = 0; i < 3000; ++i) {
        std::vector<std::uint8_t> bytes(1 + chance.below(1400));
        chance.fill(bytes);
        if (i % 4 == 0) bytes[0] = 22;                                 // a DTLS handshake before any check
        if (i % 4 == 1) bytes[0] = 0x80;                               // RTP
        if (i % 4 == 2 && bytes.size() >= 20) store_u32(bytes.data() + 4, 0x2112a442);  // nearly STUN
        scene.house.datagram_to_house(at, bytes);
        if (i % 50 == 0) scene.run_for(20ms);
    }
    scene.run_for(2s);
    CHECK(stranger.answers == 0);
    scene.house.forget_client(&stranger);
    ENDS_WELL(scene);
}

TEST_CASE("vanished_voice_is_told_as_lost_and_the_others_go_on") {
    Scene scene{323};
    auto& ann = scene.caller_in("Ann");
    auto& ben = scene.caller_in("Ben");
    auto& cora = scene.caller_in("Cora");
    for (auto* caller : {&ann, &ben, &cora}) caller->talk(true);
    scene.run_for(1s);
    ben.stay_away(true);
    ben.vanish();
    ben.phone().habits.udp_only = true;
    ben.phone().cut_udp(true);
    scene.run_for(7s);
    CHECK(ann.presence_of("#lobby", "Ben") == Presence::quiet);
    CHECK(hears_within(scene, ann, cora, 200ms));
    scene.run_for(30s);
    CHECK(hears_within(scene, ann, cora, 200ms));
    CHECK_FALSE(ann.room("#lobby").people.at(ben.member()).in_call);
    scene.run_for(45s);
    CHECK_FALSE(ann.sees_person("#lobby", "Ben"));
    ENDS_WELL(scene);
}

TEST_CASE("voice_outlives_a_lost_websocket") {
    Scene scene{324};
    auto& ann = scene.caller_in("Ann");
    auto& ben = scene.caller_in("Ben");
    ann.talk(true);
    scene.run_for(1s);
    ann.stay_away(true);
    ann.lose_connection();
    scene.run_for(3s);
    CHECK(hears_within(scene, ben, ann, 200ms));  // nothing of the voice went through the WebSocket
    ann.stay_away(false);
    scene.settle();
    CHECK(ann.resumes() == 1);
    CHECK(ann.calls_ended() == 0);
    CHECK(hears_within(scene, ben, ann, 200ms));
    scene.check_all();
    ENDS_WELL(scene);
}

TEST_CASE("house_falls_and_the_voices_come_back") {
    Scene scene{325};
    auto& ann = scene.caller_in("Ann");
    auto& ben = scene.caller_in("Ben");
    ann.talk(true);
    ben.talk(true);
    scene.run_for(1s);
    scene.house.crash();
    scene.run_for(500ms);
    scene.house.start();
    scene.settle();
    CHECK(hears_within(scene, ann, ben, 2s));
    CHECK(hears_within(scene, ben, ann, 2s));
    scene.check_all();
    ENDS_WELL(scene);
}

TEST_CASE("voice_through_bad_weather_has_no_repeated_number_and_comes_clean_afterwards") {
    for (std::uint64_t seed = 326; seed < 336; ++seed) {
        Scene scene{seed};
        auto& ann = scene.caller_in("Ann");
        auto& ben = scene.caller_in("Ben");
        auto& cora = scene.caller_in("Cora");
        for (auto* caller : {&ann, &ben, &cora}) caller->talk(true);
        scene.house.weather = draw_weather(scene.world.chance(), 1.0);
        scene.run_for(15s);
        CHECK(heard(scene, ann, ben) > 100);
        scene.heal();
        scene.settle();
        scene.check_all();
        ENDS_WELL(scene);
    }
}

TEST_CASE("captured_browser_answers_are_taken_or_refused_in_words") {
    for (const auto* name : {"chromium-plain-answer.sdp", "firefox-plain-answer.sdp", "chromium-simulcast-answer.sdp", "firefox-simulcast-answer.sdp", "chromium-plain-offer.sdp"}) {
        Scene scene{336};
        auto& ann = scene.web_in("Ann");
        auto& ben = scene.caller_in("Ben");
        const auto sdp = captured(name);
        REQUIRE(sdp.size() > 100);
        ann.answer_with = sdp;
        ann.call("#lobby");
        scene.run_for(5s);
        CHECK(scene.world.sound());
        ann.leave_call();
        scene.run_for(1s);
        ann.answer_with.reset();
        ann.call("#lobby");
        scene.settle();
        ann.talk(true);
        CHECK(hears_within(scene, ben, ann, 2s));  // what was odd before harms nothing now
        ENDS_WELL(scene);
    }
}
