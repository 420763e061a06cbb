// What a network does to a stream of packets, drawn from a seed: which arrive, and when. For tests and benches.
#pragma once
#include <cmath>
#include <numbers>
#include <optional>
#include <string_view>
#include <vector>

#include "base/random.hpp"
#include "base/time.hpp"

namespace earshot::audio {

struct Weather {
    std::string_view name = "calm";
    double loss = 0.0;           // share of packets
    int burst = 1;               // lost in a row, each time
    double jitter_ms = 0.0;      // standard deviation, each packet for itself: packets overtake one another
    double queue_ms = 0.0;       // the same for a queue, where none overtakes: the delay wanders and what follows waits
    double stall_ms = 0.0;       // now and then nothing comes for this long, then all at once
    double stall_every_s = 5.0;  // on average
    double duplicate = 0.0;
    double drift_ppm = 0.0;  // the sender's clock is that much faster
};

inline constexpr Weather kCalm{};
inline constexpr Weather kWifi{.name = "5 % loss, jitter 30 ms sd", .loss = 0.05, .jitter_ms = 30};
inline constexpr Weather kBursts{.name = "bursts of 3, 5 %", .loss = 0.05, .burst = 3, .jitter_ms = 5};
inline constexpr Weather kLossy{.name = "20 % loss, jitter 10 ms", .loss = 0.20, .jitter_ms = 10};
inline constexpr Weather kStalls{.name = "stalls of 200 ms each 5 s", .jitter_ms = 2, .stall_ms = 200, .stall_every_s = 5};
inline constexpr Weather kRareStalls{.name = "stalls of 200 ms each 40 s", .jitter_ms = 2, .stall_ms = 200, .stall_every_s = 40};
inline constexpr Weather kMild{.name = "1 % loss, jitter 10 ms", .loss = 0.01, .jitter_ms = 10};
inline constexpr Weather kQueue{.name = "queue, 15 ms sd", .loss = 0.01, .queue_ms = 15};
inline constexpr Weather kDuplicates{.name = "5 % twice, jitter 10 ms", .jitter_ms = 10, .duplicate = 0.05};

// When packet number n, sent at n frames (of the sender's clock), arrives; none: lost. The base delay is 120 ms, so that what is
// drawn earlier than the past does not pile up at zero.
struct Arrival {
    Duration sent{};
    std::optional<Duration> at{};
    bool twice = false;
};

class WeatherTrace {
public:
    WeatherTrace(const Weather& weather, std::uint64_t seed) : weather_(weather), chance_(seed) {}

    Arrival next(Duration frame) {
        Arrival arrival{
            .sent = std::chrono::nanoseconds(static_cast<std::int64_t>(static_cast<double>(number_++ * frame.count()) / (1.0 + weather_.drift_ppm * 1e-6)))};
        const double sent = static_cast<double>(arrival.sent.count()) / 1e6;
        const double alone = weather_.jitter_ms > 0 ? weather_.jitter_ms * normal() : 0.0;
        double at = sent + kBaseMs + std::max(-kBaseMs, alone);
        if (weather_.queue_ms > 0) at = queued(sent, static_cast<double>(frame.count()) / 1e6);
        if (weather_.stall_ms > 0) at = stalled(at, static_cast<double>(frame.count()) / 1e6);
        arrival.twice = weather_.duplicate > 0 && chance_.chance(weather_.duplicate);
        if (!lost()) arrival.at = std::chrono::nanoseconds(static_cast<std::int64_t>(at * 1e6));
        return arrival;
    }
    void change(const Weather& weather) { weather_ = weather; }
    static constexpr double kBaseMs = 120.0;

private:
    double uniform() { return static_cast<double>(chance_.next() >> 11) / 9007199254740992.0; }
    double normal() { return std::sqrt(-2 * std::log(uniform() + 1e-18)) * std::cos(2 * std::numbers::pi * uniform()); }
    bool lost() {
        if (losing_ > 0) return --losing_ >= 0;
        if (weather_.loss <= 0 || !chance_.chance(weather_.loss / weather_.burst)) return false;
        losing_ = weather_.burst - 1;
        return true;
    }
    double queued(double sent, double frame_ms) {
        const double keep = std::exp(-frame_ms / 100.0);
        wander_ = wander_ * keep + weather_.queue_ms * std::sqrt(1 - keep * keep) * normal();
        last_ = std::max(last_, sent + kBaseMs + std::max(-kBaseMs, std::abs(wander_)));
        return last_;
    }
    double stalled(double at, double frame_ms) {
        if (at > free_ && chance_.chance(frame_ms / 1000 / weather_.stall_every_s)) free_ = at + weather_.stall_ms;
        return std::max(at, free_);
    }
    Weather weather_;
    SeededRandom chance_;
    std::int64_t number_ = 0;
    int losing_ = 0;
    double wander_ = 0, last_ = 0, free_ = 0;
};

}  // namespace earshot::audio
