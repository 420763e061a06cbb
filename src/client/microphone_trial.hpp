// /test-mic: three seconds of one's own microphone, and then the same from one's own loudspeakers; and in words whether others would have
// understood it.
#pragma once
#include <optional>
#include <vector>

#include "client/sound_check.hpp"

namespace earshot::client {

struct TrialFacts {
    std::string input{};             // its name
    std::optional<float> gate_dbfs;  // what must be surpassed to be sent; nothing where a key decides
};

class MicrophoneTrial final : public SoundCheck {
public:
    static constexpr Duration kLength = 3s;
    static constexpr Duration kPatience = 3s;  // more, until the device has begun

    MicrophoneTrial(Time now, TrialFacts facts);

    void answer(Time now, std::string_view text) override;
    void recorded(Time now) override;
    void played(Time now) override;
    void heard(Time now, std::span<const Loudness> blocks) override;

private:
    void say_verdict();
    void end() { wish(wish::End{}); }

    TrialFacts facts_;
    Time since_;
    bool playing_ = false;
    Duration listened_{};
    std::vector<float> levels_;
    float loudest_raw_ = kSilence;
    int clipped_ = 0;
};

// What is to be said of a recording, a sentence each.
struct Recorded {
    float raw_dbfs = kSilence;    // the loudest block as it came from the device
    float voice_dbfs = kSilence;  // of its loud part, as others hear it
    int clipped_blocks = 0;
};
std::vector<std::string> verdict_on(const Recorded& recorded, const TrialFacts& facts);

}  // namespace earshot::client
