#include "client/voice/talk_switch.hpp"

namespace earshot::client {

void TalkSwitch::set_activation(Activation activation) {
    if (settings_.activation == activation) return;
    settings_.activation = activation;
    held_ = latched_ = false;
}

void TalkSwitch::mute(bool on) {
    muted_ = on;
    if (!on) deafened_ = false;
    if (on) hands_free_ = latched_ = false;
}

void TalkSwitch::deafen(bool on) {
    deafened_ = on;
    if (on) hands_free_ = latched_ = false;
}

void TalkSwitch::hold(Time now, bool pressed) {
    if (held_ && !pressed) released_ = now;
    held_ = pressed;
}

void TalkSwitch::latch(Time now, bool on) {
    if (latched_ && !on) released_ = now;
    latched_ = on && !muted();
    last_loud_ = now;
}

void TalkSwitch::hands_free(Time now) {
    if (muted()) return;
    hands_free_ = true;
    last_loud_ = now;
}

void TalkSwitch::hold_back(bool on) {
    held_back_ = on;
    if (on) hands_free_ = latched_ = false;
}

bool TalkSwitch::pushed_now(Time now, float dbov) {
    if (dbov >= settings_.hands_free_dbov) last_loud_ = now;
    if (latched_ && now - last_loud_ >= settings_.latch_silence) latched_ = false;
    if (held_ || latched_) return true;
    return released_ != Time::min() && now - released_ < settings_.release_tail;
}

bool TalkSwitch::block(Time now, float dbov, bool gate) {
    const bool pushed = pushed_now(now, dbov);
    if (hands_free_ && now - last_loud_ >= settings_.hands_free_silence) hands_free_ = false;
    const bool wanted = hands_free_ || settings_.activation == Activation::kOpen || (settings_.activation == Activation::kVoice ? gate || pushed : pushed);
    on_air_ = wanted && !muted() && !held_back_;
    return on_air_;
}

}  // namespace earshot::client
