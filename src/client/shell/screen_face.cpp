#include "client/shell/screen_face.hpp"

#include <csignal>
#include <ctime>
#include <utility>

namespace earshot::client {
namespace {

int utc_offset_seconds(WallMs moment) {
    const auto seconds = static_cast<std::time_t>(moment / 1000);
    std::tm local{};
    return ::localtime_r(&seconds, &local) == nullptr ? 0 : static_cast<int>(local.tm_gmtoff);
}

// Over SSH each picture costs the line; five a second still show who speaks.
screen::ScreenSettings settings_for(const screen::TerminalTraits& traits, bool repeat_keys) {
    return {.alphabet = traits.alphabet,
            .frame = traits.remote ? Duration{200ms} : Duration{50ms},
            .repeat_keys = repeat_keys,
            .utc_offset_seconds = utc_offset_seconds};
}

}  // namespace

std::expected<std::unique_ptr<ScreenFace>, std::string> ScreenFace::open(bool repeat_keys) {
    auto terminal = screen::Terminal::open();
    if (!terminal) return std::unexpected(terminal.error());
    return std::unique_ptr<ScreenFace>(new ScreenFace(std::move(*terminal), repeat_keys));
}

ScreenFace::ScreenFace(std::unique_ptr<screen::Terminal> terminal, bool repeat_keys)
    : terminal_(std::move(terminal)), screen_(settings_for(terminal_->traits(), repeat_keys)) {
    screen_.resize(terminal_->size());
}

// The bell rings for what is meant for this member while he looks elsewhere.
void ScreenFace::happened(Now, const Happening& happening) {
    if (screen_.state().window_focused) return;
    const auto* said = std::get_if<happening::Said>(&happening);
    const auto* direct = std::get_if<happening::Private>(&happening);
    if ((said && said->line.mention && !said->history) || (direct && !direct->line.own)) terminal_->bell();
}

void ScreenFace::typed(Now now, const std::string& bytes, const Model& model, std::vector<Action>& out) {
    if (bytes.empty()) {  // the terminal is gone
        alive_ = false;
        return;
    }
    screen_.receive(now.at, as_bytes(bytes), model, out);
    if (terminal_->set_backdrop(screen_.backdrop())) screen_.redraw();
}

void ScreenFace::update(Now now, const Model& model, std::vector<Action>& out) {
    screen_.tick(now.at, model, out);
    if (const auto* canvas = screen_.frame(now, model)) terminal_->draw(*canvas);
}

void ScreenFace::resized() { screen_.resize(terminal_->size()); }

void ScreenFace::redraw() {
    terminal_->redraw();
    screen_.redraw();
}

// Only this process: a server that was started with it goes on.
void ScreenFace::suspend() {
    terminal_->suspend();
    ::raise(SIGSTOP);
    terminal_->resume();
    screen_.redraw();
    resized();
}

}  // namespace earshot::client
