// A flood gate: `rate` a second on average, `burst` at once.
#pragma once
#include <algorithm>

#include "base/time.hpp"

namespace earshot {

class TokenBucket {
public:
    TokenBucket(double rate_per_second, double burst) : rate_(rate_per_second), burst_(burst), tokens_(burst) {}

    bool take(Time now, double cost = 1.0) {
        refill(now);
        if (tokens_ < cost) return false;
        tokens_ -= cost;
        return true;
    }
    // How long until `cost` could be taken; zero when it can be now.
    Duration wait(Time now, double cost = 1.0) {
        refill(now);
        if (tokens_ >= cost) return Duration{0};
        return std::chrono::duration_cast<Duration>(std::chrono::duration<double>((cost - tokens_) / rate_));
    }

private:
    void refill(Time now) {
        if (started_ && now > last_) tokens_ = std::min(burst_, tokens_ + rate_ * std::chrono::duration<double>(now - last_).count());
        started_ = true;
        last_ = std::max(last_, now);
    }
    double rate_;
    double burst_;
    double tokens_;
    Time last_{};
    bool started_ = false;
};

}  // namespace earshot
