// Takes out what is below a voice: hum, handling, the wind in a microphone. A Butterworth filter of the second order.
#pragma once
#include "audio/frame.hpp"

namespace earshot::audio {

class HighPass {
public:
    explicit HighPass(double hertz = 60);
    void process(Samples mono);

private:
    float gain_, a1_, a2_;
    float x1_ = 0, x2_ = 0, y1_ = 0, y2_ = 0;
};

}  // namespace earshot::audio
