#include "media/link_share.hpp"

#include <algorithm>

namespace earshot::media {

void LinkShare::voice_sent(Time now, std::size_t bytes) {
    if (!voiced_) voiced_ = true, voice_since_ = now;
    voice_bytes_ += bytes;
    const double span = std::chrono::duration<double>(now - voice_since_).count();
    if (now - voice_since_ < kVoiceSpan) return;
    // Rises at once, sinks slowly: who fell silent speaks again.
    const double rate = static_cast<double>(voice_bytes_) * 8 / span;
    voice_ = std::max(rate, voice_ + (rate - voice_) * 0.3);
    voice_bytes_ = 0;
    voice_since_ = now;
}

double LinkShare::voice(Time now) const {
    // Nothing for long: nobody speaks.
    return voiced_ && now - voice_since_ > 5 * kVoiceSpan ? 0 : voice_;
}

void LinkShare::estimated(Time now, double line) {
    const double left = std::max(0.0, line - voice(now)) * (1 - kForRepair);
    const auto present = static_cast<double>(pictures_);
    if (!started_ || left <= present) {
        started_ = true;
        pictures_ = static_cast<std::uint64_t>(left);
        higher_since_ = kNever;
        return;
    }
    if (left < present * kWorthClimbing) return;
    if (higher_since_ == kNever) higher_since_ = now, least_higher_ = left;
    least_higher_ = std::min(least_higher_, left);
    if (now - higher_since_ < kLasting) return;
    pictures_ = static_cast<std::uint64_t>(least_higher_);
    higher_since_ = kNever;
}

}  // namespace earshot::media
