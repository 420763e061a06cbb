#include "client/shell/program.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <utility>

#include "base/overloaded.hpp"
#include "client/control_line.hpp"
#include "client/house.hpp"
#include "client/lines.hpp"
#include "client/shell/control_socket.hpp"
#include "client/shell/first_wishes.hpp"
#include "client/shell/hosted.hpp"
#include "client/shell/house_line.hpp"
#include "client/shell/input_thread.hpp"
#include "client/shell/line_face.hpp"
#include "client/shell/screen_face.hpp"
#include "client/shell/sound_side.hpp"
#include "client/shell/voice_way.hpp"
#include "client/words.hpp"
#include "io/net/clock.hpp"
#include "io/net/system_random.hpp"

namespace earshot::client {
namespace {

namespace asio = io::asio;
using io::error_code;

constexpr Duration kRefreshEvery = 5s;  // devices, and what the hosted daemon logs

bool wants_screen(const Arguments& arguments) { return !arguments.plain && !arguments.json && screen::Terminal::is_possible(); }

class Program {
public:
    Program(const Arguments& arguments, SettingsStore store, Hosted* hosted)
        : arguments_(arguments),
          store_(std::move(store)),
          hosted_(hosted),
          screen_(wants_screen(arguments)),
          face_(std::make_unique<LineFace>(arguments.json)),
          house_(house_settings(arguments, store_.settings(), screen_), random_),
          timer_(context_),
          signals_(context_) {
        const auto& kept = store_.settings();
        auto& voice = house_.model().voice;
        voice.mode = kept.mode == "ptt" ? TalkMode::kPushToTalk : TalkMode::kVoice;
        voice.master_percent = kept.volume;
    }

    int run() {
        listen_to_signals();
        open_control();
        turn([&](Now now, Outbox& out) { house_.start(now, out); });
        if (!sound_.open()) return kExitSound;
        if (!screen_) tell_links(), begin_input();
        while (!over_ && context_.run_one() > 0) {
        }
        leave();
        return exit_code_;
    }

private:
    // --- one turn: a step of a machine, what it asks for, and the next alarm

    void turn(const Step& step) {
        Outbox out;
        step(io::now(), out);
        settle(std::move(out));
    }

    void settle(Outbox out) {
        while (!out.effects.empty() || !out.happenings.empty()) {
            Outbox more;
            const auto now = io::now();
            ++house_.model().version;
            for (const auto& happening : out.happenings) {
                face_->happened(now, happening);
                if (screen_ && std::holds_alternative<happening::Joined>(happening)) tell_links(), greet();
            }
            for (auto& effect : out.effects) std::visit([&](auto& each) { carry_out(now, each, more); }, effect);
            out = std::move(more);
        }
        house_.model().voice.push_level = face_->push_level();
        sound_.settle(io::now());
        if (!face_->alive()) finish(exit_code_ == kExitFine ? kExitError : exit_code_);
        update_face();
        arm();
    }

    void update_face() {
        std::vector<Action> asked;
        face_->update(io::now(), house_.model(), asked);
        for (auto& each : asked) act(std::move(each));
    }
    // What a face asks for happens in a turn of its own.
    void act(Action action) {
        asio::post(context_, [this, action = std::move(action)] {
            if (!over_) turn([&](Now now, Outbox& out) { house_.act(now, action, out); });
        });
    }

    void arm() {
        auto due = house_.deadline().at;
        due = std::min({due, voice_.deadline().at, face_->deadline(house_.model()), sound_.deadline(), refresh_at_});
        if (over_ || (armed_ && due >= armed_at_)) return;
        armed_ = true;
        armed_at_ = due;
        timer_.expires_at(io::on_clock(std::min(due, io::read_clock() + 1h)));
        timer_.async_wait([this](error_code ec) {
            if (ec) return;  // armed anew
            armed_ = false;
            wake();
        });
    }

    void wake() {
        const auto now = io::now();
        if (refresh_at_ <= now.at) refresh(now);
        voice_.tick(now);
        sound_.look(now, screen_);
        turn([&](Now at, Outbox& out) {
            if (house_.deadline().at <= at.at) house_.tick(at, out);
        });
    }

    // --- effects

    void carry_out(Now, effect::Open&, Outbox&) { line_.open(); }
    void carry_out(Now, effect::Drop&, Outbox&) { line_.drop(); }
    void carry_out(Now, effect::Send& send, Outbox&) { line_.send(std::move(send.text)); }
    void carry_out(Now now, effect::TakeOffer& offer, Outbox& out) { voice_.take_offer(now, offer, line_.home(), out); }
    void carry_out(Now now, effect::HangUp&, Outbox&) {
        voice_.hang_up(now.at);
        sound_.apply(now);
    }
    void carry_out(Now now, effect::VoiceChanged&, Outbox&) { sound_.apply(now); }

    void carry_out(Now, effect::RememberVolume& volume, Outbox&) {
        if (hosted_ != nullptr) return;  // that house is gone tomorrow
        auto& volumes = store_.settings().servers[arguments_.address.shown()].volumes;
        if (volume.percent == 100)
            volumes.erase(volume.name);
        else
            volumes[volume.name] = volume.percent;
        store_.save_soon();
    }
    void carry_out(Now, effect::Remember& what, Outbox&) {
        set_setting(store_.settings(), what.key, what.value);
        if (what.key == "gate") sound_.set_gate();
        store_.save_soon();
    }
    void carry_out(Now now, effect::Pass& pass, Outbox& out) {
        std::visit([&](const auto& action) { own(now, action, out); }, pass.action);
    }
    void carry_out(Now, effect::Finish& end, Outbox&) { finish(exit_code_ == kExitFine ? end.exit_code : exit_code_); }

    void finish(int exit_code) {
        if (std::exchange(over_, true)) return;
        exit_code_ = exit_code;
    }

    // --- actions that are ours

    template <typename A>
    void own(Now, const A&, Outbox&) {}
    void own(Now, const action::Redraw&, Outbox&) { face_->redraw(); }
    void own(Now, const action::Suspend&, Outbox&) { face_->suspend(); }
    void own(Now now, const action::Devices&, Outbox& out) { sound_.list_devices(now, out); }
    void own(Now now, const action::ChooseDevice& choice, Outbox& out) { sound_.choose_device(now, choice, out); }
    void own(Now now, const action::Meters&, Outbox& out) { sound_.tell_meters(now, out); }
    void own(Now now, const action::AudioWizard&, Outbox& out) { sound_.begin_wizard(now, !screen_, out); }
    void own(Now now, const action::TestMicrophone&, Outbox& out) { sound_.test_microphone(now, !screen_, out); }
    void own(Now now, const action::CheckAnswer& answer, Outbox& out) { sound_.answer_check(now, answer.text, out); }
    void own(Now now, const action::CheckMove& move, Outbox& out) { sound_.move_check(now, move.step, out); }
    void find_gate(Now now, Outbox& out) {
        sound_.set_gate();
        house_.notice(now, "The gate is found by itself, from the noise of the room.", out);
    }
    void own(Now now, const action::Set& set, Outbox& out) {
        auto& settings = store_.settings();
        if (set.key.empty())
            return house_.notice(
                now,
                fmt::format("name={} mode={} ptt={} gate={} volume={} aec={} noise={} music={} input={} output={}", settings.name, settings.mode, settings.ptt,
                            settings.gate, settings.volume, settings.aec, settings.noise, settings.music, settings.input, settings.output),
                out);
        if (const auto fault = set_setting(settings, set.key, set.value)) return house_.complain(now, *fault, "bad_setting", out);
        store_.save_soon();
        if (set.key == "mode") return house_.act(now, action::Mode{set.value == "ptt"}, out);
        if (set.key == "volume") return house_.act(now, action::Volume{"", settings.volume}, out);
        if (set.key == "gate") return settings.gate == 0 ? find_gate(now, out) : house_.act(now, action::Gate{static_cast<float>(settings.gate)}, out);
        if (set.key == "input" || set.key == "output")
            return house_.act(now, action::ChooseDevice{set.key == "input", set.value.empty() ? "default" : set.value}, out);
        if (set.key == "name") return house_.act(now, action::Nick{set.value}, out);
        if (set.key == "aec" || set.key == "noise" || set.key == "music") return house_.notice(now, sound_.settle_setting(set.key), out);
        house_.notice(now, fmt::format("{} is {} from the next start on.", set.key, set.value), out);
    }

    void refresh(Now now) {
        refresh_at_ = now.at + kRefreshEvery;
        if (hosted_ != nullptr) hosted_->drain();
        save_if_needed();
    }

    void save_if_needed() {
        if (const auto fault = store_.save_if_changed(); !fault.empty()) turn([&](Now now, Outbox& out) { house_.complain(now, fault, "settings", out); });
    }

    // --- faces, input, signals, ctl

    void begin_screen() {
        auto face = ScreenFace::open(store_.settings().ptt == "repeat");
        if (face)
            face_ = std::move(*face);
        else
            screen_ = false, fmt::print(stderr, "earshot: {}\n", face.error());
        begin_input();
    }

    void begin_input() {
        input_.emplace(context_, [this](std::string piece) { typed(std::move(piece)); });
        input_->more();
    }

    void typed(std::string piece) {
        if (over_) return;
        std::vector<Action> asked;
        const bool end = piece.empty();
        face_->typed(io::now(), piece, house_.model(), asked);
        for (auto& each : asked) waiting_.push_back(std::move(each));
        if (end) {
            input_over_ = true;
            if (!face_->ends_with_input()) waiting_.push_back(action::Quit{});
        }
        say_waiting();
    }

    // Typed lines go out as the house takes them; the next piece is read when all of this one is said.
    void say_waiting() {
        while (!waiting_.empty() && !over_ && house_.can_say()) {
            const auto next = std::move(waiting_.front());
            waiting_.pop_front();
            turn([&](Now now, Outbox& out) { house_.act(now, next, out); });
        }
        if (over_) return;
        if (!waiting_.empty()) {
            pause_.expires_after(20ms);
            pause_.async_wait([this](error_code ec) {
                if (!ec) say_waiting();
            });
            return;
        }
        if (!input_over_) return input_->more();
        turn([&](Now now, Outbox& out) { house_.finish_when_said(now, out); });
    }

    void listen_to_signals() {
        for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGWINCH, SIGCONT}) signals_.add(number);
        hear_signal();
    }
    void hear_signal() {
        signals_.async_wait([this](error_code ec, int number) {
            if (ec) return;
            if (number == SIGWINCH)
                face_->resized();
            else if (number == SIGCONT)
                face_->redraw();
            else
                interrupted(number);
            update_face();
            hear_signal();
        });
    }
    void interrupted(int number) {
        if (over_) return;
        if (number == SIGINT) exit_code_ = kExitInterrupted;
        turn([&](Now now, Outbox& out) { house_.act(now, action::Quit{}, out); });
    }

    void open_control() {
        auto control = ControlSocket::open(context_, [this](std::string_view line) { return controlled(line); });
        if (control)
            control_ = std::move(*control);
        else
            fmt::print(stderr, "earshot: no `earshot ctl` here: {}\n", control.error());
    }
    std::string controlled(std::string_view line) {
        const auto request = read_control(line);
        if (!request) return fmt::format("error: {}", request.error());
        if (const auto* status = std::get_if<AskStatus>(&*request)) return status->json ? status_json(house_.model()) : status_line(house_.model());
        const auto& action = std::get<Action>(*request);
        if (const auto* talk = std::get_if<action::Talk>(&action)) {
            std::vector<Action> asked;
            face_->talk(io::now(), talk->to, asked);
            for (auto& each : asked) turn([&](Now now, Outbox& out) { house_.act(now, each, out); });
        } else {
            act(action);
        }
        return "ok";
    }

    // Who is here for the first time is asked whether to look at his sound; the call goes on meanwhile.
    void greet() {
        if (!store_.fresh() || !arguments_.input || std::exchange(greeted_, true)) return;
        asio::post(context_, [this] { turn([&](Now now, Outbox& out) { sound_.offer_wizard(now, out); }); });
    }

    void tell_links() {
        if (hosted_ == nullptr || std::exchange(links_told_, true)) return;
        turn([&](Now now, Outbox& out) {
            house_.notice(now, "This house is open until you leave. Send one of these links:", out);
            for (const auto& link : hosted_->links()) house_.notice(now, fmt::format("  {}", link), out);
            house_.notice(now, fmt::format("Browsers will warn of a certificate that nobody vouches for. Its fingerprint is {}", hosted_->fingerprint()), out);
        });
    }

    // Everything ends in order; what was said last still goes out.
    void leave() {
        timer_.cancel();
        pause_.cancel();
        error_code ignored;
        signals_.cancel(ignored);
        input_.reset();
        sound_.close();
        control_.reset();
        voice_.hang_up(io::read_clock());
        save_if_needed();
        line_.drop();
        context_.restart();
        context_.run_for(std::chrono::seconds(1));
        face_.reset();
    }

    const Arguments& arguments_;
    SettingsStore store_;
    Hosted* hosted_;
    asio::io_context context_{1};
    io::SystemRandom random_;
    bool screen_;
    std::unique_ptr<Face> face_;
    House house_;
    const Stage stage_{context_, house_, [this](const Step& step) { turn(step); }, [this] { arm(); }};
    HouseLine line_{stage_, arguments_, store_, [this] {
                        if (screen_) begin_screen();
                    }};
    SoundSide sound_{stage_, arguments_, store_, [this](Now now, std::span<const Outgoing> packets) { voice_.speak(now, packets); }};
    VoiceWay voice_{stage_, random_, sound_};
    io::Timer timer_, pause_{context_};
    asio::signal_set signals_;
    std::unique_ptr<ControlSocket> control_;
    std::optional<InputThread> input_;
    std::deque<Action> waiting_;

    int exit_code_ = kExitFine;
    bool over_ = false, input_over_ = false, links_told_ = false, greeted_ = false;
    bool armed_ = false;
    Time armed_at_{}, refresh_at_ = io::read_clock() + kRefreshEvery;
};

}  // namespace

int run_program(const Arguments& arguments, SettingsStore settings, Hosted* hosted) { return Program(arguments, std::move(settings), hosted).run(); }

}  // namespace earshot::client
