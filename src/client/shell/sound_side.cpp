#include "client/shell/sound_side.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <boost/asio/post.hpp>
#include <utility>

#include "client/shell/device_list.hpp"
#include "io/net/clock.hpp"

namespace earshot::client {
namespace {

namespace asio = io::asio;
using io::error_code;

constexpr Duration kMeterEvery = 50ms;  // while there is a screen to show them
constexpr Duration kLookEvery = 250ms;  // otherwise

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
    CallerSettings caller;
    caller.low_delay = arguments_.low_delay;
    if (arguments_.low_delay) caller.frame = 5ms;
    auto desk = SoundDesk::open(caller, devices, news());
    if (!desk) {
        stage_.house.stay_out();
        stage_.turn([&](Now now, Outbox& out) { stage_.house.complain(now, fmt::format("There is no sound: {}", desk.error()), "no_sound", out); });
        return !named;
    }
    desk_ = std::move(*desk);
    set_gate();
    binding_.emplace(*desk_);
    name_devices();
    stage_.house.model().voice.available = true;
    look_at_ = io::read_clock() + kLookEvery;
    apply(io::now());
    return true;
}

void SoundSide::close() {
    error_code ignored;
    bell_wait_.cancel(ignored);
    binding_.reset();
    desk_.reset();
}

// These are called from other threads and only leave word.
SoundNews SoundSide::news() {
    if (!std::exchange(listening_, true)) hear_bell();
    const auto tell = [this](std::string sentence) {
        asio::post(stage_.context, [this, sentence = std::move(sentence)]() mutable {
            if (desk_) name_devices();
            stage_.turn([&](Now now, Outbox& out) { stage_.house.notice(now, std::move(sentence), out); });
        });
    };
    return {.packets_wait = [this] { bell_.wake(); }, .notice = tell, .input_ended = [tell] { tell("The file has been said to its end."); }};
}

void SoundSide::name_devices() {
    auto& voice = stage_.house.model().voice;
    voice.input = desk_->input_name();
    voice.output = desk_->output_name();
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
    desk_->receive(packet.at, packet.slot, {.payload = packet.payload, .sequence = packet.sequence, .timestamp = packet.timestamp, .marker = packet.marker});
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
    if (!done) return stage_.house.complain(now, done.error(), "no_such_device", out);
    (choice.input ? store_.settings().input : store_.settings().output) = *done;
    store_.save_soon();
    name_devices();
    stage_.house.notice(now, fmt::format("{} {} now.", choice.input ? "You speak into" : "You hear through", *done), out);
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

}  // namespace earshot::client
