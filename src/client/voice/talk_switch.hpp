// Whether what the microphone hears is let out: muting above all, then a hands-free talk, then push-to-talk or the gate.
#pragma once
#include "base/time.hpp"

namespace earshot::client {

enum class Activation { kVoice, kPushToTalk, kOpen };

struct TalkSettings {
    Activation activation = Activation::kVoice;
    Duration release_tail = 200ms;        // push-to-talk: the end of the last word is often spoken after the key is let go
    Duration latch_silence = 60s;         // push-to-talk that was switched on, not held, ends after so much silence
    Duration hands_free_silence = 930ms;  // 40 buffers of 1024 samples at 44'100 Hz
    float hands_free_dbov = -34.75f;      // a loudness of 600 of 32768
};

class TalkSwitch {
public:
    explicit TalkSwitch(const TalkSettings& settings = {}) : settings_(settings) {}

    void set_activation(Activation activation);
    // Unmuting one who is deafened lets him hear as well; undeafening gives the microphone back as it was.
    void mute(bool on);
    void deafen(bool on);
    void hold(Time now, bool pressed);  // a key that is held
    void latch(Time now, bool on);      // a key that switches
    // Talks until it has been quiet for hands_free_silence. Nothing when muted.
    void hands_free(Time now);
    void end_hands_free() { hands_free_ = false; }
    // Listens as if one might speak any moment, and lets nothing out: for a look at one's own sound.
    void hold_back(bool on);

    // After each block of sound: `dbov` how loud it was, `gate` whether the voice gate is open. True while it is to be sent.
    bool block(Time now, float dbov, bool gate);

    bool on_air() const { return on_air_; }
    bool muted() const { return muted_ || deafened_; }
    bool muted_alone() const { return muted_; }
    bool deafened() const { return deafened_; }
    bool pushed() const { return held_ || latched_; }
    bool talking_hands_free() const { return hands_free_; }
    bool held_back() const { return held_back_; }
    Activation activation() const { return settings_.activation; }
    // True when the gate decides now, so that sound from before it opened belongs to the talk.
    bool by_gate() const { return settings_.activation == Activation::kVoice && !hands_free_; }

private:
    bool pushed_now(Time now, float dbov);

    TalkSettings settings_;
    bool muted_ = false, deafened_ = false;
    bool held_ = false, latched_ = false, hands_free_ = false, held_back_ = false, on_air_ = false;
    Time released_ = Time::min(), last_loud_{};
};

}  // namespace earshot::client
