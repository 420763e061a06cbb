// When one encoding is asked for a key frame: whoever needs it asks here, and however many do, its sender hears it at most twice a
// second, and again until a key frame comes.
#pragma once
#include "base/time.hpp"

namespace earshot::media {

class KeyFrameRequest {
public:
    static constexpr Duration kInterval = 500ms;

    void ask() { wanted_ = true; }
    // A key frame began, or nobody needs one any more.
    void settled() { wanted_ = false; }
    bool wanted() const { return wanted_; }
    // When to send the request; kNever: not at all.
    Time due() const { return wanted_ ? last_sent_ + kInterval : kNever; }
    // True when the request is to be sent now; it is then taken to be.
    bool take(Time now) {
        if (now < due()) return false;
        last_sent_ = now;
        return true;
    }

private:
    // Long past, yet far from the clock's end.
    Time last_sent_ = Time{-24h};
    bool wanted_ = false;
};

}  // namespace earshot::media
