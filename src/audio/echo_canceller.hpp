// Takes out of the microphone what the loudspeakers said, and what the fan says; lifts a faint voice. Works on blocks of 10 ms of mono.
#pragma once
#include <expected>
#include <memory>
#include <string>

#include "audio/frame.hpp"

namespace earshot::audio {

struct ProcessingSettings {
    bool echo = true;
    bool noise = true;
    bool gain = true;  // automatic, digital
    bool high_pass = true;
    bool strong = false;  // with noise: more of it, and 6 ms later
    bool operator==(const ProcessingSettings&) const = default;
    bool any() const { return echo || noise || gain || high_pass; }
};

class EchoCanceller {
public:
    static constexpr std::size_t kBlock = 480;

    virtual ~EchoCanceller() = default;
    // What will be heard from the loudspeakers next. Need not keep step with near_end(): the delay is found out.
    virtual void far_end(ConstSamples block) = 0;
    // What the microphone heard, replaced by what is left of it.
    virtual void near_end(Samples block) = 0;
};

// The WebRTC project's module with its long filter, told no delays. It holds the microphone back: 1 ms for the bands it works in, 7 more
// for the echo (3 for blocks that do not divide 10 ms, 4 for their overlap) and 6 more for the noise (measured, see the test). What a
// voice is made of here takes only its echo and its gain from it, see voice_processor.hpp.
std::expected<std::unique_ptr<EchoCanceller>, std::string> make_webrtc_canceller(const ProcessingSettings& settings);

}  // namespace earshot::audio
