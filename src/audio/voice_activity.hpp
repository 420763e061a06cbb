// Whether somebody speaks into the microphone: a gate that opens above a level, holds on for a while after the last loud block, and
// fits itself to the noise of the room unless its level is given.
#pragma once
#include <optional>

#include "audio/noise_floor.hpp"

namespace earshot::audio {

struct GateSettings {
    std::optional<float> open_dbov{};  // none: kAboveNoise above the noise, within kLowest and kHighest
    Duration attack = 15ms;            // shorter than this is a key of the keyboard, no word
    Duration hangover = 300ms;
};

class VoiceActivity {
public:
    static constexpr float kAboveNoise = 12.f, kLowest = -62.f, kHighest = -28.f;
    static constexpr float kHysteresis = 5.f;  // what is open stays so until this far below

    explicit VoiceActivity(const GateSettings& settings = {}) : settings_(settings) {}

    // One block of sound, in time order; true while the gate is open. `likely`: false holds it shut (what one hears is known to be
    // another's echo).
    bool add(float dbov, Duration length, bool likely = true);
    bool open() const { return open_; }
    void close();
    void set(const GateSettings& settings) { settings_ = settings; }
    // The level that opens it now.
    float threshold_dbov() const;
    float noise_dbov() const { return noise_.dbov(); }

private:
    GateSettings settings_;
    NoiseFloor noise_;
    Duration loud_{}, quiet_{};
    bool open_ = false;
};

}  // namespace earshot::audio
