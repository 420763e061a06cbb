// What people do with text, told on the made stage.
#include <doctest/doctest.h>

#include "sim/scene.hpp"

using namespace earshot;
using namespace earshot::sim;
using Refusal = wire::web::Refusal;
using Presence = wire::web::Presence;

// A story ends well when no invariant broke; if one did, its trace is shown.
#define ENDS_WELL(scene) \
    INFO((scene).world.report()); \
    CHECK((scene).world.sound())

TEST_CASE("two_people_type_and_read_each_other_in_one_order") {
    Scene scene{1};
    auto& ann = scene.web_in("Ann");
    auto& ben = scene.web_in("Ben");
    std::vector<std::string> texts;
    for (int i = 0; i < 10; ++i) {
        texts.push_back(ann.say("#lobby", "hello"));
        texts.push_back(ben.say("#lobby", "hello yourself"));
        scene.run_for(250ms);
    }
    scene.settle();
    for (const auto& text : texts) {
        CHECK(ann.times_seen("#lobby", text) == 1);
        CHECK(ben.times_seen("#lobby", text) == 1);
        CHECK((ann.accepted().contains(text) || ben.accepted().contains(text)));
    }
    CHECK(ann.sees_person("#lobby", "Ben"));
    CHECK(ben.sees_person("#lobby", "Ann"));
    scene.check_all();
    ENDS_WELL(scene);
}

TEST_CASE("third_joins_by_bare_socket") {
    Scene scene{2};
    auto& ann = scene.web_in("Ann");
    auto& ben = scene.web_in("Ben");
    auto& pat = scene.plain_in("Pat", Framing::kLines);
    const auto from_pat = pat.say("hello from nc");
    const auto from_ann = ann.say("#lobby", "hello nc");
    REQUIRE(scene.until([&] { return ben.sees("#lobby", from_pat) && pat.saw("Ann>>" + from_ann); }, 5s));
    CHECK(pat.times_saw("Pat>>" + from_pat) == 1);  // the sender sees his own
    CHECK(ben.room("#lobby").people.size() == 3);
    pat.quit();
    REQUIRE(scene.until([&] { return !ann.sees_person("#lobby", "Pat"); }, 5s));
    CHECK(pat.raw().find("{quit}") != std::string::npos);
    scene.check_all();
    ENDS_WELL(scene);
}

TEST_CASE("line_client_gets_lines") {
    Scene scene{3};
    auto& pat = scene.plain_in("Pat", Framing::kLines);
    auto& quinn = scene.plain_in("Quinn", Framing::kLines);
    const auto text = quinn.say("good day");
    REQUIRE(scene.until([&] { return pat.saw("Quinn>>" + text); }, 5s));
    CHECK(pat.raw() == "Enter your name:Welcome Pat! Type {quit} to exit the chat room.\nQuinn has entered the chat room!\nQuinn>>" + text + "\n");
    ENDS_WELL(scene);
}

TEST_CASE("segment_client_gets_no_newline") {
    Scene scene{4};
    auto& pat = scene.plain_in("Pat", Framing::kSegments);
    auto& quinn = scene.plain_in("Quinn", Framing::kLines);
    const auto text = quinn.say("good day");
    const auto own = pat.say("same to you");
    REQUIRE(scene.until([&] { return pat.saw("Quinn>>" + text) && pat.saw("Pat>>" + own) && quinn.saw("Pat>>" + own); }, 5s));
    CHECK(pat.raw().find('\n') == std::string::npos);
    CHECK(pat.raw().starts_with("Enter your name:Welcome Pat! Type {quit} to exit the chat room.Quinn has entered the chat room!"));
    quinn.quit();
    REQUIRE(scene.until([&] { return pat.saw("Quinn has left the chat room."); }, 5s));
    ENDS_WELL(scene);
}

TEST_CASE("the_second_phrase_set_is_spoken_when_set") {
    SceneSettings settings;
    settings.phrases = PhraseSet::kC;
    Scene scene{5, settings};
    auto& pat = scene.plain_in("Pat", Framing::kLines);
    auto& quinn = scene.plain_in("Quinn", Framing::kSegments);
    const auto text = quinn.say("good day");
    REQUIRE(scene.until([&] { return pat.saw("Quinn: " + text); }, 5s));
    quinn.quit();
    REQUIRE(scene.until([&] { return pat.saw("Quinn has left the chat."); }, 5s));
    CHECK(pat.raw() == "Type your name and press enter!Welcome Pat! If you ever want to quit, type {quit} to exit.\nQuinn has joined the chat!\nQuinn: " + text + "\nQuinn has left the chat.\n");
    ENDS_WELL(scene);
}

TEST_CASE("a_taken_name_at_the_bare_socket_is_one_sentence_and_the_prompt_again") {
    Scene scene{6};
    scene.web_in("Pat");
    auto& pat = scene.plain_in("Pat", Framing::kLines);
    CHECK(pat.name() != "Pat");
    const auto first = pat.raw().find("Enter your name:");
    CHECK(pat.raw().find("Enter your name:", first + 1) != std::string::npos);
    ENDS_WELL(scene);
}

TEST_CASE("resumed_client_has_each_message_once") {
    for (std::uint64_t seed = 10; seed < 20; ++seed) {
        Scene scene{seed};
        auto& ann = scene.web_in("Ann");
        auto& ben = scene.web_in("Ben");
        const auto before = ann.member();
        for (int i = 0; i < 40; ++i) {
            ben.say("#lobby", "is anybody there");
            if (i % 10 == 3) ann.lose_connection();
            if (i % 10 == 7) ann.vanish();
            scene.run_for(200ms);
        }
        scene.settle();
        CHECK(ann.resumes() >= 6);
        CHECK(ann.member() == before);
        for (const auto& [text, id] : ben.accepted()) CHECK(ann.times_seen("#lobby", text) == 1);
        CHECK(ben.accepted().size() == 40);
        scene.check_all();
        ENDS_WELL(scene);
    }
}

TEST_CASE("retry_is_not_a_second_message") {
    Scene scene{21};
    auto& ann = scene.web_in("Ann");
    auto& ben = scene.web_in("Ben");
    const std::string text = "[twice-1] the same";
    for (int i = 0; i < 5; ++i) {
        ann.repeat_say("#lobby", text, "client-message-1");
        scene.run_for(i < 2 ? 1ms : 500ms);  // while the first is being written, and afterwards
    }
    scene.settle();
    CHECK(ben.times_seen("#lobby", text) == 1);
    scene.house.crash();  // what was known of retries in memory is gone
    scene.run_for(100ms);
    scene.house.start();
    scene.settle();
    const auto first = ann.accepted().at(text);
    ann.repeat_say("#lobby", text, "client-message-1");
    scene.settle();
    CHECK(ann.accepted().at(text) == first);
    scene.check_all();
    ENDS_WELL(scene);
}

TEST_CASE("acknowledged_message_survives_a_crash") {
    for (std::uint64_t seed = 30; seed < 60; ++seed) {
        Scene scene{seed};
        auto& ann = scene.web_in("Ann");
        scene.house.settings.disk_delay = 50ms;
        for (int i = 0; i < 8; ++i) ann.say("#lobby", "remember this");
        scene.run_for(scene.world.between(0ms, 200ms));
        scene.house.crash();
        scene.run_for(200ms);
        scene.house.start();
        scene.settle();
        CHECK(ann.accepted().size() == 8);
        scene.check_all();
        ENDS_WELL(scene);
    }
}

TEST_CASE("slow_reader_is_dropped_and_catches_up") {
    Scene scene{61};
    auto& ann = scene.web_in("Ann");
    auto& ben = scene.web_in("Ben");
    auto& cora = scene.web_in("Cora");
    ann.read_slowly(true);
    for (int i = 0; i < 400 && !ann.last_end(); ++i) {
        ben.say("#lobby", std::string(3500, 'b'));
        cora.say("#lobby", std::string(3500, 'c'));
        scene.run_for(120ms);
        REQUIRE(scene.world.sound());
    }
    CHECK(ann.last_end().has_value());  // the room did not wait for him
    scene.heal();
    scene.settle();
    scene.check_all();
    for (const auto& [text, id] : ben.accepted()) CHECK(ann.times_seen("#lobby", text) == 1);
    ENDS_WELL(scene);
}

TEST_CASE("vanished_member_is_quiet_then_reconnecting_then_gone") {
    Scene scene{62};
    auto& ann = scene.web_in("Ann");
    auto& ben = scene.web_in("Ben");
    ben.stay_away(true);
    ben.lose_connection();
    scene.run_for(3s);
    CHECK(ann.presence_of("#lobby", "Ben") == Presence::here);
    scene.run_for(4s);
    CHECK(ann.presence_of("#lobby", "Ben") != Presence::here);
    scene.run_for(20s);
    CHECK(ann.presence_of("#lobby", "Ben") == Presence::reconnecting);
    scene.run_for(6s);
    CHECK_FALSE(ann.sees_person("#lobby", "Ben"));
    ENDS_WELL(scene);
}

TEST_CASE("short_absence_is_announced_to_nobody") {
    Scene scene{63};
    auto& ann = scene.web_in("Ann");
    auto& ben = scene.web_in("Ben");
    const auto lines = ann.room("#lobby").people.size();
    ben.lose_connection();
    for (int i = 0; i < 30; ++i) {
        scene.run_for(100ms);
        CHECK(ann.room("#lobby").people.size() == lines);
        CHECK(ann.presence_of("#lobby", "Ben") == Presence::here);
    }
    CHECK(ben.resumes() == 1);
    ENDS_WELL(scene);
}

TEST_CASE("look_alike_name_is_refused") {
    Scene scene{64};
    scene.web_in("paypal");
    auto& thief = scene.web("p\xd0\xb0ypal");  // the second letter is Cyrillic
    thief.come();
    scene.run_for(3s);
    CHECK((thief.was_refused(Refusal::name_taken) || thief.was_refused(Refusal::name_invalid)));
    CHECK(thief.name() != "paypal");
    auto& shouter = scene.web("PayPal");
    shouter.come();
    scene.run_for(3s);
    CHECK(shouter.was_refused(Refusal::name_taken));
    ENDS_WELL(scene);
}

TEST_CASE("flood_is_refused_by_name") {
    Scene scene{65};
    auto& ann = scene.web_in("Ann");
    auto& ben = scene.web_in("Ben");
    for (int i = 0; i < 30; ++i) ann.say("#lobby", "buy my watches");
    scene.run_for(1s);
    CHECK(ann.was_refused(Refusal::flood));
    CHECK(ben.room("#lobby").messages.size() <= 31);
    scene.settle();  // he goes on more slowly, and nothing is lost
    CHECK(ann.accepted().size() == 30);
    ENDS_WELL(scene);
}

TEST_CASE("message_too_long_is_refused") {
    Scene scene{66};
    auto& ann = scene.web_in("Ann");
    const auto fits = ann.say("#lobby", std::string(3900, 'x'));
    const auto refused = ann.say("#lobby", std::string(4001, 'x'));
    scene.settle();
    CHECK(ann.accepted().contains(fits));
    CHECK_FALSE(ann.accepted().contains(refused));
    CHECK(ann.was_refused(Refusal::too_long));
    ENDS_WELL(scene);
}

TEST_CASE("leaver_hears_nothing_more") {
    Scene scene{67};
    auto& ann = scene.web_in("Ann");
    auto& ben = scene.web_in("Ben");
    ann.say("#lobby", "before");
    scene.settle();
    for (int i = 0; i < 5; ++i) ann.say("#lobby", "while he leaves");
    ben.leave("#lobby");
    for (int i = 0; i < 5; ++i) ann.say("#lobby", "after");
    ann.topic("#lobby", "without Ben");
    scene.settle();
    const auto had = ben.room("#lobby").messages.size();
    scene.run_for(10s);
    CHECK(ben.room("#lobby").messages.size() == had);
    CHECK(had < 11);
    CHECK_FALSE(ann.sees_person("#lobby", "Ben"));
    ENDS_WELL(scene);  // WebMember breaks the run on any event of a room he is not in
}

TEST_CASE("leaving_and_coming_back_while_the_disk_is_slow_shows_each_message_once") {
    Scene scene{167};
    auto& ann = scene.web_in("Ann");
    auto& ben = scene.web_in("Ben");
    scene.house.settings.disk_delay = 3s;
    ann.say("#lobby", "the order waits for the disk");
    scene.run_for(10ms);
    for (int i = 0; i < 3; ++i) {
        ben.leave("#lobby");
        scene.run_for(10ms);
        ben.join("#lobby");
        scene.run_for(10ms);
    }
    scene.settle();
    ann.say("#lobby", "now");
    scene.settle();
    CHECK(ben.in("#lobby"));
    scene.check_all();
    ENDS_WELL(scene);
}

TEST_CASE("disk_full_refuses_and_recovers") {
    Scene scene{68};
    auto& ann = scene.web_in("Ann");
    auto& ben = scene.web_in("Ben");
    ann.say("#lobby", "fits");
    scene.settle();
    scene.disk.faults.capacity = scene.disk.size();
    const auto text = ann.say("#lobby", "does not fit");
    REQUIRE(scene.until([&] { return ann.was_refused(Refusal::not_saved); }, 5s));
    CHECK_FALSE(ben.sees("#lobby", text));
    scene.disk.faults.capacity.reset();
    scene.settle();
    CHECK(ann.accepted().contains(text));
    CHECK(ben.times_seen("#lobby", text) == 1);
    scene.check_all();
    ENDS_WELL(scene);
}

TEST_CASE("restart_keeps_rooms_topics_history") {
    Scene scene{69};
    auto& ann = scene.web_in("Ann", "#tea");
    const auto text = ann.say("#tea", "is green");
    ann.topic("#tea", "leaves and water");
    scene.settle();
    scene.house.stop();
    scene.run_for(500ms);
    scene.house.start();
    scene.settle();
    auto& ben = scene.web_in("Ben", "#tea");
    scene.settle();
    CHECK(ben.times_seen("#tea", text) == 1);
    CHECK(ben.room("#tea").topic == "leaves and water");
    CHECK_FALSE(ann.closings().empty());
    CHECK(ann.closings().back().reason == wire::web::ClosingReason::shutdown);
    scene.check_all();
    ENDS_WELL(scene);
}

TEST_CASE("history_pages_to_the_beginning") {
    Scene scene{70};
    auto& ann = scene.web_in("Ann");
    for (int i = 0; i < 120; ++i) {
        ann.say("#lobby", "page");
        scene.run_for(110ms);
    }
    scene.settle();
    auto& ben = scene.web_in("Ben");
    scene.check_all();
    CHECK(ben.room("#lobby").messages.size() == 122);  // and the two of the roll call
    ENDS_WELL(scene);
}

TEST_CASE("second_window_of_one_session_replaces_the_first") {
    Scene scene{71};
    auto& ann = scene.web_in("Ann");
    auto& ben = scene.web_in("Ben");
    auto& window = scene.web("Ann again");
    window.session_override = ann.session();
    ann.stay_away(true);
    window.join("#lobby");
    window.come();
    REQUIRE(scene.until([&] { return window.here() && !ann.online(); }, 10s));
    CHECK(window.member() == ann.member());
    REQUIRE_FALSE(ann.closings().empty());
    CHECK(ann.closings().back().reason == wire::web::ClosingReason::replaced);
    CHECK(ben.room("#lobby").people.size() == 2);
    ENDS_WELL(scene);
}

TEST_CASE("guessed_session_is_nobodys") {
    Scene scene{72};
    auto& ann = scene.web_in("Ann");
    auto& thief = scene.web("Thief");
    thief.session_override = std::string(ann.session().size(), 'a');
    thief.come();
    REQUIRE(scene.until([&] { return thief.here(); }, 5s));
    CHECK(thief.resumes() == 0);
    CHECK(thief.member() != ann.member());
    ENDS_WELL(scene);
}

TEST_CASE("typing_is_told_to_the_others_alone") {
    Scene scene{73};
    auto& ann = scene.web_in("Ann");
    auto& ben = scene.web_in("Ben");
    ann.typing("#lobby");
    REQUIRE(scene.until([&] { return ben.room("#lobby").typing_seen == 1; }, 2s));
    CHECK(ann.room("#lobby").typing_seen == 0);
    ENDS_WELL(scene);
}

TEST_CASE("private_message_reaches_one") {
    Scene scene{74};
    auto& ann = scene.web_in("Ann");
    auto& ben = scene.web_in("Ben");
    auto& cora = scene.web_in("Cora");
    ann.direct(ben.member(), "between us");
    REQUIRE(scene.until([&] { return ben.directs().size() == 1 && ann.directs().size() == 1; }, 2s));
    CHECK(ben.directs().front().text == "between us");
    CHECK(cora.directs().empty());
    ENDS_WELL(scene);
}

TEST_CASE("new_name_is_seen_by_everyone_and_the_old_one_is_free") {
    Scene scene{75};
    auto& ann = scene.web_in("Ann");
    auto& ben = scene.web_in("Ben");
    auto& pat = scene.plain_in("Pat", Framing::kLines);
    ann.nick("Anna");
    REQUIRE(scene.until([&] { return ben.sees_person("#lobby", "Anna"); }, 3s));
    CHECK_FALSE(ben.sees_person("#lobby", "Ann"));
    const auto text = ann.say("#lobby", "new name");
    REQUIRE(scene.until([&] { return pat.saw("Anna>>" + text); }, 3s));
    auto& other = scene.web_in("Ann");
    CHECK(other.name() == "Ann");
    ENDS_WELL(scene);
}

TEST_CASE("nobody_says_hello_and_is_shown_the_door") {
    Scene scene{76};
    struct Mute final : StreamClient {
        void opened() override {}
        void arrived(std::string_view) override {}
        void ended(std::uint16_t, std::string_view) override { over = true; }
        bool over = false;
    } mute;
    auto stream = scene.house.connect(port::Door::kWeb, Framing::kMessages, {IpAddress::v4(10, 9, 9, 9), 1}, &mute);
    scene.run_for(8s);
    CHECK_FALSE(mute.over);
    scene.run_for(5s);
    CHECK(mute.over);
    ENDS_WELL(scene);
}

TEST_CASE("ill_will_disturbs_nobody") {
    for (std::uint64_t seed = 80; seed < 84; ++seed) {
        Scene scene{seed};
        auto& ann = scene.web_in("Ann");
        auto& ben = scene.web_in("Ben");
        for (int i = 0; i < 4; ++i) scene.hostile(i % 2 ? port::Door::kPlain : port::Door::kWeb).come();
        for (int i = 0; i < 40; ++i) {
            const auto text = ann.say("#lobby", "calm");
            REQUIRE(scene.until([&] { return ben.sees("#lobby", text); }, 2s));
            scene.run_for(500ms);
            REQUIRE(scene.world.sound());
        }
        scene.heal();
        scene.run_for(80s);
        scene.check_all();
        ENDS_WELL(scene);
    }
}
