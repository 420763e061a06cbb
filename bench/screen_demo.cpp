// The screen of the terminal client over made-up houses, to look at and to try keys on.
//   screen_demo [SCENE]     Ctrl+C twice leaves; Ctrl+N shows the next scene
#include <poll.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <string_view>

#include "client/screen/scenes_for_tests.hpp"
#include "client/screen/screen.hpp"
#include "client/screen/terminal.hpp"

using namespace earshot;
using namespace earshot::client;

namespace {

Now now() {
    const auto since = std::chrono::steady_clock::now().time_since_epoch();
    return {Time{std::chrono::duration_cast<Duration>(since)}, screen::kSceneTime};
}

// What the house would do with the simplest actions.
void act(Model& model, const Action& action) {
    const auto flip = [](bool& value, Switch to) { value = to == Switch::kToggle ? !value : to == Switch::kOn; };
    if (const auto* mute = std::get_if<action::Mute>(&action)) flip(model.voice.muted, mute->to);
    if (const auto* deafen = std::get_if<action::Deafen>(&action)) flip(model.voice.deafened, deafen->to);
    if (const auto* talk = std::get_if<action::Talk>(&action)) {
        flip(model.voice.pushed, talk->to);
        model.voice.sending = model.voice.pushed;
    }
    if (const auto* show = std::get_if<action::Show>(&action)) model.current = show->room;
    if (const auto* enter = std::get_if<action::Enter>(&action)) {
        if (auto* room = model.find_room(model.current)) {
            room->lines.push_back(screen::said(1'000'000 + model.version, now().wall_ms, model.member, model.name, enter->line));
            room->lines.back().own = true;
        }
    }
    ++model.version;
}

// A voice that rises and falls, so that the meters have something to show.
void live(Model& model, Time at) {
    const double t = std::chrono::duration<double>(at.time_since_epoch()).count();
    const auto level = [t](double phase) { return static_cast<float>(-30 + 18 * std::sin(t * 5 + phase) + 6 * std::sin(t * 17 + phase)); };
    for (auto& room : model.rooms) {
        for (auto& [member, person] : room.people) {
            if (person.speaking) person.level_dbfs = level(static_cast<double>(member));
        }
    }
    if (model.voice.sending) model.voice.microphone_dbfs = level(0);
    ++model.version;
}

}  // namespace

int main(int argc, char** argv) {
    std::size_t scene = 0;
    bool moving = false;
    for (int i = 1; i < argc; ++i) {
        if (std::string_view(argv[i]) == "--live") moving = true;
        for (std::size_t s = 0; s < std::size(screen::kScenes); ++s) {
            if (screen::kScenes[s].name == argv[i]) scene = s;
        }
    }
    auto terminal = screen::Terminal::open();
    if (!terminal) {
        std::fprintf(stderr, "screen_demo: %s\n", terminal.error().c_str());
        return 1;
    }
    screen::Screen screen({.alphabet = (*terminal)->traits().alphabet, .frame = (*terminal)->traits().remote ? Duration{200ms} : Duration{50ms}});
    auto model = screen::kScenes[scene].make();
    if (model.link == Link::kReconnecting) model.retry_at = now().at + 8s;
    for (;;) {
        screen.resize((*terminal)->size());
        if ((*terminal)->set_backdrop(screen.backdrop())) screen.redraw();
        if (const auto* canvas = screen.frame(now(), model)) (*terminal)->draw(*canvas);
        pollfd input{STDIN_FILENO, POLLIN, 0};
        const auto until = screen.deadline(model);
        const auto wait = until == kNever ? 250 : std::clamp<std::int64_t>(whole_ms(until - now().at) + 1, 0, 250);
        ::poll(&input, 1, static_cast<int>(moving ? std::min<std::int64_t>(wait, 50) : wait));
        std::vector<Action> actions;
        std::array<std::uint8_t, 4096> bytes{};
        if ((input.revents & (POLLIN | POLLHUP)) != 0) {
            const auto size = ::read(STDIN_FILENO, bytes.data(), bytes.size());
            if (size <= 0) return 0;
            if (size == 1 && bytes[0] == 0x0e)
                model = screen::kScenes[scene = (scene + 1) % std::size(screen::kScenes)].make();
            else
                screen.receive(now().at, Bytes(bytes).first(static_cast<std::size_t>(size)), model, actions);
        }
        if (moving) live(model, now().at);
        screen.tick(now().at, model, actions);
        for (const auto& action : actions) {
            if (std::holds_alternative<action::Quit>(action)) return 0;
            if (std::holds_alternative<action::Redraw>(action)) (*terminal)->redraw();
            act(model, action);
        }
    }
}
