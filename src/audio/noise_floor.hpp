// How loud it is when nobody speaks: the quietest that the sound has been within the last seconds. Speech pauses within that time;
// a fan does not.
#pragma once
#include <array>

#include "audio/level.hpp"

namespace earshot::audio {

class NoiseFloor {
public:
    static constexpr Duration kWindow = 500ms;
    static constexpr std::size_t kWindows = 8;  // the memory: 4 s

    // `length`: how much sound this level was measured over.
    void add(float dbov, Duration length);
    float dbov() const;
    void reset() { *this = NoiseFloor{}; }

private:
    std::array<float, kWindows> quietest_{kSilenceDb, kSilenceDb, kSilenceDb, kSilenceDb, kSilenceDb, kSilenceDb, kSilenceDb, kSilenceDb};
    std::size_t window_ = 0;
    float smooth_ = kSilenceDb, current_ = 0;
    Duration filled_{};
    bool started_ = false;
};

}  // namespace earshot::audio
