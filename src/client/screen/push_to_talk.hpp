// Talking by a key, as far as the terminal lets it be known (docs/terminal.md): held where releases are told, switched on
// and off elsewhere, or kept alive by the key's own repeats. Whatever happens, the microphone does not stay open unnoticed.
#pragma once
#include "base/time.hpp"
#include "client/action.hpp"
#include "client/model.hpp"
#include "client/screen/input_event.hpp"

namespace earshot::client::screen {

class PushToTalk {
public:
    static constexpr Duration kLongestSilence = 60s;  // switched on and nothing said: off again
    static constexpr Duration kRepeatGap = 700ms;     // longer than keyboards wait before their first repeat

    explicit PushToTalk(PushLevel level = PushLevel::kToggle) : level_(level) {}

    PushLevel level() const { return level_; }
    bool talking() const { return talking_; }

    // Another way from now on; a talk that was on ends.
    void set_level(PushLevel level);
    // The talk key. Releases are known in kHold alone.
    void key(Time now, KeyPhase phase);
    // The window is no longer the one that hears the keys: what was held is let go, what was switched stays.
    void focus_lost();
    // From outside: `earshot ctl ptt`, /ptt.
    void set(Time now, Switch to);
    // Something was said: the silence begins anew.
    void spoke(Time now);

    Time deadline() const { return talking_ ? deadline_ : kNever; }
    void tick(Time now);

private:
    void begin(Time now, Duration patience);

    PushLevel level_;
    bool talking_ = false;
    bool from_outside_ = false;  // neither focus nor repeats end it
    Time deadline_ = kNever;
};

}  // namespace earshot::client::screen
