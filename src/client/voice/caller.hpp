// One caller: the microphone goes in and packets come out, packets go in and the loudspeakers' sound comes out. A machine without threads;
// the shell holds one lock around it and calls capture() and play() from the devices' threads.
#pragma once
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "client/voice/capture_chain.hpp"
#include "client/voice/playout.hpp"

namespace earshot::client {

struct CallerSettings {
    std::size_t slots = 8;  // the server's limits.audio_slots
    TalkSettings talk{};
    audio::GateSettings gate{};
    audio::ProcessingSettings processing{};
    int bitrate = 40'000;    // of a voice; music takes at least 96'000
    Duration frame = 10ms;   // 10 or 20 ms; low delay has 5
    bool music = false;      // stereo, nothing taken out, no gate
    bool low_delay = false;  // 5 ms frames, no echo canceller
    bool dtx = true;
    int complexity = 7;  // from 7 on Opus looks at what it is given; what more would buy costs half as much again
    std::uint32_t first_timestamp = 0;
    audio::JitterSettings jitter{};
};

struct Meters {
    float microphone_dbfs = audio::kSilenceDb, microphone_peak_dbfs = audio::kSilenceDb;
    float gate_dbfs = 0;  // where the gate opens now
    float noise_dbfs = audio::kSilenceDb;
    bool gate_open = false;
    bool on_air = false;  // packets leave
    bool hands_free = false, pushed = false, muted = false, deafened = false;
    bool speaks_while_muted = false;
    int expected_loss_percent = 0;  // what FEC is prepared for; 0: none
    int bitrate = 0;
};

class Caller {
public:
    static std::expected<Caller, std::string> make(const CallerSettings& settings);

    // --- the devices' threads
    // Interleaved sound of the microphone at 48 kHz, one channel or two, any length. Packets to send at once are appended.
    void capture(Time now, audio::ConstSamples sound, std::size_t channels, std::vector<Outgoing>& out);
    // Fills `stereo`, interleaved, any length. False when all of it is silence.
    bool play(Time now, audio::Samples stereo);

    // --- the network
    void receive(Time now, std::size_t slot, const audio::Packet& packet) { playout_.receive(now, slot, packet); }
    // The fraction of our packets that the far end missed since its last report (RFC 3550 section 6.4.1).
    void reported(Time now, double lost) { capture_.reported_loss(now, lost); }

    // --- what the member wants
    void set_slot(std::size_t slot, MemberId member) { playout_.set_slot(slot, member); }
    void set_volume(MemberId member, int percent) { playout_.set_volume(member, percent); }  // 0 to 200
    void set_master(int percent) { playout_.set_master(percent); }
    void mute(bool on);
    void deafen(bool on);
    void hold_to_talk(Time now, bool pressed) { talk_.hold(now, pressed); }
    void latch_talk(Time now, bool on) { talk_.latch(now, on); }
    void hands_free(Time now) { talk_.hands_free(now); }
    void end_hands_free() { talk_.end_hands_free(); }
    void set_activation(Activation activation);  // music is open where a voice would open the gate
    void set_gate(const audio::GateSettings& gate);
    // As people read it from the meter; none: it fits itself to the room.
    void set_gate_dbfs(std::optional<float> dbfs);
    // Another mode, in the middle of a call: the microphone's half is made anew. The error leaves everything as it was.
    std::expected<void, std::string> change(const CallerSettings& settings);

    // --- a look at one's own sound: nothing of the microphone leaves, nothing of the others is heard, until it ends
    void begin_check();
    void end_check();
    bool checking() const { return talk_.held_back(); }
    OwnSound& own_sound() { return *own_; }

    // --- to look at
    Meters meters(Time now) const;
    const Playout& playout() const { return playout_; }
    const TalkSwitch& talk() const { return talk_; }
    const CaptureChain& microphone() const { return capture_; }
    const CallerSettings& settings() const { return settings_; }
    // How many channels the microphone is best opened with.
    std::size_t microphone_channels() const { return settings_.music ? 2 : 1; }
    // What the devices are worth now. The microphone's never changes while somebody speaks into it.
    struct Attention {
        bool microphone = true;  // false: muted
        bool eager = true;       // somebody spoke within kQuiet, or does
        bool output = true;      // false: there has been nothing to hear for kSilent
    };
    static constexpr Duration kQuiet = 30s, kSilent = 3s;
    Attention attention(Time now);

private:
    Caller(const CallerSettings& settings, CaptureChain capture);
    void settle_playout() { playout_.deafen(talk_.deafened() || talk_.held_back()); }

    CallerSettings settings_;
    TalkSwitch talk_;
    CaptureChain capture_;
    Playout playout_;
    std::unique_ptr<OwnSound> own_ = std::make_unique<OwnSound>();
    audio::LevelMeter meter_;
    std::vector<float> mono_;
    Time last_activity_ = Time::min(), last_sound_ = Time::min();
    bool eager_ = true;
};

}  // namespace earshot::client
