// A listener's mix in his own format: 48 kHz stereo in, signed 16-bit little-endian samples out, without dither, so that silence is
// zeros.
#pragma once
#include <string>
#include <vector>

#include "audio/resampler.hpp"
#include "base/shared_text.hpp"
#include "bridge/frame.hpp"
#include "engine/bridge_orders.hpp"

namespace earshot::bridge {

class PcmOutput {
public:
    explicit PcmOutput(const engine::PcmFormat& format);

    // 20 ms; how many samples that are may differ by one from call to call.
    SharedText convert(const StereoFrame& mix);
    // 20 ms in which nothing sounds: what the filter still holds, then zeros, shared by all calls.
    SharedText silence();

    const engine::PcmFormat& format() const { return format_; }

private:
    SharedText zeros();

    engine::PcmFormat format_;
    audio::Resampler resampler_;
    std::vector<float> sound_, narrow_;
    int filter_frames_ = 0;        // of silence until the filter holds none of the last sound
    std::uint64_t remainder_ = 0;  // of rates that 20 ms do not divide
    std::array<SharedText, 2> zeros_;
};

}  // namespace earshot::bridge
