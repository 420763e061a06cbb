#include "client/screen/push_to_talk.hpp"

namespace earshot::client::screen {

void PushToTalk::set_level(PushLevel level) {
    if (level == level_) return;
    level_ = level;
    talking_ = false;
}

void PushToTalk::begin(Time now, Duration patience) {
    talking_ = true;
    deadline_ = now + patience;
}

void PushToTalk::key(Time now, KeyPhase phase) {
    switch (level_) {
        case PushLevel::kHold:
            if (phase == KeyPhase::release)
                talking_ = false;
            else if (phase == KeyPhase::press || talking_)
                begin(now, kLongestSilence);
            break;
        case PushLevel::kToggle:
            if (phase != KeyPhase::press) return;
            if (talking_)
                talking_ = false;
            else
                begin(now, kLongestSilence);
            break;
        case PushLevel::kRepeat:
            if (phase == KeyPhase::release)
                talking_ = false;
            else
                begin(now, kRepeatGap);
            break;
    }
    from_outside_ = false;
}

void PushToTalk::focus_lost() {
    if (level_ != PushLevel::kToggle && !from_outside_) talking_ = false;
}

void PushToTalk::set(Time now, Switch to) {
    const bool on = to == Switch::kOn || (to == Switch::kToggle && !talking_);
    if (!on) {
        talking_ = false;
        return;
    }
    from_outside_ = true;
    begin(now, kLongestSilence);
}

void PushToTalk::spoke(Time now) {
    const bool by_silence = level_ != PushLevel::kRepeat || from_outside_;
    if (talking_ && by_silence) deadline_ = now + kLongestSilence;
}

void PushToTalk::tick(Time now) {
    if (talking_ && now >= deadline_) talking_ = false;
}

}  // namespace earshot::client::screen
