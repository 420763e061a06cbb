#include "client/screen/screen.hpp"

#include <doctest/doctest.h>

#include "client/screen/scenes_for_tests.hpp"

namespace earshot::client::screen {
namespace {

struct Desk {
    Screen screen;
    Model model = scenes::raid();
    Time at{1h};
    std::vector<Action> actions;

    explicit Desk(ScreenSettings settings = {}) : screen(settings) {
        screen.resize({80, 24});
        screen.tick(at, model, actions);
    }
    // Each key comes by itself, as keys do; the house carries out what concerns the talk key.
    void type(std::string_view bytes) {
        screen.receive(at, as_bytes(bytes), model, actions);
        settle();
    }
    void pass(Duration time) {
        at += time;
        screen.tick(at, model, actions);
        settle();
    }
    void settle() {
        for (const auto& action : actions) {
            if (const auto* talk = std::get_if<action::Talk>(&action)) model.voice.pushed = talk->to == Switch::kOn;
        }
    }
    template <typename A>
    const A* last() const {
        return actions.empty() ? nullptr : std::get_if<A>(&actions.back());
    }
    std::string picture() {
        at += 1s;
        if (const auto* canvas = screen.frame({at, kSceneTime}, model)) shown = canvas->plain_text();
        return shown;
    }
    std::string shown;
};

}  // namespace

TEST_CASE("what is written is sent by Enter") {
    Desk desk;
    desk.type("hi all");
    CHECK(std::holds_alternative<action::Typing>(desk.actions.front()));
    desk.type("\r");
    REQUIRE(desk.last<action::Enter>());
    CHECK(desk.last<action::Enter>()->line == "hi all");
    CHECK(desk.screen.composer().empty());
}

TEST_CASE("function keys and chords ask for what the bar says") {
    Desk desk;
    desk.type("\x1b[15~");
    CHECK(desk.last<action::Mute>());
    desk.type("\x1b[17~");
    CHECK(desk.last<action::Deafen>());
    desk.type("\x1bOS");
    CHECK(desk.last<action::HangUp>());
    desk.model.call.state = CallState::kNone;
    desk.type("\x1bOS");
    CHECK(desk.last<action::Call>());
    desk.type(
        "\x1b"
        "3");
    REQUIRE(desk.last<action::ShowNumber>());
    CHECK(desk.last<action::ShowNumber>()->number == 3);
    desk.type("\x1b[1;3A");
    REQUIRE(desk.last<action::ShowNext>());
    CHECK(desk.last<action::ShowNext>()->step == -1);
    desk.type("\x0c");
    CHECK(desk.last<action::Redraw>());
    desk.type("\x1a");
    CHECK(desk.last<action::Suspend>());
}

TEST_CASE("Ctrl+C discards, and leaves when it comes again soon") {
    Desk desk;
    desk.type("half a thought");
    desk.actions.clear();
    desk.type("\x03");
    CHECK(desk.screen.composer().empty());
    CHECK(desk.actions.empty());
    desk.pass(4s);
    desk.type("\x03");
    CHECK(desk.actions.empty());
    desk.type("\x03");
    CHECK(desk.last<action::Quit>());
}

TEST_CASE("the talk key switches where releases are not told") {
    Desk desk;
    CHECK(desk.screen.push_level() == PushLevel::kToggle);
    desk.type("\x1b[20~");
    REQUIRE(desk.last<action::Talk>());
    CHECK(desk.last<action::Talk>()->to == Switch::kOn);
    desk.type("\x14");
    CHECK(desk.last<action::Talk>()->to == Switch::kOff);
    desk.type("\x14");
    desk.pass(59s);
    CHECK(desk.last<action::Talk>()->to == Switch::kOn);
    desk.pass(2s);
    CHECK(desk.last<action::Talk>()->to == Switch::kOff);
    CHECK(desk.screen.state().hint.contains("minute"));
}

TEST_CASE("the talk key is held where releases are told, and let go with the focus") {
    Desk desk;
    desk.type("\x1b[?31u");
    CHECK(desk.screen.push_level() == PushLevel::kHold);
    desk.type("\x1b[20;1:1~");
    CHECK(desk.last<action::Talk>()->to == Switch::kOn);
    desk.type("\x1b[20;1:2~");
    desk.type("\x1b[20;1:3~");
    CHECK(desk.last<action::Talk>()->to == Switch::kOff);
    desk.type("\x1b[20;1:1~\x1b[O");
    CHECK(desk.last<action::Talk>()->to == Switch::kOff);
}

TEST_CASE("space talks while nothing is written, and writes otherwise") {
    Desk desk;
    desk.type("\x1b[?31u\x1b[32;;32u");
    REQUIRE(desk.last<action::Talk>());
    CHECK(desk.last<action::Talk>()->to == Switch::kOn);
    desk.type("\x1b[32;1:2u\x1b[32;1:3u");
    CHECK(desk.last<action::Talk>()->to == Switch::kOff);
    CHECK(desk.screen.composer().empty());
    desk.type("\x1b[97;;97u\x1b[32;;32u\x1b[32;1:3u");
    CHECK(desk.screen.composer().text() == "a ");
}

TEST_CASE("where there is nothing to press for, a sentence says so") {
    Desk desk;
    desk.model.voice.mode = TalkMode::kVoice;
    desk.type("\x1b[20~");
    CHECK_FALSE(desk.last<action::Talk>());
    CHECK(desk.screen.state().hint.contains("/mode ptt"));
    desk.model.call.state = CallState::kNone;
    desk.type("\x1b[20~");
    CHECK(desk.screen.state().hint.contains("F4"));
    desk.pass(10s);
    CHECK(desk.screen.state().hint.empty());
}

TEST_CASE("the talk key from outside is one and the same") {
    Desk desk;
    desk.model.voice.pushed = true;  // by `earshot ctl ptt on`
    desk.pass(1s);
    CHECK(desk.actions.empty());
    desk.type("\x1b[20~");
    REQUIRE(desk.last<action::Talk>());
    CHECK(desk.last<action::Talk>()->to == Switch::kOff);
}

TEST_CASE("rooms are chosen by arrows and opened by Enter") {
    Desk desk;
    desk.type("\x1bOQ\x1b[A\x1b[A\r");
    REQUIRE(desk.last<action::Show>());
    CHECK(desk.last<action::Show>()->room == "#maps");
    CHECK(desk.screen.state().pane == Pane::chat);
    desk.type("\x1bOQ\x1b[F\r");
    REQUIRE(desk.last<action::Join>());
    CHECK(desk.last<action::Join>()->room == "#music");
}

TEST_CASE("the volume of a person is changed in the people pane") {
    Desk desk;
    desk.type("\x1bOR\x1b[B\x1b[B+");
    REQUIRE(desk.last<action::VolumeStep>());
    CHECK(desk.last<action::VolumeStep>()->member == 3);
    CHECK(desk.last<action::VolumeStep>()->by == 10);
    desk.type("m");
    CHECK(desk.last<action::VolumeStep>()->by == -140);
    desk.type("\r");
    CHECK(desk.screen.composer().text() == "/msg Bo ");
}

TEST_CASE("scrolling up asks for what is older, and Esc returns to the newest") {
    Desk desk;
    desk.model = scenes::evening();
    desk.model.find_room("#raid-night")->complete = false;
    desk.type("\x1b[5~");
    CHECK_FALSE(desk.screen.state().scroll.following);
    CHECK(desk.actions.empty());
    for (int i = 0; i < 20; ++i) desk.type("\x1b[5~");
    CHECK(desk.last<action::FetchHistory>());
    desk.type("\x1b");
    desk.pass(100ms);
    CHECK(desk.screen.state().scroll.following);
}

TEST_CASE("each room has its draft and its place") {
    Desk desk;
    desk.type("for the raid\x1b[5~");
    desk.model.current = "#maps";
    desk.pass(0s);
    CHECK(desk.screen.composer().empty());
    CHECK(desk.screen.state().scroll.following);
    desk.model.current = "#raid-night";
    desk.pass(0s);
    CHECK(desk.screen.composer().text() == "for the raid");
}

TEST_CASE("tab completes from the model") {
    Desk desk;
    desk.type("/mut\t");
    CHECK(desk.screen.composer().text().starts_with("/mute"));
}

TEST_CASE("a question is answered by y or n alone") {
    Desk desk;
    desk.model = scenes::question();
    CHECK(desk.picture().contains("9B:11:D7:3E"));
    desk.actions.clear();
    desk.type("\r");
    desk.type("x");
    desk.type("\x1b[200~y\x1b[201~");
    CHECK(desk.actions.empty());
    desk.type("n");
    REQUIRE(desk.last<action::Answer>());
    CHECK_FALSE(desk.last<action::Answer>()->yes);
    desk.type("y");
    CHECK(desk.last<action::Answer>()->yes);
}

TEST_CASE("the sound panel takes the keys, and only its own") {
    Desk desk;
    desk.model = scenes::sound_microphone();
    desk.actions.clear();
    const auto answered = [&](std::string_view keys) {
        desk.actions.clear();
        desk.type(keys);
        desk.pass(100ms);
        const auto* answer = desk.last<action::CheckAnswer>();
        return answer != nullptr ? answer->text : desk.actions.empty() ? "nothing" : "something else";
    };
    CHECK(answered("\r") == "");
    CHECK(answered("2") == "2");
    CHECK(answered("r") == "r");
    CHECK(answered("\x7f") == "back");
    CHECK(answered("\x1b") == "skip");
    CHECK(answered("\x03") == "skip");
    CHECK(answered("hello") == "nothing");
    CHECK(answered("\x1b[20~") == "nothing");  // the talk key talks to nobody now
    CHECK(answered("\x1b[200~1\x1b[201~") == "nothing");
    desk.type("\x1b[B");
    REQUIRE(desk.last<action::CheckMove>());
    CHECK(desk.last<action::CheckMove>()->step == 1);
    CHECK(desk.screen.composer().empty());
}

TEST_CASE("who is offered a look at his sound and writes on has said no") {
    Desk desk;
    desk.model = scenes::sound_offer();
    desk.actions.clear();
    desk.type("hi");
    REQUIRE_FALSE(desk.actions.empty());
    REQUIRE(std::holds_alternative<action::CheckAnswer>(desk.actions.front()));
    CHECK(std::get<action::CheckAnswer>(desk.actions.front()).text == "skip");
    CHECK(desk.screen.composer().text() == "hi");
    desk.type("\r");
    REQUIRE(desk.last<action::CheckAnswer>());
    CHECK(desk.last<action::CheckAnswer>()->text.empty());
    desk.type("\x1b[18~");
    CHECK(desk.last<action::AudioWizard>());
}

TEST_CASE("help comes and goes") {
    Desk desk;
    desk.type("\x1bOP");
    CHECK(desk.picture().contains("Esc closes"));
    desk.type("\x1b");
    desk.pass(100ms);
    CHECK_FALSE(desk.picture().contains("Esc closes"));
}

TEST_CASE("nothing is drawn when nothing changes, and never faster than the frame") {
    Desk desk({.frame = 200ms});
    const auto frame = [&] { return desk.screen.frame({desk.at, kSceneTime}, desk.model) != nullptr; };
    CHECK(frame());
    CHECK_FALSE(frame());
    desk.screen.redraw();
    CHECK(frame());
    desk.at += 1s;
    CHECK_FALSE(frame());
    CHECK(desk.screen.deadline(desk.model) == kNever);
    ++desk.model.version;
    CHECK_FALSE(frame());  // the model says that it changed, the picture did not
    desk.at += 1s;
    desk.model.voice.microphone_dbfs = -5;
    ++desk.model.version;
    CHECK(frame());
    desk.model.voice.microphone_dbfs = -50;
    ++desk.model.version;
    desk.at += 100ms;
    CHECK_FALSE(frame());
    CHECK(desk.screen.deadline(desk.model) == desk.at + 100ms);
    desk.at += 100ms;
    CHECK(frame());
    desk.at += 20ms;  // a key is answered at once
    desk.type("x");
    CHECK(frame());
}

TEST_CASE("twenty pictures a second while somebody speaks, eight while nobody does") {
    Desk desk;
    for (auto& [member, person] : desk.model.find_room("#raid-night")->people) person.speaking = false;
    desk.picture();
    ++desk.model.version;
    CHECK(desk.screen.deadline(desk.model) == desk.at + 125ms);
    desk.model.voice.gate_open = true;
    CHECK(desk.screen.deadline(desk.model) == desk.at + 50ms);
}

TEST_CASE("a countdown and the end of typing move by themselves") {
    Desk desk;
    desk.model = scenes::reconnecting();
    desk.picture();
    CHECK(desk.screen.deadline(desk.model) <= desk.at + 1s);
    desk.model = scenes::raid();
    ++desk.model.version;
    desk.model.find_room("#raid-night")->people[3].typing_until = desk.at + 5s;
    CHECK(desk.picture().contains("Bo is typing"));
    CHECK(desk.screen.deadline(desk.model) == desk.at + 4s);
    desk.at += 4s;
    CHECK_FALSE(desk.picture().contains("Bo is typing"));
}

TEST_CASE("a pasted page waits for Enter") {
    Desk desk;
    desk.type("\x1b[200~one\ntwo\nthree\x1b[201~");
    CHECK_FALSE(desk.last<action::Enter>());
    CHECK(desk.picture().contains("3 lines wait as one message"));
    desk.type("\r");
    CHECK(desk.last<action::Enter>()->line == "one\ntwo\nthree");
}

}  // namespace earshot::client::screen
