#include "client/shell/sound_side.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <utility>

#include "client/microphone_trial.hpp"
#include "client/safe_text.hpp"
#include "client/shell/device_list.hpp"
#include "client/words.hpp"
#include "io/net/clock.hpp"

namespace earshot::client {
namespace {

namespace asio = io::asio;
using io::error_code;

constexpr Duration kMeterEvery = 50ms;  // while there is a screen to show them
constexpr Duration kLookEvery = 250ms;  // otherwise

bool is_file(std::string_view name) { return lowered(name).ends_with(".wav"); }

}  // namespace

SoundSide::SoundSide(const Stage& stage, const Arguments& arguments, SettingsStore& store, Speak speak)
    : stage_(stage), arguments_(arguments), store_(store), speak_(std::move(speak)), bell_wait_(stage.context, ::dup(bell_.descriptor())) {}

// --- the desk

io::SoundOptions SoundSide::options() const {
    const auto& kept = store_.settings();
    const auto choose = [&](const std::string& flag, const std::string& setting) {
        return !flag.empty() ? flag : !arguments_.audio ? std::string("none") : setting.empty() ? std::string("default") : setting;
    };
    return {
        .input = choose(arguments_.audio_in, kept.input), .output = choose(arguments_.audio_out, kept.output), .period = arguments_.low_delay ? 2500us : 5ms};
}

bool SoundSide::open() {
    const bool named = !arguments_.audio_in.empty() || !arguments_.audio_out.empty();
    const auto devices = options();
    if (devices.input == "none" && devices.output == "none") return stage_.house.stay_out(), true;
    if (const auto opened = open_desk(); !opened) {
        stage_.house.stay_out();
        stage_.turn([&](Now now, Outbox& out) { stage_.house.complain(now, fmt::format("There is no sound: {}", opened.error()), "no_sound", out); });
        return !named;
    }
    return true;
}

std::expected<void, std::string> SoundSide::open_desk() {
    CallerSettings caller;
    caller.low_delay = arguments_.low_delay;
    caller.music = store_.settings().music == "on";
    if (arguments_.low_delay) caller.frame = 5ms;
    auto desk = SoundDesk::open(caller, options(), news());
    if (!desk) return std::unexpected(desk.error());
    desk_ = std::move(*desk);
    desk_->set_echo(echo());
    desk_->set_noise(noise());
    set_gate();
    binding_.emplace(*desk_);
    check_.emplace(
        stage_, *desk_, [this](bool input, const std::string& name) { return use_device(input, name); }, [this](Now now) { apply(now); });
    name_devices();
    stage_.house.model().voice.available = true;
    look_at_ = io::read_clock() + kLookEvery;
    apply(io::now());
    return {};
}

void SoundSide::close() {
    error_code ignored;
    bell_wait_.cancel(ignored);
    check_.reset();
    binding_.reset();
    desk_.reset();
}

// These are called from other threads and only leave word.
SoundNews SoundSide::news() {
    if (!std::exchange(listening_, true)) hear_bell();
    const auto tell = [this](const std::string& sentence) {
        asio::post(stage_.context, [this, sentence] {
            if (desk_) name_devices();
            stage_.turn([&](Now now, Outbox& out) { stage_.house.notice(now, safe_line(sentence), out); });
        });
    };
    return {.packets_wait = [this] { bell_.wake(); }, .notice = tell, .input_ended = [tell] { tell("The file has been said to its end."); }};
}

void SoundSide::name_devices() {
    auto& voice = stage_.house.model().voice;
    // A device may be called whatever its maker, or whoever is near with a radio, pleases.
    voice.input = safe_line(desk_->input_name());
    voice.output = safe_line(desk_->output_name());
    stage_.house.set_listen_only(voice.input == "none");
}

void SoundSide::hear_bell() {
    bell_wait_.async_wait(asio::posix::stream_descriptor::wait_read, [this](error_code ec) {
        if (ec) return;
        bell_.clear();
        take_word();
        hear_bell();
    });
}

void SoundSide::take_word() {
    outgoing_.clear();
    if (desk_) desk_->take_outgoing(outgoing_);
    speak_(io::now(), outgoing_);
}

// --- the call

void SoundSide::receive(const rtc::Received& packet) {
    if (!desk_) return;
    desk_->receive(packet.at, packet.slot,
                   {.payload = packet.payload, .sequence = packet.sequence, .timestamp = packet.timestamp, .marker = packet.marker, .copy = packet.recovered});
}

void SoundSide::reported(Time now, double lost) {
    if (desk_) desk_->with_caller([&](Caller& caller) { caller.reported(now, lost); });
}

void SoundSide::apply(Now now) {
    if (!binding_) return;
    applied_version_ = stage_.house.model().version;
    binding_->apply(now.at, stage_.house.model());
}

void SoundSide::settle(Now now) {
    if (applied_version_ != stage_.house.model().version) apply(now);
}

void SoundSide::look(Now now, bool seen) {
    if (look_at_ > now.at) return;
    look_at_ = kNever;
    if (!binding_) return;
    auto& model = stage_.house.model();
    look_at_ = now.at + kLookEvery;
    if (check_->active() && !check_->offers()) {
        look_at_ = now.at + kMeterEvery;
        stage_.turn([&](Now at, Outbox& out) { check_->look(at, out); });
    }
    if (model.call.state == CallState::kNone) return;
    const auto ended = binding_->measure(now.at, model);
    if (ended.changed) {
        ++model.version;
        applied_version_ = model.version;  // only what is seen is new
        if (seen) look_at_ = now.at + kMeterEvery;
    }
    if (!ended.hands_free && !ended.pushed) return;
    stage_.turn([&](Now, Outbox& out) {
        if (ended.hands_free) stage_.house.call().hands_free_ended(out);
        if (ended.pushed) stage_.house.call().talk(Switch::kOff, out);
    });
}

// --- what one asks for

void SoundSide::list_devices(Now now, Outbox& out) {
    for (auto& line : desk_ ? device_lines(desk_->devices()) : std::vector<std::string>{"There is no sound."}) stage_.house.notice(now, std::move(line), out);
}

void SoundSide::choose_device(Now now, const action::ChooseDevice& choice, Outbox& out) {
    if (!desk_) return stage_.house.complain(now, "There is no sound to choose a device for.", "no_sound", out);
    const auto done = client::choose_device(*desk_, choice.input, choice.which);
    if (!done) return stage_.house.complain(now, safe_line(done.error()), "no_such_device", out);
    (choice.input ? store_.settings().input : store_.settings().output) = *done;
    store_.save_soon();
    name_devices();
    stage_.house.notice(now, fmt::format("{} {} now.", choice.input ? "You speak into" : "You hear through", safe_line(*done)), out);
}

void SoundSide::tell_meters(Now now, Outbox& out) {
    if (!binding_) return stage_.house.notice(now, "There is no sound.", out);
    binding_->measure(now.at, stage_.house.model());
    const auto& voice = stage_.house.model().voice;
    stage_.house.notice(
        now, fmt::format("Microphone {:.0f} dB, gate {:.0f} dB, {}.", voice.microphone_dbfs, voice.gate_dbfs, voice.sending ? "sent" : "not sent"), out);
}

void SoundSide::set_gate() {
    const auto gate = store_.settings().gate;
    const auto dbfs = gate == 0 ? std::nullopt : std::optional{static_cast<float>(gate)};
    if (desk_) desk_->with_caller([&](Caller& caller) { caller.set_gate_dbfs(dbfs); });
}

SoundDesk::Echo SoundSide::echo() const {
    const auto& word = arguments_.aec.empty() ? store_.settings().aec : arguments_.aec;
    return word == "on" ? SoundDesk::Echo::kOn : word == "off" ? SoundDesk::Echo::kOff : SoundDesk::Echo::kAuto;
}

SoundDesk::Noise SoundSide::noise() const {
    const auto& word = arguments_.noise.empty() ? store_.settings().noise : arguments_.noise;
    return word == "strong" ? SoundDesk::Noise::kStrong : word == "off" ? SoundDesk::Noise::kOff : SoundDesk::Noise::kLight;
}

std::string SoundSide::settle_noise() {
    const auto& word = store_.settings().noise;
    if (!arguments_.noise.empty()) return fmt::format("noise is {} from the next start on; this run was told --noise {}.", word, arguments_.noise);
    desk_->set_noise(noise());
    const bool used = desk_->with_caller([](Caller& caller) { return caller.settings().processing.any() && caller.microphone().processing(); });
    if (word == "off") return "noise is off: the room is heard as it is.";
    if (!used) return fmt::format("noise is {}, but not here: nothing is taken out of files and music, or with --low-delay.", word);
    if (word == "strong") return "noise is strong: your voice is heard 6 ms later than with light.";
    return "noise is light: the room is fainter, and your voice is not held up.";
}

std::string SoundSide::settle_setting(const std::string& key) {
    const auto& settings = store_.settings();
    if (!desk_) return fmt::format("{} is kept for when there is sound.", key);
    if (key == "aec") {
        if (!arguments_.aec.empty()) return fmt::format("aec is {} from the next start on; this run was told --aec {}.", settings.aec, arguments_.aec);
        desk_->set_echo(echo());
        const bool taken = desk_->takes_out_echo();
        if (settings.aec == "on" && !taken) return "aec is on, but not here: nothing is taken out of files and music, or with --low-delay.";
        return fmt::format("aec is {}: echo is {}taken out.", settings.aec, taken ? "" : "not ");
    }
    if (key == "noise") return settle_noise();
    const bool on = settings.music == "on";
    if (const auto done = desk_->set_music(on); !done) return fmt::format("music takes effect with the next start: {}.", done.error());
    if (!on) return "music is off: your voice is sent, by itself.";
    return arguments_.low_delay ? "music is on: stereo, and with low delay." : "music is on: stereo, all that the microphone hears, without a gate.";
}

// --- a look at one's own sound

void SoundSide::begin_wizard(Now now, bool aloud, Outbox& out) {
    if (check_ && check_->offers()) return check_->answer(now, "", out);
    const auto found = facts(aloud);
    if (!found) return stage_.house.complain(now, found.error(), "no_sound", out);
    check_->begin(now, std::make_unique<SoundWizard>(now.at, *found, false), aloud, out);
    look_at_ = now.at + kMeterEvery;
}

void SoundSide::offer_wizard(Now now, Outbox& out) {
    if (!desk_ || check_->active() || !desk_->microphone() || is_file(desk_->output_name())) return;
    if (const auto found = facts(false)) check_->begin(now, std::make_unique<SoundWizard>(now.at, *found, true), false, out);
}

void SoundSide::test_microphone(Now now, bool aloud, Outbox& out) {
    const auto& voice = stage_.house.model().voice;
    if (!desk_ || voice.input == "none")
        return stage_.house.complain(now, "There is no microphone to test. /audio-wizard looks for one.", "no_microphone", out);
    const bool by_voice = voice.mode == TalkMode::kVoice;
    const auto gate = desk_->with_caller([&](Caller& caller) { return caller.meters(now.at).gate_dbfs; });
    check_->begin(now, std::make_unique<MicrophoneTrial>(now.at, TrialFacts{voice.input, by_voice ? std::optional(gate) : std::nullopt}), aloud, out);
    look_at_ = now.at + kMeterEvery;
}

void SoundSide::answer_check(Now now, const std::string& text, Outbox& out) {
    if (!check_ || !check_->active()) return;
    store_.save_soon();  // whoever has seen it once is not asked again
    check_->answer(now, text, out);
    look_at_ = now.at + kMeterEvery;
}

void SoundSide::move_check(Now now, int step, Outbox& out) {
    if (check_) check_->move(now, step, out);
}

// What the wizard begins with. A sound system that was not there at the start may be there now.
namespace {

std::string talk_key(const Voice& voice, bool aloud) {
    if (aloud) return "/ptt on and /ptt off";
    switch (voice.push_level) {
        case PushLevel::kHold: return "while you hold F9 or Space";
        case PushLevel::kRepeat: return "while you keep F9 down";
        case PushLevel::kToggle: break;
    }
    return "F9 switches it on and off";
}

}  // namespace

std::expected<SoundFacts, std::string> SoundSide::facts(bool aloud) {
    if (!arguments_.audio) return std::unexpected("This run has no sound (--no-audio): start without that flag.");
    if (!desk_)
        if (const auto opened = open_desk(); !opened)
            return std::unexpected(
                fmt::format("There is no sound: {}. Plug something in, or start PipeWire or PulseAudio; then /audio-wizard again.", opened.error()));
    for (const auto& name : {desk_->input_name(), desk_->output_name()})
        if (is_file(name)) return std::unexpected(fmt::format("{} stands in for a device in this run: start without --play, --record and files.", name));
    const auto devices = desk_->devices();
    if (!devices) return std::unexpected(fmt::format("There is no sound: {}.", devices.error()));
    SoundFacts out{.input = store_.settings().input, .output = store_.settings().output, .by_lines = aloud};
    const auto& voice = stage_.house.model().voice;
    out.push_to_talk = voice.mode == TalkMode::kPushToTalk;
    out.talk_key = [aloud, &voice] { return talk_key(voice, aloud); };
    const bool only_monitors = std::ranges::none_of(*devices, [](const auto& d) { return d.direction == io::SoundDirection::kInput && !d.monitor; });
    for (const auto& device : *devices)
        if (device.direction == io::SoundDirection::kOutput)
            out.outputs.push_back({device.name, device.is_default});
        else if (!device.monitor || only_monitors)
            out.inputs.push_back({device.name, device.is_default});
    if (out.inputs.empty()) return std::unexpected("There is no microphone. Plug one in; then /audio-wizard again.");
    return out;
}

std::expected<std::string, std::string> SoundSide::use_device(bool input, const std::string& name) {
    const auto which = name.empty() ? std::string("default") : name;
    if (auto done = input ? desk_->set_input(which) : desk_->set_output(which); !done) return std::unexpected(done.error());
    (input ? store_.settings().input : store_.settings().output) = name;
    store_.save_soon();
    name_devices();
    return name;
}

}  // namespace earshot::client
