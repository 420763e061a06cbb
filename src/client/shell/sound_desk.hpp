// The caller between his devices and the network: the one lock around him, the packets that wait to be sent, and a worker that stops,
// starts and replaces devices, so that nobody else waits for them.
#pragma once
#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "client/voice/caller.hpp"
#include "io/sound/device.hpp"

namespace earshot::client {

// Called from threads of devices and of the worker; they may only leave word for another thread.
struct SoundNews {
    std::function<void()> packets_wait;         // take_outgoing() has something
    std::function<void(std::string)> notice;    // a sentence for people: a device went, another is used
    std::function<void()> input_ended = [] {};  // the file that speaks is over
};

class SoundDesk final : private io::SoundUser {
public:
    // Packets that nobody takes; the oldest are dropped beyond them. 320 ms of frames of 5 ms.
    static constexpr std::size_t kMaxWaiting = 64;

    // What `caller` asks to be taken out of the microphone is taken out of a real one only, and the echo only where there can be one.
    // The error says which setting or device cannot be.
    static std::expected<std::unique_ptr<SoundDesk>, std::string> open(const CallerSettings& caller, const io::SoundOptions& devices, SoundNews news);
    ~SoundDesk() override;

    // --- any thread
    // Something short with the caller, who is nobody else's meanwhile.
    template <typename Act>
    auto with_caller(Act&& act) {
        std::lock_guard lock(mutex_);
        return act(caller_);
    }
    // A packet from the network.
    void receive(Time now, std::size_t slot, const audio::Packet& packet);
    // Moves what is to be sent to the end of `out`, oldest first.
    void take_outgoing(std::vector<Outgoing>& out);
    // Mute and deafen by these, so that the microphone's device follows at once.
    void mute(bool on);
    void deafen(bool on);

    // A look at one's own sound (Caller::begin_check). The devices run for it whatever the call is like.
    void begin_check();
    void end_check();
    void play_at_home(std::vector<float> mono);

    // --- the shell's thread: these may wait for a device
    std::expected<std::vector<io::SoundDevice>, std::string> devices();
    std::expected<void, std::string> set_input(const std::string& which);
    std::expected<void, std::string> set_output(const std::string& which);
    std::string input_name();
    std::string output_name();
    // Somebody sits before a real device.
    bool microphone();
    // Whether echo is taken out: where there can be one, always from a real microphone, or never. False: it was so already, or cannot be.
    enum class Echo : std::uint8_t { kAuto, kOn, kOff };
    void set_echo(Echo echo);
    bool takes_out_echo();
    // How much of the room's noise is taken out of a real microphone: nothing, what costs no time, or as much as can be, 6 ms later.
    enum class Noise : std::uint8_t { kOff, kLight, kStrong };
    void set_noise(Noise noise);
    // Stereo, and as it is: in the middle of a call, too. The error leaves everything as it was.
    std::expected<void, std::string> set_music(bool on);

private:
    SoundDesk(Caller caller, SoundNews news);
    void captured(Time now, audio::ConstSamples sound, std::size_t channels) override;
    void wanted(Time now, audio::Samples stereo) override;
    void noticed(io::SoundEvent event) override;
    void work();
    void wake();
    void settle_devices(bool look_again);
    void fit_processing();

    std::mutex mutex_;  // around what follows, up to the next mutex
    Caller caller_;
    std::vector<Outgoing> waiting_;

    SoundNews news_;
    std::mutex sound_mutex_;  // around sound_; never taken while mutex_ is held
    std::unique_ptr<io::Sound> sound_;
    const audio::ProcessingSettings processing_;  // as asked for
    Echo echo_ = Echo::kAuto;
    Noise noise_ = Noise::kLight;
    io::Attention listening_ = io::Attention::kEager, playing_ = io::Attention::kEager;

    std::mutex work_mutex_;
    std::condition_variable work_there_;
    bool hurry_ = false, look_again_ = false, ending_ = false;
    std::atomic<bool> output_rests_ = false;
    std::thread worker_;
};

}  // namespace earshot::client
