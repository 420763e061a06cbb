// The way through the echo canceller, which holds the microphone back by 8 ms and costs more than anything else: taken only while the
// loudspeakers have something to say, and left again in a pause of the voice. Going in, the 8 ms are made up by saying a period of the
// pitch again; coming out they are left out where it is quiet.
#pragma once
#include <array>
#include <memory>

#include "audio/echo_canceller.hpp"
#include "audio/frame.hpp"

namespace earshot::audio {

class EchoPath {
public:
    static constexpr std::size_t kBlock = EchoCanceller::kBlock;
    // Samples that the canceller holds back: 48 for its bands, 48 for its blocks, 288 for their overlap (measured, see the test).
    static constexpr std::size_t kHeldBack = 384;

    explicit EchoPath(std::unique_ptr<EchoCanceller> canceller) : canceller_(std::move(canceller)) {}

    // What the loudspeakers will say. Before the microphone's block of the same time.
    void far_end(std::span<const float, kBlock> block);
    // What the microphone heard, in place. `possible`: the loudspeakers spoke so lately that there may be an echo.
    void near_end(std::span<float, kBlock> block, bool possible);
    // A block from before the loudspeakers began.
    void near_end_late(std::span<float, kBlock> block);

    bool cancelling() const { return through_; }
    // All that was heard was echo.
    bool echo_alone() const { return through_ && left_ < kMostLeft * heard_; }

private:
    static constexpr std::size_t kMostExtra = 720;  // a deep voice's period
    static constexpr std::size_t kFade = 240;       // 5 ms
    static constexpr float kMostLeft = 0.01f;
    static constexpr std::size_t kHistory = 4 * kBlock;
    using History = std::array<float, kHistory>;

    void start();
    void cancel(std::span<const float, kBlock> block);
    bool quiet(std::span<const float, kBlock> block);
    std::size_t best_extra() const;
    // From what was played so far to the canceller's output of `extra` samples ago.
    void cross(std::span<float, kBlock> block, const float* before, const float* after) const;
    const float* direct() const { return raw_.data() + kHistory - kBlock; }
    const float* cancelled(std::size_t extra) const { return out_.data() + kHistory - kBlock - extra; }

    std::unique_ptr<EchoCanceller> canceller_;
    History raw_{}, out_{};  // the newest block is the last
    bool running_ = false, through_ = false;
    std::size_t extra_ = 0;
    float loudest_ = 0;           // mean square of the loudest block lately
    float heard_ = 0, left_ = 0;  // mean squares into and out of the canceller, smoothed
};

}  // namespace earshot::audio
