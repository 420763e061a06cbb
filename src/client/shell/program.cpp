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
#include "client/phone.hpp"
#include "client/quality.hpp"
#include "client/shell/certificate_desk.hpp"
#include "client/shell/control_socket.hpp"
#include "client/shell/device_list.hpp"
#include "client/shell/first_wishes.hpp"
#include "client/shell/hosted.hpp"
#include "client/shell/input_thread.hpp"
#include "client/shell/line_face.hpp"
#include "client/shell/screen_face.hpp"
#include "client/shell/sound_desk.hpp"
#include "client/shell/voice_binding.hpp"
#include "client/words.hpp"
#include "crypto/dtls.hpp"
#include "io/net/clock.hpp"
#include "io/net/media_client.hpp"
#include "io/net/system_random.hpp"
#include "io/net/web_client.hpp"

namespace earshot::client {
namespace {

namespace asio = io::asio;
using io::error_code;

constexpr Duration kMeterEvery = 50ms;  // while there is a screen to show them
constexpr Duration kLookEvery = 250ms;  // otherwise
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
          identity_(crypto::Identity::make()),
          phone_(identity_, random_),
          web_(context_, web_events()),
          media_(context_, media_events()),
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
        if (!open_sound()) return exit_code_;
        if (!screen_) tell_links(), begin_input();
        while (!over_ && context_.run_one() > 0) {
        }
        leave();
        return exit_code_;
    }

private:
    // --- one turn: a step of a machine, what it asks for, and the next alarm

    template <typename Step>
    void turn(Step step) {
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
                if (screen_ && std::holds_alternative<happening::Joined>(happening)) tell_links();
            }
            for (auto& effect : out.effects) std::visit([&](auto& each) { carry_out(now, each, more); }, effect);
            out = std::move(more);
        }
        if (applied_version_ != house_.model().version) apply_voice(io::now());
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
        due = std::min({due, phone_.deadline().at, face_->deadline(house_.model()), look_at_, refresh_at_});
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
        phone_.tick(now, arena_);
        after_phone();
        if (look_at_ <= now.at) look(now);
        turn([&](Now at, Outbox& out) {
            if (house_.deadline().at <= at.at) house_.tick(at, out);
        });
    }

    // --- effects

    void carry_out(Now, effect::Open&, Outbox&) {
        const auto& to = arguments_.address;
        web_.open({.secure = to.secure, .host = to.host, .port = to.port, .authority = to.shown(), .agent = std::string(kAgent)});
    }
    void carry_out(Now, effect::Drop&, Outbox&) { web_.drop(); }
    void carry_out(Now, effect::Send& send, Outbox&) { web_.send(std::move(send.text)); }
    void carry_out(Now now, effect::TakeOffer& offer, Outbox& out) {
        if (offer.fresh) phone_.hang_up(now.at, arena_), flush_media(), media_.close();
        const auto home = web_.remote();
        auto answer = phone_.take_offer(now.at, offer.sdp, offer.fresh, offer.listen_only, home ? std::optional(home->ip) : std::nullopt, arena_);
        if (!answer) return house_.call().failed(now, offer.call, fmt::format("The call cannot be understood: {}", answer.error()), out);
        house_.call().answered(now, offer.call, std::move(*answer), out);
        asio::post(context_, [this] { after_phone(); });
    }
    void carry_out(Now now, effect::HangUp&, Outbox&) {
        phone_.hang_up(now.at, arena_);
        flush_media();
        media_.close();
        apply_voice(now);
    }
    void carry_out(Now now, effect::VoiceChanged&, Outbox&) { apply_voice(now); }

    void carry_out(Now, effect::RememberVolume& volume, Outbox&) {
        if (hosted_ != nullptr) return;  // that house is gone tomorrow
        auto& volumes = server_memory().volumes;
        if (volume.percent == 100)
            volumes.erase(volume.name);
        else
            volumes[volume.name] = volume.percent;
        save_soon_ = true;
    }
    void carry_out(Now, effect::Remember& what, Outbox&) {
        set_setting(store_.settings(), what.key, what.value);
        if (what.key == "gate") set_gate();
        save_soon_ = true;
    }
    void set_gate() {
        const auto gate = store_.settings().gate;
        const auto dbfs = gate == 0 ? std::nullopt : std::optional{static_cast<float>(gate)};
        if (sound_) sound_->with_caller([&](Caller& caller) { caller.set_gate_dbfs(dbfs); });
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
    void own(Now now, const action::Devices&, Outbox& out) {
        for (auto& line : sound_ ? device_lines(sound_->devices()) : std::vector<std::string>{"There is no sound."}) house_.notice(now, std::move(line), out);
    }
    void own(Now now, const action::ChooseDevice& choice, Outbox& out) {
        if (!sound_) return house_.complain(now, "There is no sound to choose a device for.", "no_sound", out);
        const auto done = choose_device(*sound_, choice.input, choice.which);
        if (!done) return house_.complain(now, done.error(), "no_such_device", out);
        (choice.input ? store_.settings().input : store_.settings().output) = *done;
        save_soon_ = true;
        name_devices();
        house_.notice(now, fmt::format("{} {} now.", choice.input ? "You speak into" : "You hear through", *done), out);
    }
    void own(Now now, const action::Meters&, Outbox& out) {
        if (voice_) voice_->measure(now.at, house_.model());
        const auto& voice = house_.model().voice;
        if (!sound_) return house_.notice(now, "There is no sound.", out);
        house_.notice(
            now, fmt::format("Microphone {:.0f} dB, gate {:.0f} dB, {}.", voice.microphone_dbfs, voice.gate_dbfs, voice.sending ? "sent" : "not sent"), out);
    }
    void own(Now now, const action::Set& set, Outbox& out) {
        auto& settings = store_.settings();
        if (set.key.empty())
            return house_.notice(now,
                                 fmt::format("name={} mode={} ptt={} gate={} volume={} input={} output={}", settings.name, settings.mode, settings.ptt,
                                             settings.gate, settings.volume, settings.input, settings.output),
                                 out);
        if (const auto fault = set_setting(settings, set.key, set.value)) return house_.complain(now, *fault, "bad_setting", out);
        save_soon_ = true;
        if (set.key == "mode") return house_.act(now, action::Mode{set.value == "ptt"}, out);
        if (set.key == "volume") return house_.act(now, action::Volume{"", settings.volume}, out);
        house_.notice(now, fmt::format("{} is {} from the next start on.", set.key, set.value), out);
    }

    // --- the line

    io::WebClient::Events web_events() {
        return {.trust = [this](const io::ServerProof& proof) { return certificates_.distrust(proof, !began_); },
                .opened = [this] { opened(); },
                .received = [this](std::string_view frame) { turn([&](Now now, Outbox& out) { house_.received(now, frame, out); }); },
                .closed = [this](io::WebFailure failure) { asio::post(context_, [this, failure = std::move(failure)] { closed(failure); }); }};
    }

    ServerMemory& server_memory() { return store_.settings().servers[arguments_.address.shown()]; }

    void opened() {
        if (!std::exchange(began_, true) && screen_) begin_screen();
        turn([&](Now now, Outbox& out) { house_.opened(now, out); });
    }

    void closed(const io::WebFailure& failure) {
        using Kind = io::WebFailure::Kind;
        if (failure.kind == Kind::kUntrusted && certificates_.has_question()) return ask_about_certificate();
        const bool hopeless = failure.kind == Kind::kUntrusted || (failure.kind == Kind::kNotEarshot && !began_);
        turn([&](Now now, Outbox& out) {
            if (hopeless)
                house_.refused(now, failure.sentence, failure.kind == Kind::kUntrusted ? kExitRefused : kExitNetwork, out);
            else
                house_.closed(now, failure.sentence, out);
        });
    }

    // Nothing else goes on yet, so this may wait for the one who is asked.
    void ask_about_certificate() {
        const bool trusted = certificates_.ask();
        turn([&](Now now, Outbox& out) {
            if (trusted)
                house_.start(now, out);
            else
                house_.refused(now, "The certificate was not accepted.", kExitRefused, out);
        });
    }

    // --- the voice's way

    io::MediaClient::Events media_events() {
        return {.datagram =
                    [this](const port::Path& path, MutableBytes bytes) {
                        phone_.receive(io::now(), path, bytes, arena_);
                        after_phone();
                    },
                .tcp_opened =
                    [this](const port::Path& path) {
                        phone_.add_path(io::now().at, path, arena_);
                        after_phone();
                    },
                .tcp_gone = [](std::uint32_t) {}};
    }

    void flush_media() { media_.send(arena_); }
    void after_phone() {
        flush_media();
        for (auto wants = phone_.take_wants(); !wants.udp.empty() || !wants.tcp.empty(); wants = phone_.take_wants()) {
            for (const auto& to : wants.udp)
                if (const auto path = media_.udp(to)) phone_.add_path(io::now().at, *path, arena_);
            for (const auto& to : wants.tcp) media_.open_tcp(to);
            flush_media();
        }
        for (const auto& packet : phone_.take_received())
            if (sound_)
                sound_->receive(packet.at, packet.slot,
                                {.payload = packet.payload, .sequence = packet.sequence, .timestamp = packet.timestamp, .marker = packet.marker});
        take_report();
        const auto news = phone_.take_news();
        if (news == PhoneNews::kNone) return arm();
        turn([&](Now now, Outbox& out) {
            if (news == PhoneNews::kConnected)
                house_.call().media_connected(phone_.route(), out);
            else
                house_.call().media_lost(now, out);
            apply_voice(now);
        });
    }

    void take_report() {
        const auto& facts = phone_.statistics();
        if (facts.report_blocks == std::exchange(reports_seen_, facts.report_blocks) || facts.report_blocks == 0) return;
        const auto now = io::now();
        const auto lost = static_cast<float>(facts.last_block.fraction_lost) / 256;
        auto& call = house_.model().call;
        call.round_trip_ms = round_trip_ms(facts.last_block, now.wall_ms);
        call.loss_percent = lost * 100;
        call.quality = quality_bars(call.round_trip_ms.value_or(0), call.loss_percent);
        ++house_.model().version;
        if (sound_) sound_->with_caller([&](Caller& caller) { caller.reported(now.at, static_cast<double>(lost)); });
    }

    // --- sound

    // False: it was asked for by name and cannot be had.
    bool open_sound() {
        const auto& kept = store_.settings();
        const bool named = !arguments_.audio_in.empty() || !arguments_.audio_out.empty();
        const auto choose = [&](const std::string& flag, const std::string& setting) {
            return !flag.empty() ? flag : !arguments_.audio ? std::string("none") : setting.empty() ? std::string("default") : setting;
        };
        const io::SoundOptions devices{.input = choose(arguments_.audio_in, kept.input),
                                       .output = choose(arguments_.audio_out, kept.output),
                                       .period = arguments_.low_delay ? 2500us : 5ms};
        if (devices.input == "none" && devices.output == "none") return house_.stay_out(), true;
        CallerSettings caller;
        caller.low_delay = arguments_.low_delay;
        if (arguments_.low_delay) caller.frame = 5ms;
        auto sound = SoundDesk::open(caller, devices, sound_news());
        if (!sound) {
            if (named) exit_code_ = kExitSound;
            house_.stay_out();
            turn([&](Now now, Outbox& out) { house_.complain(now, fmt::format("There is no sound: {}", sound.error()), "no_sound", out); });
            return !named;
        }
        sound_ = std::move(*sound);
        set_gate();
        voice_.emplace(*sound_);
        name_devices();
        house_.model().voice.available = true;
        look_at_ = io::read_clock() + kLookEvery;
        apply_voice(io::now());
        return true;
    }

    // These are called from other threads and only leave word.
    SoundNews sound_news() {
        hear_bell();
        return {.packets_wait = [this] { bell_.wake(); },
                .notice =
                    [this](std::string sentence) {
                        asio::post(context_, [this, sentence = std::move(sentence)]() mutable {
                            if (sound_) name_devices();
                            turn([&](Now now, Outbox& out) { house_.notice(now, std::move(sentence), out); });
                        });
                    },
                .input_ended =
                    [this] {
                        asio::post(context_, [this] { turn([&](Now now, Outbox& out) { house_.notice(now, "The file has been said to its end.", out); }); });
                    }};
    }

    void name_devices() {
        auto& voice = house_.model().voice;
        voice.input = sound_->input_name();
        voice.output = sound_->output_name();
        house_.set_listen_only(voice.input == "none");
    }

    void hear_bell() {
        bell_wait_.async_wait(asio::posix::stream_descriptor::wait_read, [this](error_code ec) {
            if (ec) return;
            bell_.clear();
            const auto now = io::now();
            outgoing_.clear();
            if (sound_) sound_->take_outgoing(outgoing_);
            for (const auto& packet : outgoing_) phone_.speak(now, packet.payload(), packet.timestamp, packet.level, arena_);
            after_phone();
            hear_bell();
        });
    }

    void apply_voice(Now now) {
        if (!voice_) return;
        applied_version_ = house_.model().version;
        house_.model().voice.push_level = face_->push_level();
        voice_->apply(now.at, house_.model());
    }

    // Meters, and what the voice ended by itself. Often only while there is something to see.
    void look(Now now) {
        look_at_ = kNever;
        if (!voice_) return;
        auto& model = house_.model();
        look_at_ = now.at + kLookEvery;
        if (model.call.state == CallState::kNone) return;
        const auto ended = voice_->measure(now.at, model);
        if (ended.changed) {
            ++model.version;
            applied_version_ = model.version;  // only what is seen is new
            if (screen_) look_at_ = now.at + kMeterEvery;
        }
        if (!ended.hands_free && !ended.pushed) return;
        turn([&](Now, Outbox& out) {
            if (ended.hands_free) house_.call().hands_free_ended(out);
            if (ended.pushed) house_.call().talk(Switch::kOff, out);
        });
    }

    void refresh(Now now) {
        refresh_at_ = now.at + kRefreshEvery;
        if (hosted_ != nullptr) hosted_->drain();
        save_if_needed();
    }

    void save_if_needed() {
        if (!std::exchange(save_soon_, false)) return;
        if (const auto fault = store_.save(); !fault.empty()) turn([&](Now now, Outbox& out) { house_.complain(now, fault, "settings", out); });
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
        bell_wait_.cancel(ignored);
        voice_.reset();
        sound_.reset();
        control_.reset();
        phone_.hang_up(io::read_clock(), arena_);
        flush_media();
        media_.close();
        save_if_needed();
        web_.drop();
        context_.restart();
        context_.run_for(std::chrono::seconds(1));
        face_.reset();
    }

    const Arguments& arguments_;
    SettingsStore store_;
    CertificateDesk certificates_{arguments_, store_};
    Hosted* hosted_;
    asio::io_context context_{1};
    io::SystemRandom random_;
    bool screen_;
    std::unique_ptr<Face> face_;
    House house_;
    crypto::Identity identity_;
    Phone phone_;
    port::SendArena arena_{128};
    io::WebClient web_;
    io::MediaClient media_;
    io::Timer timer_, pause_{context_};
    asio::signal_set signals_;
    io::EventWaker bell_;  // before the desk, whose threads ring it
    asio::posix::stream_descriptor bell_wait_{context_, ::dup(bell_.descriptor())};
    std::unique_ptr<ControlSocket> control_;
    std::unique_ptr<SoundDesk> sound_;
    std::optional<VoiceBinding> voice_;
    std::vector<Outgoing> outgoing_;
    std::optional<InputThread> input_;
    std::deque<Action> waiting_;

    int exit_code_ = kExitFine;
    bool over_ = false, began_ = false, input_over_ = false, save_soon_ = false, links_told_ = false;
    bool armed_ = false;
    Time armed_at_{}, look_at_ = kNever, refresh_at_ = io::read_clock() + kRefreshEvery;
    std::uint64_t reports_seen_ = 0, applied_version_ = 0;
};

}  // namespace

int run_program(const Arguments& arguments, SettingsStore settings, Hosted* hosted) { return Program(arguments, std::move(settings), hosted).run(); }

}  // namespace earshot::client
