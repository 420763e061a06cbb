// How loud: for the header extension that servers choose speakers by, and for the meters that people look at.
#pragma once
#include <cstdint>

#include "audio/frame.hpp"

namespace earshot::audio {

inline constexpr float kSilenceDb = -127.f;
inline constexpr std::uint8_t kSilentLevel = 127;

// Meters count in dBFS, where a sine of full scale is 0 (AES17); the wire and the machines in dBov, where a square wave is.
inline constexpr float kDbfsAboveDbov = 3.01f;

double mean_square(ConstSamples sound);
// The root of the mean square against a square wave of full scale, which is 0 dBov; a sine of full scale is -3. Never below kSilenceDb.
float dbov(ConstSamples sound);
float db_of_power(double mean_square);
// RFC 6464 section 3: -dBov, 0 the loudest, 127 silence.
std::uint8_t level_of(ConstSamples sound);
std::uint8_t level_of_db(float dbov);

// What a meter shows, in dBFS (AES17: a sine of full scale is 0): rises at once, falls 30 dB a second; the peak stands for a second.
class LevelMeter {
public:
    static constexpr float kFallPerSecond = 30.f;
    static constexpr Duration kPeakHold = 1s;

    void add(Time now, ConstSamples sound) { add(now, dbov(sound)); }
    void add(Time now, float dbov);
    float dbfs(Time now) const;
    float peak_dbfs(Time now) const;

private:
    float level_ = kSilenceDb, peak_ = kSilenceDb;
    Time at_{}, peak_at_{};
};

}  // namespace earshot::audio
