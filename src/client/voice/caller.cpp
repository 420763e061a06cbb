#include "client/voice/caller.hpp"

#include <algorithm>

namespace earshot::client {
namespace {

constexpr float kSpeechAboveNoise = 15.f;
constexpr int kLeastMusic = 96'000;
constexpr std::size_t kChunk = 480;

CaptureSettings capture_settings(const CallerSettings& s) {
    CaptureSettings capture{
        .encoder = {.mode = audio::OpusMode::kVoice, .channels = 1, .frame = s.frame, .bitrate = s.bitrate, .complexity = s.complexity, .dtx = s.dtx},
        .processing = s.processing,
        .gate = s.gate};
    if (s.music) {
        capture.encoder.mode = audio::OpusMode::kMusic;
        capture.encoder.channels = 2;
        capture.encoder.bitrate = std::max(s.bitrate, kLeastMusic);
        capture.processing = {.echo = false, .noise = false, .gain = false, .high_pass = false};
    }
    if (s.low_delay) {
        capture.encoder.mode = audio::OpusMode::kLowDelay;
        capture.encoder.frame = 5ms;
        capture.encoder.bitrate = std::max(capture.encoder.bitrate, 64'000);  // short frames cost quality
        capture.processing = {.echo = false, .noise = false, .gain = false, .high_pass = false};
    }
    return capture;
}

TalkSettings talk_settings(const CallerSettings& s) {
    auto talk = s.talk;
    if (s.music && talk.activation == Activation::kVoice) talk.activation = Activation::kOpen;
    return talk;
}

}  // namespace

std::expected<Caller, std::string> Caller::make(const CallerSettings& settings) {
    if (settings.slots > Playout::kMaxSlots) return std::unexpected("the server has more audio slots than a caller can hear");
    auto capture = CaptureChain::make(capture_settings(settings));
    if (!capture) return std::unexpected(capture.error());
    return Caller(settings, std::move(*capture));
}

Caller::Caller(const CallerSettings& settings, CaptureChain capture)
    : settings_(settings), talk_(talk_settings(settings)), capture_(std::move(capture)), playout_(settings.slots, settings.jitter), mono_(kChunk) {
    capture_.start_at(settings.first_timestamp);
}

std::expected<void, std::string> Caller::change(const CallerSettings& settings) {
    auto capture = CaptureChain::make(capture_settings(settings));
    if (!capture) return std::unexpected(capture.error());
    capture->start_at(capture_.position());
    capture->let_hear(checking() ? own_.get() : nullptr);
    capture_ = std::move(*capture);
    talk_.set_activation(talk_settings(settings).activation);
    settings_ = settings;
    return {};
}

void Caller::capture(Time now, audio::ConstSamples sound, std::size_t channels, std::vector<Outgoing>& out) {
    capture_.capture(now, sound, channels, talk_, out);
    meter_.add(now, capture_.level_dbov());
    if (talk_.on_air()) last_activity_ = now;
}

bool Caller::play(Time now, audio::Samples stereo) {
    bool sounds = playout_.play(now, stereo);
    sounds |= own_->add_to(stereo);
    if (sounds) last_sound_ = last_activity_ = now;
    for (std::size_t at = 0; at < stereo.size() / 2; at += kChunk) {
        const auto mono = audio::Samples{mono_}.first(std::min(kChunk, stereo.size() / 2 - at));
        if (sounds)
            for (std::size_t i = 0; i < mono.size(); ++i) mono[i] = (stereo[2 * (at + i)] + stereo[2 * (at + i) + 1]) / 2;
        else
            std::ranges::fill(mono, 0.f);
        capture_.far_end(now, mono, !sounds);
    }
    return sounds;
}

void Caller::set_activation(Activation activation) {
    settings_.talk.activation = activation;
    talk_.set_activation(talk_settings(settings_).activation);
}

void Caller::mute(bool on) {
    talk_.mute(on);
    settle_playout();
}

void Caller::deafen(bool on) {
    talk_.deafen(on);
    settle_playout();
}

void Caller::begin_check() {
    own_->clear();
    talk_.hold_back(true);
    capture_.let_hear(own_.get());
    settle_playout();
}

void Caller::end_check() {
    talk_.hold_back(false);
    capture_.let_hear(nullptr);
    own_->clear();
    settle_playout();
}

void Caller::set_gate(const audio::GateSettings& gate) {
    settings_.gate = gate;
    capture_.set_gate(gate);
}

void Caller::set_gate_dbfs(std::optional<float> dbfs) {
    auto gate = settings_.gate;
    gate.open_dbov = dbfs ? std::optional{*dbfs - audio::kDbfsAboveDbov} : std::nullopt;
    set_gate(gate);
}

Caller::Attention Caller::attention(Time now) {
    if (last_activity_ == Time::min()) last_activity_ = last_sound_ = now;
    if (checking()) last_activity_ = now;
    if (!capture_.talking()) eager_ = now - last_activity_ < kQuiet;
    return {.microphone = !talk_.muted(),
            .eager = eager_,
            .output = playout_.active() || own_->playing() || (last_sound_ != Time::min() && now - last_sound_ < kSilent)};
}

Meters Caller::meters(Time now) const {
    const auto& gate = capture_.gate();
    Meters meters{.microphone_dbfs = meter_.dbfs(now), .microphone_peak_dbfs = meter_.peak_dbfs(now)};
    meters.gate_dbfs = gate.threshold_dbov() + audio::kDbfsAboveDbov;
    meters.noise_dbfs = gate.noise_dbov() + audio::kDbfsAboveDbov;
    meters.gate_open = gate.open();
    meters.on_air = talk_.on_air();
    meters.hands_free = talk_.talking_hands_free();
    meters.pushed = talk_.pushed();
    meters.muted = talk_.muted();
    meters.deafened = talk_.deafened();
    meters.speaks_while_muted = talk_.muted() && capture_.level_dbov() > std::max(gate.threshold_dbov(), gate.noise_dbov() + kSpeechAboveNoise);
    meters.expected_loss_percent = capture_.encoder().fec() ? capture_.loss().expected_percent() : 0;
    meters.bitrate = capture_.encoder().settings().bitrate;
    return meters;
}

}  // namespace earshot::client
