// Raw sound as a socket brings it, in whatever pieces and at whatever pace, to frames of 20 ms of 48 kHz mono at a steady pace. It waits
// as long as the sender's pieces and their jitter need, follows his clock by resampling a little faster or slower, and begins and ends
// what was sent without a click. A machine: bounded memory whatever comes.
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "audio/resampler.hpp"
#include "bridge/frame.hpp"
#include "engine/bridge_orders.hpp"

namespace earshot::bridge {

class PcmIntake {
public:
    static constexpr std::size_t kFade = 120;            // 2.5 ms, kept back so that an end can be faded
    static constexpr Duration kMostAllowance = 120ms;    // for jitter, beyond what the pieces themselves need
    static constexpr Duration kBelongsTogether = 150ms;  // sound so long after the last ran dry was meant to follow on it
    static constexpr int kTailFrames = 4;                // of silence after the last sound, so that whoever encodes can end in peace

    // A rate of 8,000 to 96,000 Hz, one channel or two; anything else stops the process.
    explicit PcmIntake(const engine::PcmFormat& format);

    // Bytes as they came; half a sample at the end waits for its other half.
    void receive(Time now, Bytes pcm);

    // When the next frame is to be taken; kNever while there is nothing to say.
    Time due() const { return due_; }
    // The frame that belongs to due(), which moves on by 20 ms. To be called when due() has come.
    void take(MonoFrame& out);

    // More waits than a sender at the pace of the clock ever has: he should not be read for now.
    bool wants_pause() const { return paused_; }
    // Since when, without a break, he has been ahead of the clock; kNever: he is not.
    Time ahead_since() const { return ahead_since_; }
    // Sound that waits, at 48 kHz.
    Duration waiting() const;
    std::uint64_t samples_lost() const { return lost_; }

    // For tests: how much faster or slower than the nominal rate it reads, and what it waits for jitter.
    double correction() const { return correction_; }
    Duration allowance() const { return allowance_; }

private:
    class Fifo {
    public:
        explicit Fifo(std::size_t capacity) : ring_(capacity) {}
        std::size_t size() const { return size_; }
        std::size_t put(audio::ConstSamples sound);  // how many found room
        void take(audio::Samples out);               // as many must be there
        void drop(std::size_t count);
        float peek(std::size_t at) const { return ring_[(begin_ + at) % ring_.size()]; }
        void poke(std::size_t at, float sample) { ring_[(begin_ + at) % ring_.size()] = sample; }

    private:
        std::vector<float> ring_;
        std::size_t begin_ = 0, size_ = 0;
    };

    void put_samples(audio::ConstSamples mono);
    void begin(Time now);
    void run_dry(MonoFrame& out);
    void note_slack(std::size_t left);
    void end_window();
    void correct();
    void leave_out(std::size_t samples);
    void watch_pace(Time now);

    engine::PcmFormat format_;
    audio::Resampler resampler_;
    Fifo fifo_;
    std::array<std::uint8_t, 4> partial_{};  // of one sample frame
    std::size_t partial_size_ = 0;
    std::size_t high_water_, low_water_;

    Time due_ = kNever;
    Time dry_at_ = kNever;  // when sound was missing last
    bool talking_ = false;  // false with a due(): the silence after the last sound
    bool fresh_ = false;    // the next frame is the first
    int tail_ = 0;
    Duration allowance_;

    // The least that was left after a frame was taken, of the last windows, the newest first.
    static constexpr std::size_t kWindows = 4;
    static constexpr int kFramesPerWindow = 100;  // 2 s
    std::array<std::int64_t, kWindows> least_{};
    std::size_t windows_ = 0;
    int frames_in_window_ = 0;
    bool paused_in_window_ = false;
    double correction_ = 0;

    bool paused_ = false;
    Time ahead_since_ = kNever;
    std::uint64_t lost_ = 0;
};

}  // namespace earshot::bridge
