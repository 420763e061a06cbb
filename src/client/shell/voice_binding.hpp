// Between the model, which says what the member wants, and the caller at the sound desk, who does it.
#pragma once
#include <optional>
#include <vector>

#include "client/model.hpp"
#include "client/shell/sound_desk.hpp"

namespace earshot::client {

class VoiceBinding {
public:
    explicit VoiceBinding(SoundDesk& desk) : desk_(desk) {}

    // Brings the caller to what the model wants.
    void apply(Time now, const Model& model);
    // Brings his meters into the model, and says what he has ended by himself.
    struct Ended {
        bool hands_free = false, pushed = false;
        bool changed = false;  // a meter moved by a decibel, or a gate
    };
    Ended measure(Time now, Model& model);

private:
    SoundDesk& desk_;
    bool pushed_ = false, hands_free_ = false;  // as last applied
    std::optional<bool> muted_, deafened_;
    std::vector<int> shown_;  // every meter, in whole decibels, as last told
};

}  // namespace earshot::client
