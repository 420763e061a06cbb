#include "audio/mixer.hpp"

#include <algorithm>
#include <cmath>

#include "base/check.hpp"

namespace earshot::audio {
namespace {

constexpr float kReleasePerBlock = 0.005f;  // each 2.5 ms: half a second from nothing to everything

float highest(ConstSamples sound) {
    float peak = 0;
    for (const float sample : sound) peak = std::max(peak, std::abs(sample));
    return peak;
}

// The identity up to the knee, then bending towards the ceiling, which it never reaches; the slope is continuous.
float bent(float sample) {
    constexpr float room = SoftLimiter::kCeiling - SoftLimiter::kKnee;
    const float size = std::abs(sample);
    if (size <= SoftLimiter::kKnee) return sample;
    const float over = (size - SoftLimiter::kKnee) / room;
    return std::copysign(SoftLimiter::kKnee + room * (over / (1 + over)), sample);
}

}  // namespace

void GainRamp::set(float target) {
    if (target == target_) return;
    target_ = target;
    left_ = kRamp;
    step_ = (target_ - gain_) / kRamp;
}

void GainRamp::apply(Samples stereo) { apply(stereo, 2); }

void GainRamp::apply(Samples sound, std::size_t channels) {
    std::size_t at = 0;
    for (; left_ > 0 && at < sound.size(); at += channels) {
        gain_ = --left_ == 0 ? target_ : gain_ + step_;
        for (std::size_t c = 0; c < channels; ++c) sound[at + c] *= gain_;
    }
    if (gain_ == 1.f) return;
    for (; at < sound.size(); ++at) sound[at] *= gain_;
}

void SoftLimiter::process(Samples stereo) {
    for (std::size_t at = 0; at < stereo.size(); at += kBlock) process_block(stereo.subspan(at, std::min(kBlock, stereo.size() - at)));
}

void SoftLimiter::process_block(Samples stereo) {
    const float peak = highest(stereo);
    if (gain_ == 1.f && peak <= kKnee) return;
    const float allowed = peak > kKnee ? kKnee / peak : 1.f;
    const float back = std::min(1.f, gain_ + kReleasePerBlock);
    const float target = std::min(allowed, back);
    const float step = (target - gain_) / static_cast<float>(stereo.size() / 2);
    for (std::size_t at = 0; at + 1 < stereo.size(); at += 2) {
        gain_ += step;
        stereo[at] = bent(stereo[at] * gain_);
        stereo[at + 1] = bent(stereo[at + 1] * gain_);
    }
    gain_ = target;
}

void add_to(Samples mix, ConstSamples sound) {
    ENSURE(mix.size() == sound.size());
    for (std::size_t i = 0; i < mix.size(); ++i) mix[i] += sound[i];
}

}  // namespace earshot::audio
