#include "client/screen/view.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "client/screen/scenes_for_tests.hpp"

namespace earshot::client::screen {
namespace {

Look look_at(Size size, Alphabet alphabet = Alphabet::unicode) {
    Look out;
    out.size = size;
    out.alphabet = alphabet;
    out.now = Time{1h};
    out.wall_ms = kSceneTime;
    return out;
}

// Compares with the picture that is kept. EARSHOT_WRITE_GOLDEN=1 keeps this one: look at it before it is committed.
void check_golden(const std::string& name, const std::string& picture) {
    const auto path = std::string(EARSHOT_SOURCE_DIR) + "/src/client/screen/golden/" + name + ".txt";
    if (std::getenv("EARSHOT_WRITE_GOLDEN") != nullptr) std::ofstream(path) << picture;
    std::ifstream file(path);
    std::stringstream kept;
    kept << file.rdbuf();
    CAPTURE(name);
    CHECK(picture == kept.str());
}

std::string drawn(const Model& model, const ViewState& state, const Look& look, std::string_view written = {}) {
    Composer composer;
    if (!written.empty()) composer.paste({std::string(written), false});
    composer.set_limit(4000);
    return draw(model, state, composer, look).plain_text();
}

}  // namespace

TEST_CASE("the pictures of the main states at 80 by 24") {
    for (const auto& scene : kScenes) check_golden(std::string(scene.name), drawn(scene.make(), {}, look_at({80, 24})));
}

TEST_CASE("the pictures of other sizes and alphabets") {
    check_golden("raid_160x45", drawn(scenes::raid(), {}, look_at({160, 45})));
    check_golden("raid_60x18", drawn(scenes::raid(), {}, look_at({60, 18})));
    check_golden("raid_ascii", drawn(scenes::raid(), {}, look_at({80, 24}, Alphabet::ascii)));
    check_golden("talking_console", drawn(scenes::talking(), {}, look_at({80, 24}, Alphabet::console)));
    ViewState rooms;
    rooms.pane = Pane::rooms;
    rooms.chosen_room = "#maps";
    check_golden("rooms_60x18", drawn(scenes::raid(), rooms, look_at({60, 18})));
    ViewState people;
    people.pane = Pane::people;
    people.chosen_member = 3;
    check_golden("people_60x18", drawn(scenes::raid(), people, look_at({60, 18})));
    check_golden("people_80x24", drawn(scenes::raid(), people, look_at({80, 24})));
    ViewState help;
    help.help = true;
    check_golden("help", drawn(scenes::raid(), help, look_at({80, 24})));
    check_golden("sound_mode_160x45", drawn(scenes::sound_mode(), {}, look_at({160, 45})));
    check_golden("sound_microphone_60x18", drawn(scenes::sound_microphone(), {}, look_at({60, 18})));
    check_golden("sound_speak_ascii", drawn(scenes::sound_speak(), {}, look_at({80, 24}, Alphabet::ascii)));
    check_golden("pasted", drawn(scenes::raid(), {}, look_at({80, 24}), "one\ntwo\nthree of the lines that were pasted"));
}

TEST_CASE("in plain ASCII nothing of ours is beyond it") {
    for (const auto& scene : kScenes) {
        auto model = scene.make();
        for (auto& room : model.rooms) {
            room.lines.clear();
            std::erase_if(room.people, [](const auto& entry) { return entry.first >= 6; });
        }
        if (model.sound) std::erase_if(model.sound->choices, [](const auto& choice) { return choice.name.starts_with("花"); });
        for (const auto size : {Size{80, 24}, Size{160, 45}, Size{60, 18}}) {
            for (const char c : drawn(model, {}, look_at(size, Alphabet::ascii))) REQUIRE((c == '\n' || (c >= ' ' && c < 0x7f)));
        }
    }
}

TEST_CASE("every size from one cell on can be drawn, whatever the house looks like") {
    for (const auto& scene : kScenes) {
        const auto model = scene.make();
        for (const auto pane : {Pane::chat, Pane::rooms, Pane::people}) {
            for (int columns = 1; columns < 170; columns += 13) {
                for (int rows = 1; rows < 50; rows += 7) {
                    ViewState state;
                    state.pane = pane;
                    state.help = rows % 2 == 0;
                    state.scroll = {false, LineKey::of(said(1, kSceneTime, 1, "", "x")), 3};
                    const auto picture = drawn(model, state, look_at({columns, rows}), "written");
                    CHECK(std::ranges::count(picture, '\n') == rows);
                }
            }
        }
    }
}

TEST_CASE("states are told by words, not by colours alone") {
    const auto has = [](const Model& model, std::string_view word) { return drawn(model, {}, look_at({80, 24})).contains(word); };
    CHECK(has(scenes::muted(), "MUTED"));
    CHECK(has(scenes::deafened(), "DEAFENED"));
    CHECK(has(scenes::talking(), "TX"));
    CHECK(has(scenes::talking(), "weak"));
    CHECK(has(scenes::raid(), "idle"));
    CHECK(has(scenes::no_call(), "not in the call"));
    CHECK(has(scenes::no_sound(), "text only"));
    CHECK(has(scenes::reconnecting(), "Connection lost"));
    CHECK(has(scenes::refused(), "certificate"));
    auto open = scenes::raid();
    CHECK_FALSE(has(open, "not encrypted"));
    open.secure = false;
    CHECK(has(open, "not encrypted"));
}

TEST_CASE("the cursor stands behind what is written, wide letters and lines included") {
    Composer composer;
    composer.paste({"日本x\nab", false});
    auto canvas = draw(scenes::raid(), {}, composer, look_at({80, 24}));
    CHECK(canvas.cursor_shown);
    CHECK(canvas.cursor == Position{5, 22});
    composer.key({.key = Key::up});
    composer.key({.key = Key::end});
    canvas = draw(scenes::raid(), {}, composer, look_at({80, 24}));
    CHECK(canvas.cursor == Position{8, 21});
    ViewState rooms;
    rooms.pane = Pane::rooms;
    CHECK_FALSE(draw(scenes::raid(), rooms, composer, look_at({80, 24})).cursor_shown);
}

}  // namespace earshot::client::screen
