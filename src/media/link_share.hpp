// How one viewer's line is divided: voice first, whole; then repair; what is left is for pictures, of which layer_choice.hpp serves the
// share before the speaker and the speaker before the rest. Down at once, up only when it has lasted, so that a picture does not flicker
// between two encodings.
#pragma once
#include <cstdint>

#include "base/time.hpp"

namespace earshot::media {

class LinkShare {
public:
    static constexpr double kForRepair = 0.08;      // of what voice leaves
    static constexpr double kWorthClimbing = 1.05;  // times the present budget
    static constexpr Duration kLasting = 1s;

    // Voice that goes to him, headers and copies included.
    void voice_sent(Time now, std::size_t bytes);
    // A new estimate of his line, bits a second.
    void estimated(Time now, double line);

    double voice(Time now) const;  // bits a second, of late
    // Bits a second for pictures.
    std::uint64_t pictures() const { return pictures_; }

private:
    static constexpr Duration kVoiceSpan = 1s;
    double voice_ = 0;  // bits a second, smoothed
    std::size_t voice_bytes_ = 0;
    Time voice_since_{};
    Time higher_since_ = kNever;
    double least_higher_ = 0;
    std::uint64_t pictures_ = 0;
    bool voiced_ = false, started_ = false;
};

}  // namespace earshot::media
