// Many voices into one pair of loudspeakers: a volume for each, no step when it changes, and a ceiling that nothing breaks through.
#pragma once
#include <array>

#include "audio/frame.hpp"

namespace earshot::audio {

// A factor that never jumps: it goes to where it is told within kRamp.
class GainRamp {
public:
    static constexpr int kRamp = kRate / 100;  // sample frames for all of the way

    explicit GainRamp(float gain = 1.f) : gain_(gain), target_(gain) {}
    void set(float target);
    void jump(float gain) { gain_ = target_ = gain; }
    // True when what it is applied to becomes silence: nothing need be computed for it.
    bool silent() const { return gain_ == 0.f && target_ == 0.f; }
    float target() const { return target_; }
    void apply(Samples stereo);
    void apply_mono(Samples mono) { apply(mono, 1); }

private:
    void apply(Samples sound, std::size_t channels);
    float gain_, target_, step_ = 0;
    int left_ = 0;
};

// Holds the sum below full scale without delaying it: the gain falls within a block of 2.5 ms to what its highest peak allows and
// comes back slowly; what still pokes out of the ramp meets a smooth knee. Below kKnee it is the identity.
class SoftLimiter {
public:
    static constexpr float kCeiling = 0.98f, kKnee = 0.8f;
    static constexpr std::size_t kBlock = 240;  // samples of stereo

    void process(Samples stereo);
    float gain() const { return gain_; }

private:
    void process_block(Samples stereo);
    float gain_ = 1.f;
};

// Adds `sound` to `mix`, sample by sample.
void add_to(Samples mix, ConstSamples sound);

}  // namespace earshot::audio
