// Made-up houses to draw: for the golden pictures and for screen_demo.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "client/model.hpp"

namespace earshot::client::screen {

inline constexpr WallMs kSceneTime = 1795292100000;  // 2026-11-21 20:15 UTC

inline Line said(std::uint64_t id, WallMs at, std::uint64_t member, std::string name, std::string text) {
    Line line;
    line.id = id;
    line.time = at;
    line.member = member;
    line.name = std::move(name);
    line.text = std::move(text);
    return line;
}

inline Line told(Line::Kind kind, WallMs at, std::string text) {
    Line line;
    line.kind = kind;
    line.time = at;
    line.text = std::move(text);
    return line;
}

inline Person somebody(std::uint64_t member, std::string name, wire::web::ClientKind kind, bool in_call) {
    Person person;
    person.member = member;
    person.name = std::move(name);
    person.client = kind;
    person.in_call = in_call;
    return person;
}

namespace scenes {

using wire::web::ClientKind;

inline Room room(std::string name, int people, int in_call, int unread, int mentions, bool joined) {
    Room out;
    out.name = std::move(name);
    out.people_count = people;
    out.in_call_count = in_call;
    out.unread = unread;
    out.mentions = mentions;
    out.joined = joined;
    out.complete = true;
    return out;
}

// Five in the call, two of them talking; a chat with a new day, emphasis, code, a mention and an answer to a command.
inline Model raid() {
    constexpr WallMs kMinute = 60'000;
    Model model;
    model.link = Link::kConnected;
    model.host = "demo.example";
    model.secure = true;
    model.server_name = "demo";
    model.member = 1;
    model.name = "mika";
    model.current = "#raid-night";
    model.rooms = {room("#lobby", 7, 0, 0, 0, true),           room("#maps", 4, 0, 3, 0, true),
                   room("#off-topic", 9, 2, 12, 1, true),      room("#raid-night", 8, 5, 0, 0, true),
                   room("#announcements", 31, 0, 0, 0, false), room("#music", 3, 3, 0, 0, false)};
    auto& raid = model.rooms[3];
    raid.topic = "Push left, then hold";
    raid.people[1] = somebody(1, "mika", ClientKind::terminal, true);
    raid.people[2] = somebody(2, "Ana", ClientKind::browser, true);
    raid.people[3] = somebody(3, "Bo", ClientKind::mumble, true);
    raid.people[4] = somebody(4, "Cy", ClientKind::browser, true);
    raid.people[5] = somebody(5, "Dee", ClientKind::browser, true);
    raid.people[6] = somebody(6, "Эмиль", ClientKind::irc, false);
    raid.people[7] = somebody(7, "花子", ClientKind::browser, false);
    raid.people[8] = somebody(8, "Frederick-the-Great", ClientKind::terminal, false);
    raid.people[2].speaking = raid.people[3].speaking = true;
    raid.people[2].level_dbfs = -14;
    raid.people[3].level_dbfs = -31;
    raid.people[3].volume_percent = 140;
    raid.people[4].muted = true;
    raid.people[5].deafened = true;
    raid.people[7].presence = wire::web::Presence::reconnecting;
    const auto at = [&](int minutes) { return kSceneTime - minutes * kMinute; };
    raid.lines.push_back(said(1, at(26 * 60), 2, "Ana", "Tomorrow at eight? I bring the **new map**."));
    raid.lines.push_back(said(2, at(26 * 60 - 1), 3, "Bo", "👍 works for me"));
    raid.lines.push_back(said(3, at(61), 3, "Bo", "did you see the map? https://maps.example/raid/7"));
    raid.lines.push_back(said(4, at(60), 2, "Ana", "push left"));
    raid.lines.push_back(
        said(5, at(60), 2, "Ana", "then hold until I say *go*, because the gate takes forty seconds to open and nobody should stand in front of it"));
    raid.lines.push_back(said(6, at(48), 7, "花子", "日本語でも大丈夫？ 次は何時ですか"));
    raid.lines.push_back(said(7, at(47), 3, "Bo", "the timer:\n```\nfor wave in 1..9 {\n    wait(40);\n}\n```"));
    raid.lines.push_back(said(8, at(30), 1, "mika", "> then hold\nunderstood:\n- left first\n- nobody at the gate"));
    raid.lines.back().own = true;
    raid.read_to = 8;
    raid.lines.push_back(told(Line::Kind::kEvent, at(6), "Dee joined the call"));
    raid.lines.push_back(said(9, at(3), 3, "Bo", "@mika ready?"));
    raid.lines.back().mention = true;
    auto direct = said(0, at(2), 2, "Ana", "bring the spare key");
    direct.kind = Line::Kind::kDirect;
    direct.to_name = "mika";
    raid.lines.push_back(direct);
    auto doing = said(10, at(1), 5, "Dee", "waves at the gate");
    doing.kind = Line::Kind::kAction;
    raid.lines.push_back(doing);
    auto pending = said(0, at(0), 1, "mika", "almost");
    pending.own = pending.pending = true;
    raid.lines.push_back(pending);

    model.call.state = CallState::kConnected;
    model.call.room = "#raid-night";
    model.call.route = Route::kUdp;
    model.call.round_trip_ms = 23;
    model.call.quality = 4;
    model.voice.available = true;
    model.voice.input = "Blue Yeti";
    model.voice.output = "Built-in Audio Analog Stereo";
    model.voice.mode = TalkMode::kPushToTalk;
    model.voice.push_level = PushLevel::kHold;
    model.voice.microphone_dbfs = -33;
    model.voice.microphone_peak_dbfs = -20;
    model.limits.text_characters = 4000;
    return model;
}

inline Model talking() {
    auto model = raid();
    model.voice.pushed = model.voice.sending = true;
    model.voice.microphone_dbfs = -9;
    model.voice.microphone_peak_dbfs = -2;
    model.rooms[3].people[1].speaking = true;
    model.rooms[3].people[1].level_dbfs = -9;
    model.call.quality = 2;
    model.call.round_trip_ms = 240;
    model.call.loss_percent = 4;
    return model;
}

inline Model gate() {
    auto model = raid();
    model.voice.mode = TalkMode::kVoice;
    model.voice.gate_open = model.voice.sending = true;
    model.voice.microphone_dbfs = -24;
    return model;
}

inline Model muted() {
    auto model = raid();
    model.voice.muted = true;
    model.rooms[3].people[1].muted = true;
    return model;
}

inline Model deafened() {
    auto model = raid();
    model.voice.muted = model.voice.deafened = true;
    model.rooms[3].people[1].deafened = true;
    return model;
}

inline Model no_call() {
    auto model = raid();
    model.call = {};
    model.rooms[3].people[1].in_call = false;
    model.rooms[3].in_call_count = 4;
    return model;
}

inline Model no_sound() {
    auto model = no_call();
    model.voice = {};
    return model;
}

inline Model connecting() {
    Model model;
    model.host = "demo.example";
    model.secure = true;
    return model;
}

inline Model nobody() {
    Model model;
    model.link = Link::kConnected;
    model.host = "localhost:8080";
    model.member = 1;
    model.name = "mika";
    model.current = "#lobby";
    model.rooms = {room("#lobby", 1, 0, 0, 0, true)};
    model.rooms[0].people[1] = somebody(1, "mika", ClientKind::terminal, false);
    model.voice.available = true;
    model.voice.input = "Blue Yeti";
    return model;
}

inline Model reconnecting() {
    auto model = raid();
    model.link = Link::kReconnecting;
    model.link_text = "The network is unreachable.";
    model.retry_at = Time{1h + 3s};
    model.call.state = CallState::kReconnecting;
    return model;
}

inline Model refused() {
    auto model = connecting();
    model.link = Link::kClosed;
    model.link_text =
        "The certificate of demo.example is not the one that was pinned. Somebody may be in between. Was SHA-256 4F:2A:91:C0, is 9B:11:D7:3E. If the server "
        "was set up anew, "
        "run earshot with --accept-fingerprint.";
    return model;
}

inline Model question() {
    auto model = connecting();
    model.question = Question{"Do you know this server?",
                              "Nobody vouches for the certificate of demo.example. The one who runs it can tell you its fingerprint:\n\n"
                              "9B:11:D7:3E:02:A4:55:61:8C:FE:10:2B:77:39:C0:DD:\n4F:2A:91:C0:6B:35:E8:14:AA:0D:72:93:5E:B1:48:27",
                              "trust it from now on", "leave"};
    return model;
}

inline Model sound_offer() {
    auto model = nobody();
    model.sound =
        SoundPanel{.offer = true,
                   .title = "First time here",
                   .text =
                       "A minute now spares others the question whether you can be heard: shall we look at your microphone and your loudspeakers? The "
                       "call goes on meanwhile.",
                   .keys = {{"Enter", "begins"}, {"Esc", "not now"}}};
    return model;
}

inline Model sound_microphone() {
    auto model = raid();
    model.sound = SoundPanel{.step = 1,
                             .steps = 5,
                             .title = "Which microphone?",
                             .text = "Say something: the bar moves when it is the right one. Nobody else hears you until this is over.",
                             .choices = {{"What the system uses", "Built-in Audio Analog Stereo"},
                                         {"Blue Yeti Stereo Microphone with a very long name of its own, rev. B", "", true},
                                         {"花子のマイク"}},
                             .meter = true,
                             .level_dbfs = -18,
                             .peak_dbfs = -6,
                             .trouble = "It does not open: it is not available. Choose another, or plug it in again.",
                             .keys = {{"Enter", "goes on"}, {"Esc", "leaves"}}};
    return model;
}

inline Model sound_many() {
    auto model = sound_microphone();
    model.sound->trouble.clear();
    for (int i = 0; i < 20; ++i) model.sound->choices.push_back({"Microphone " + std::to_string(i + 4)});
    for (auto& choice : model.sound->choices) choice.chosen = false;
    model.sound->choices[11].chosen = true;
    return model;
}

inline Model sound_speak() {
    auto model = raid();
    model.sound = SoundPanel{.step = 4,
                             .steps = 5,
                             .title = "Now say something",
                             .text = "A sentence or two, as loud as you would speak to friends.",
                             .meter = true,
                             .done = 0.4f,
                             .trouble = "I hear nothing at all: is the microphone muted, or turned down? Or is another one meant?",
                             .keys = {{"b", "back"}, {"Esc", "leaves"}}};
    return model;
}

inline Model sound_mode() {
    auto model = raid();
    model.sound = SoundPanel{.step = 5,
                             .steps = 5,
                             .title = "How shall your voice be let through?",
                             .text = "Your room is at -63 dB, your voice at -24 dB: the gate stands at -44 dB. Try it.",
                             .choices = {{"By voice", "while you are louder than the gate", true}, {"Push-to-talk", "F9 switches it on and off"}},
                             .meter = true,
                             .level_dbfs = -30,
                             .peak_dbfs = -22,
                             .gate_dbfs = -44.f,
                             .keys = {{"Enter", "done"}, {"r", "measure anew"}, {"Esc", "leaves"}}};
    return model;
}

// Everything that may go wrong in names and texts.
inline Model strange() {
    auto model = raid();
    auto& raid = model.rooms[3];
    raid.lines.clear();
    raid.people[9] = somebody(9, "e\u0301\u0301\u0301\u0301\u0301lodie", ClientKind::voix, true);
    raid.people[10] = somebody(10, "👨\u200d👩\u200d👧 family", ClientKind::socket, true);
    raid.lines.push_back(
        said(1, kSceneTime, 9, "e\u0301\u0301\u0301\u0301\u0301lodie", "a\x1b[31mred\x07 \u202eright to left\u202c \u2066isolated\u2069 done"));
    raid.lines.push_back(said(2, kSceneTime, 10, "👨\u200d👩\u200d👧 family",
                              "🇩🇪 👍🏽 ❤\ufe0f 👨\u200d👩\u200d👧 z\u0335\u0336\u0337\u0338algo \xff\xfe broken"));
    raid.lines.push_back(said(3, kSceneTime, 3, "Bo", std::string(300, 'x') + " and a word"));
    raid.lines.push_back(said(4, kSceneTime, 3, "Bo", "\n\n\nblank lines above and below\n\n"));
    raid.lines.push_back(said(5, kSceneTime, 3, "Bo", "漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字"));
    auto failed = said(0, kSceneTime, 1, "mika", "this one did not arrive");
    failed.own = failed.failed = true;
    raid.lines.push_back(failed);
    raid.lines.push_back(told(Line::Kind::kNotice, kSceneTime, "Unknown command /x, type /help"));
    return model;
}

// A long evening, to scroll in.
inline Model evening() {
    auto model = raid();
    auto& raid = model.rooms[3];
    raid.lines.clear();
    raid.read_to = 0;
    for (std::uint64_t i = 1; i <= 200; ++i) {
        raid.lines.push_back(said(i, kSceneTime - static_cast<WallMs>(200 - i) * 60'000, i % 3 + 2,
                                  i % 3 == 0   ? "Ana"
                                  : i % 3 == 1 ? "Bo"
                                               : "Cy",
                                  "message number " + std::to_string(i)));
    }
    return model;
}

}  // namespace scenes

struct Scene {
    std::string_view name;
    Model (*make)();
};

inline constexpr Scene kScenes[]{
    {"raid", scenes::raid},
    {"talking", scenes::talking},
    {"gate", scenes::gate},
    {"muted", scenes::muted},
    {"deafened", scenes::deafened},
    {"no_call", scenes::no_call},
    {"no_sound", scenes::no_sound},
    {"connecting", scenes::connecting},
    {"nobody", scenes::nobody},
    {"reconnecting", scenes::reconnecting},
    {"refused", scenes::refused},
    {"question", scenes::question},
    {"strange", scenes::strange},
    {"evening", scenes::evening},
    {"sound_offer", scenes::sound_offer},
    {"sound_microphone", scenes::sound_microphone},
    {"sound_many", scenes::sound_many},
    {"sound_speak", scenes::sound_speak},
    {"sound_mode", scenes::sound_mode},
};

}  // namespace earshot::client::screen
