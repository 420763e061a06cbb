// A look at one's own sound: what the microphone brings is measured and, if wished, recorded, and something of our own is played. All of it
// stays at home. Memory is handed in from outside: nothing allocates on a device's thread.
#pragma once
#include <cstdint>
#include <vector>

#include "audio/frame.hpp"

namespace earshot::client {

// One block of the microphone. Levels in dBFS, as a meter shows them.
struct Loudness {
    float raw_dbfs = 0;    // as the device gave it
    float heard_dbfs = 0;  // as others would hear it: echo and noise taken out
    bool clipped = false;
    Duration length{};
};

class OwnSound {
public:
    static constexpr std::size_t kMostBlocks = 1000;  // that wait to be taken: the oldest are the ones to lose
    static constexpr float kClipped = 0.985f;         // of full scale: what comes so near to it was cut there

    OwnSound() { loudness_.reserve(kMostBlocks); }

    // --- the devices' threads
    void captured(audio::ConstSamples raw);
    // After the same sound went through the processing.
    void heard(audio::ConstSamples block, std::size_t channels, Duration length);
    // Adds what is to be played to interleaved stereo. True while there is something.
    bool add_to(audio::Samples stereo);

    // --- others
    void take_loudness(std::vector<Loudness>& out);
    // Fills `space`, mono, from the next block on.
    void record(std::vector<float> space);
    bool recorded() const { return recorded_size_ == recording_.size() && !recording_.empty(); }
    std::vector<float> take_recording();
    // Mono; in place of what was still being played.
    void play(std::vector<float> sound);
    bool playing() const { return played_ < playing_.size(); }
    void clear();

private:
    std::vector<Loudness> loudness_;
    double raw_power_ = 0;
    float raw_dbfs_ = 0;  // of the last block: a device may hand over several at once
    std::size_t raw_samples_ = 0, clipped_ = 0;
    std::vector<float> recording_, playing_;
    std::size_t recorded_size_ = 0, played_ = 0;
};

// Two soft notes, about a second: mono, in full scale at most 0.25.
std::vector<float> chime();

}  // namespace earshot::client
