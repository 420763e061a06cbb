#include "audio/voice_activity.hpp"

#include <algorithm>

namespace earshot::audio {

float VoiceActivity::threshold_dbov() const {
    if (settings_.open_dbov) return *settings_.open_dbov;
    return std::clamp(noise_.dbov() + kAboveNoise, kLowest, kHighest);
}

bool VoiceActivity::add(float dbov, Duration length, bool likely) {
    noise_.add(dbov, length);
    const float threshold = threshold_dbov();
    if (likely && dbov >= threshold)
        loud_ += length;
    else if (loud_ > Duration{0})
        loud_ = std::max(Duration{0}, loud_ - length);
    if (!open_) {
        if (loud_ < settings_.attack) return false;
        open_ = true;
        quiet_ = Duration{0};
        return true;
    }
    if (dbov >= threshold - kHysteresis)
        quiet_ = Duration{0};
    else
        quiet_ += length;
    if (quiet_ >= settings_.hangover) close();
    return open_;
}

void VoiceActivity::close() {
    open_ = false;
    loud_ = quiet_ = Duration{0};
}

}  // namespace earshot::audio
