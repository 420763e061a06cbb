#include "client/shell/sound_desk.hpp"

#include <algorithm>
#include <utility>

#include "io/sound/clocked_stream.hpp"

namespace earshot::client {
namespace {
constexpr auto kLook = std::chrono::seconds(1);
constexpr int kLooksPerRefresh = 5;
}  // namespace

std::expected<std::unique_ptr<SoundDesk>, std::string> SoundDesk::open(const CallerSettings& settings, const io::SoundOptions& devices, SoundNews news) {
    auto made = Caller::make(settings);
    if (!made) return std::unexpected(made.error());
    auto options = devices;
    options.input_channels = made->microphone_channels();
    std::unique_ptr<SoundDesk> desk(new SoundDesk(std::move(*made), std::move(news)));
    auto sound = io::open_sound(options, *desk);
    if (!sound) return std::unexpected(sound.error());
    {
        std::lock_guard lock(desk->sound_mutex_);
        desk->sound_ = std::move(*sound);
        desk->fit_processing();
    }
    desk->worker_ = std::thread([self = desk.get()] { self->work(); });
    return desk;
}

SoundDesk::SoundDesk(Caller caller, SoundNews news) : caller_(std::move(caller)), news_(std::move(news)), processing_(caller_.settings().processing) {
    waiting_.reserve(kMaxWaiting);
}

SoundDesk::~SoundDesk() {
    {
        std::lock_guard lock(work_mutex_);
        ending_ = true;
    }
    work_there_.notify_all();
    if (worker_.joinable()) worker_.join();
    std::lock_guard lock(sound_mutex_);
    sound_.reset();
}

// --- the devices' threads

void SoundDesk::captured(Time now, audio::ConstSamples sound, std::size_t channels) {
    bool some = false;
    {
        std::lock_guard lock(mutex_);
        // Room for what one block can bring (the moments before the gate opened, at most), made without allocating.
        constexpr std::size_t reserve = kMaxWaiting / 2;
        if (waiting_.size() > reserve) waiting_.erase(waiting_.begin(), waiting_.end() - reserve);
        caller_.capture(now, sound, channels, waiting_);
        some = !waiting_.empty();
    }
    if (some) news_.packets_wait();
}

void SoundDesk::wanted(Time now, audio::Samples stereo) {
    std::lock_guard lock(mutex_);
    caller_.play(now, stereo);
}

void SoundDesk::noticed(io::SoundEvent event) {
    if (event == io::SoundEvent::kInputEnded) return news_.input_ended();
    if (event == io::SoundEvent::kRecordingFailed) return news_.notice("The recording cannot be written any more.");
    std::lock_guard lock(work_mutex_);
    look_again_ = true;
    work_there_.notify_all();
}

// --- the network

void SoundDesk::receive(Time now, std::size_t slot, const audio::Packet& packet) {
    {
        std::lock_guard lock(mutex_);
        caller_.receive(now, slot, packet);
    }
    if (output_rests_.load(std::memory_order_relaxed)) wake();
}

void SoundDesk::take_outgoing(std::vector<Outgoing>& out) {
    std::lock_guard lock(mutex_);
    out.insert(out.end(), waiting_.begin(), waiting_.end());
    waiting_.clear();
}

void SoundDesk::mute(bool on) {
    with_caller([on](Caller& caller) { caller.mute(on); });
    wake();
}

void SoundDesk::deafen(bool on) {
    with_caller([on](Caller& caller) { caller.deafen(on); });
    wake();
}

void SoundDesk::begin_check() {
    with_caller([](Caller& caller) { caller.begin_check(); });
    wake();
}

void SoundDesk::end_check() {
    with_caller([](Caller& caller) { caller.end_check(); });
    wake();
}

void SoundDesk::play_at_home(std::vector<float> mono) {
    with_caller([&](Caller& caller) { caller.own_sound().play(std::move(mono)); });
    wake();
}

// --- the devices

std::expected<std::vector<io::SoundDevice>, std::string> SoundDesk::devices() {
    std::lock_guard lock(sound_mutex_);
    return sound_->devices();
}

std::expected<void, std::string> SoundDesk::set_input(const std::string& which) {
    std::lock_guard lock(sound_mutex_);
    auto done = sound_->set_input(which);
    fit_processing();
    return done;
}

std::expected<void, std::string> SoundDesk::set_output(const std::string& which) {
    std::lock_guard lock(sound_mutex_);
    auto done = sound_->set_output(which);
    fit_processing();
    return done;
}

std::string SoundDesk::input_name() {
    std::lock_guard lock(sound_mutex_);
    return sound_->input_name();
}

bool SoundDesk::microphone() {
    std::lock_guard lock(sound_mutex_);
    return sound_->microphone();
}

std::string SoundDesk::output_name() {
    std::lock_guard lock(sound_mutex_);
    return sound_->output_name();
}

void SoundDesk::set_echo(Echo echo) {
    std::lock_guard lock(sound_mutex_);
    echo_ = echo;
    fit_processing();
}

void SoundDesk::set_noise(Noise noise) {
    std::lock_guard lock(sound_mutex_);
    noise_ = noise;
    fit_processing();
}

bool SoundDesk::takes_out_echo() {
    return with_caller([](Caller& caller) {
        const auto& settings = caller.settings();
        return settings.processing.echo && !settings.music && !settings.low_delay;
    });
}

std::expected<void, std::string> SoundDesk::set_music(bool on) {
    std::lock_guard lock(sound_mutex_);
    if (auto done = sound_->set_input_channels(on ? 2 : 1); !done) return done;
    return with_caller([on](Caller& caller) {
        auto settings = caller.settings();
        settings.music = on;
        return caller.change(settings);
    });
}

// sound_mutex_ is held.
void SoundDesk::fit_processing() {
    auto wanted = sound_->microphone() ? processing_ : audio::ProcessingSettings{.echo = false, .noise = false, .gain = false, .high_pass = false};
    wanted.echo = wanted.echo && echo_ != Echo::kOff && (echo_ == Echo::kOn || !sound_->echo_free());
    wanted.noise = wanted.noise && noise_ != Noise::kOff;
    wanted.strong = wanted.noise && noise_ == Noise::kStrong;
    with_caller([&](Caller& caller) {
        auto settings = caller.settings();
        if (settings.processing == wanted) return;
        settings.processing = wanted;
        if (!caller.change(settings)) news_.notice("The microphone goes on as it was: its processing does not start anew.");
    });
}

void SoundDesk::wake() {
    std::lock_guard lock(work_mutex_);
    hurry_ = true;
    work_there_.notify_all();
}

void SoundDesk::work() {
    int looks = 0;
    while (true) {
        bool look_again = false;
        {
            std::unique_lock lock(work_mutex_);
            work_there_.wait_for(lock, kLook, [this] { return hurry_ || look_again_ || ending_; });
            if (ending_) return;
            look_again = std::exchange(look_again_, false) || ++looks % kLooksPerRefresh == 0;
            hurry_ = false;
        }
        settle_devices(look_again);
    }
}

void SoundDesk::settle_devices(bool look_again) {
    const auto attention = with_caller([](Caller& caller) { return caller.attention(io::sound_clock()); });
    const auto listening = !attention.microphone ? io::Attention::kOff : attention.eager ? io::Attention::kEager : io::Attention::kRelaxed;
    const auto playing = attention.output ? io::Attention::kEager : io::Attention::kOff;
    std::vector<std::string> notices;
    {
        std::lock_guard lock(sound_mutex_);
        if (std::exchange(playing_, playing) != playing) sound_->play(playing);
        if (std::exchange(listening_, listening) != listening) sound_->listen(listening);
        if (look_again) notices = sound_->refresh();
        if (!notices.empty()) fit_processing();
    }
    output_rests_ = !attention.output;
    // Somebody may have spoken between the look and the rest.
    if (!attention.output && with_caller([](Caller& caller) { return caller.playout().active(); })) wake();
    for (auto& notice : notices) news_.notice(std::move(notice));
}

}  // namespace earshot::client
