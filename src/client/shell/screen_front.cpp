#include "client/shell/screen_front.hpp"

#include <unistd.h>

#include <array>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <ctime>
#include <utility>
#include <vector>

#include "client/screen/screen.hpp"
#include "client/screen/terminal.hpp"
#include "io/net/clock.hpp"

namespace earshot::client {
namespace {

namespace asio = io::asio;

int utc_offset_seconds(WallMs moment) {
    const auto seconds = static_cast<std::time_t>(moment / 1000);
    std::tm local{};
    return ::localtime_r(&seconds, &local) == nullptr ? 0 : static_cast<int>(local.tm_gmtoff);
}

}  // namespace

struct ScreenFront::Hidden {
    Hidden(asio::io_context& loop, const Model& shown, std::function<void(const Action&)> carry_out)
        : model(shown), act(std::move(carry_out)), input(loop), signals(loop, SIGWINCH, SIGCONT, SIGTSTP), timer(loop) {}

    const Model& model;
    std::function<void(const Action&)> act;
    std::unique_ptr<screen::Terminal> terminal;
    std::unique_ptr<screen::Screen> screen;
    asio::posix::stream_descriptor input;
    asio::signal_set signals;
    io::Timer timer;
    Time armed_for = kNever;
    bool drawing = false;  // an action changes the model while we are at it
    bool stopped = false;
    std::shared_ptr<int> life = std::make_shared<int>();  // handlers that come after the end see that it is gone

    void wait_for_input();
    void read_input();
    void wait_for_signal();
    void on_signal(int signal);
    void carry_out(std::vector<Action>& actions);
    void stop();
    void turn();
    void arm();
};

// Ready to be read is all that is asked of the loop: a descriptor that does not block would not block for others who hold it either,
// our own output among them.
void ScreenFront::Hidden::wait_for_input() {
    input.async_wait(asio::posix::stream_descriptor::wait_read, [this, mine = std::weak_ptr(life)](const boost::system::error_code& error) {
        if (error || mine.expired()) return;
        read_input();
    });
}

void ScreenFront::Hidden::read_input() {
    std::array<std::uint8_t, 4096> bytes{};
    const auto size = ::read(STDIN_FILENO, bytes.data(), bytes.size());
    if (size <= 0 && errno != EINTR && errno != EAGAIN) {  // the terminal is gone
        act(action::Quit{});
        return;
    }
    std::vector<Action> actions;
    if (size > 0) screen->receive(io::read_clock(), Bytes(bytes).first(static_cast<std::size_t>(size)), model, actions);
    if (terminal->set_backdrop(screen->backdrop())) screen->redraw();
    wait_for_input();
    carry_out(actions);
    turn();
}

void ScreenFront::Hidden::wait_for_signal() {
    signals.async_wait([this, mine = std::weak_ptr(life)](const boost::system::error_code& error, int signal) {
        if (error || mine.expired()) return;
        wait_for_signal();
        on_signal(signal);
    });
}

void ScreenFront::Hidden::on_signal(int signal) {
    if (signal == SIGTSTP) return stop();
    if (signal == SIGCONT && !std::exchange(stopped, false)) {  // stopped by others: whatever they did to the terminal, take it anew
        terminal->suspend();
        terminal->resume();
        screen->redraw();
    }
    screen->resize(terminal->size());
    turn();
}

// Only this process: a server that was started with it goes on.
void ScreenFront::Hidden::stop() {
    terminal->suspend();
    stopped = true;
    ::raise(SIGSTOP);
    terminal->resume();
    screen->redraw();
    screen->resize(terminal->size());
    turn();
}

void ScreenFront::Hidden::carry_out(std::vector<Action>& actions) {
    const bool outermost = !std::exchange(drawing, true);
    for (const auto& action : actions) {
        if (std::holds_alternative<action::Redraw>(action))
            terminal->redraw();
        else if (std::holds_alternative<action::Suspend>(action))
            stop();
        else
            act(action);
    }
    if (outermost) drawing = false;
}

void ScreenFront::Hidden::turn() {
    if (drawing) return;
    const Now now = io::now();
    std::vector<Action> actions;
    screen->tick(now.at, model, actions);
    if (!actions.empty()) carry_out(actions);
    if (const auto* canvas = screen->frame(now, model)) terminal->draw(*canvas);
    arm();
}

void ScreenFront::Hidden::arm() {
    const auto until = screen->deadline(model);
    if (until == armed_for) return;
    armed_for = until;
    if (until == kNever) {
        timer.cancel();
        return;
    }
    timer.expires_at(io::on_clock(until));
    timer.async_wait([this, mine = std::weak_ptr(life)](const boost::system::error_code& error) {
        if (error || mine.expired()) return;
        armed_for = kNever;
        turn();
    });
}

ScreenFront::ScreenFront() = default;
ScreenFront::~ScreenFront() {
    if (hidden_ && hidden_->input.is_open()) hidden_->input.release();
}

std::expected<std::unique_ptr<ScreenFront>, std::string> ScreenFront::open(asio::io_context& loop, const Model& model, std::function<void(const Action&)> act,
                                                                           ScreenFrontSettings settings) {
    auto terminal = screen::Terminal::open();
    if (!terminal) return std::unexpected(terminal.error());
    std::unique_ptr<ScreenFront> out(new ScreenFront);
    out->hidden_ = std::make_unique<Hidden>(loop, model, std::move(act));
    auto& hidden = *out->hidden_;
    hidden.terminal = std::move(*terminal);
    const auto& traits = hidden.terminal->traits();
    hidden.screen = std::make_unique<screen::Screen>(screen::ScreenSettings{.alphabet = traits.alphabet,
                                                                            .frame = traits.remote ? Duration{200ms} : Duration{50ms},
                                                                            .repeat_keys = settings.repeat_keys,
                                                                            .utc_offset_seconds = utc_offset_seconds});
    hidden.screen->resize(hidden.terminal->size());
    hidden.input.assign(STDIN_FILENO);
    hidden.wait_for_input();
    hidden.wait_for_signal();
    hidden.turn();
    return out;
}

void ScreenFront::changed() { hidden_->turn(); }
PushLevel ScreenFront::push_level() const { return hidden_->screen->push_level(); }
void ScreenFront::bell() { hidden_->terminal->bell(); }

}  // namespace earshot::client
