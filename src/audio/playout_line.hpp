// The tape between decoder and device: what was played last (kept to repeat a pitch period of it) and what is to be played next.
// Interleaved stereo; a frame is one sample of each channel. Fixed memory.
#pragma once
#include <vector>

#include "audio/frame.hpp"

namespace earshot::audio {

class PlayoutLine {
public:
    static constexpr std::size_t kHistory = 1440;   // 30 ms, always there, zeros at first
    static constexpr std::size_t kPending = 12000;  // 250 ms at most are waiting

    PlayoutLine() : samples_(kSize * 2, 0.0f) {}

    std::size_t pending() const { return end_ - begin_; }
    std::size_t room() const { return kPending - pending(); }
    // History, then what is pending.
    ConstSamples view() const { return ConstSamples{samples_}.subspan((begin_ - kHistory) * 2, (kHistory + pending()) * 2); }

    // Space for `frames` at the end, to be written before any other call.
    Samples append(std::size_t frames);
    void take_back(std::size_t frames);  // the last frames were not wanted
    void consume(Samples out);           // as many frames as `out` holds; they must be pending
    Samples latest(std::size_t frames);  // the last pending ones
    void clear();                        // history too

    // Leaves out `lag` frames at the playing end: over `overlap` frames the next sound fades into the sound `lag` later. Needs lag +
    // overlap pending. `similarity` is the correlation of the two, so that the loudness holds while they cross.
    void leave_out(std::size_t lag, std::size_t overlap, float similarity);
    // Plays the last `lag` frames again: the next `overlap` <= lag frames fade into the sound `lag` earlier. lag <= kHistory.
    void repeat(std::size_t lag, std::size_t overlap, float similarity);

private:
    static constexpr std::size_t kSize = kHistory + kPending + 8 * kHistory;
    void make_room(std::size_t frames);
    float* at(std::size_t frame) { return samples_.data() + frame * 2; }

    std::vector<float> samples_;
    std::size_t begin_ = kHistory;
    std::size_t end_ = kHistory;
};

// How much of the old and the new sound to take, `position` in (0, 1) of the way across, so that power is kept for any correlation.
struct CrossFade {
    float out, in;
};
CrossFade cross_fade(float position, float similarity);

}  // namespace earshot::audio
