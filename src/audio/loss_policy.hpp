// From what the far end reports as lost to what the encoder does about it: how much loss it prepares for, and how much it sends.
// Rises at once, sinks slowly, so that a burst does not switch FEC on and off with every report.
#pragma once
#include "audio/frame.hpp"

namespace earshot::audio {

class LossPolicy {
public:
    static constexpr double kBegin = 0.01;      // FEC from here
    static constexpr double kEnd = 0.004;       // and until the smoothed loss is below this,
    static constexpr Duration kCalm = 10s;      // for so long
    static constexpr double kCongested = 0.15;  // that much is a queue that overflows rather than a bad radio: send less
    static constexpr double kClear = 0.03;
    static constexpr double kLeast = 0.5;  // of the configured bitrate

    // `lost`: the fraction of packets between two reports (RFC 3550 section 6.4.1), 0 to 1. About one report a second or two.
    void reported(Time now, double lost);

    int expected_percent() const;  // 0: no FEC
    double bitrate_share() const { return share_; }
    double smoothed() const { return loss_; }

private:
    double loss_ = 0, share_ = 1;
    bool fec_ = false;
    Time calm_since_ = kNever;
};

}  // namespace earshot::audio
