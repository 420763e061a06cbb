#include "audio/level.hpp"

#include <algorithm>
#include <cmath>

namespace earshot::audio {
namespace {
float fallen(float level, Duration since) {
    const auto seconds = static_cast<float>(std::max(since, Duration{0}).count()) * 1e-9f;
    return std::max(kSilenceDb, level - LevelMeter::kFallPerSecond * seconds);
}
}  // namespace

double mean_square(ConstSamples sound) {
    if (sound.empty()) return 0;
    float sum = 0;  // blocks are short: single precision is enough, and the compiler can use its wide registers
    for (const float sample : sound) sum += sample * sample;
    return static_cast<double>(sum) / static_cast<double>(sound.size());
}

float db_of_power(double mean_square) {
    // Not a number is silence too: it comes from a device that lost its mind, and must not stick in a meter.
    if (!(mean_square > 2e-13)) return kSilenceDb;
    return std::max(kSilenceDb, static_cast<float>(10 * std::log10(mean_square)));
}

float dbov(ConstSamples sound) { return db_of_power(mean_square(sound)); }

std::uint8_t level_of_db(float dbov) { return static_cast<std::uint8_t>(std::lround(std::clamp(-dbov, 0.f, 127.f))); }

std::uint8_t level_of(ConstSamples sound) { return level_of_db(dbov(sound)); }

void LevelMeter::add(Time now, float dbov) {
    const float level = std::min(0.f, dbov + kDbfsAboveDbov);
    level_ = std::max(level, dbfs(now));
    if (level >= peak_dbfs(now)) peak_ = level, peak_at_ = now;
    at_ = now;
}

float LevelMeter::dbfs(Time now) const { return fallen(level_, now - at_); }

float LevelMeter::peak_dbfs(Time now) const { return fallen(peak_, now - peak_at_ - kPeakHold); }

}  // namespace earshot::audio
