// How late packets come, and therefore how late to play. A packet's way through the network is its arrival minus its place in the
// stream; the shortest way of the last seconds is the floor, and what a packet took longer is its delay. The delays that were seen,
// the older the fainter, say what each waiting time would have cost in concealed sound, and the cheapest waiting time is the target.
#pragma once
#include <array>
#include <cstdint>
#include <vector>

#include "base/time.hpp"

namespace earshot::audio {

using Ticks = std::int64_t;  // samples at 48 kHz, of time or of sound
constexpr Ticks ticks(Duration d) { return d.count() / 62'500 * 3 + d.count() % 62'500 * 3 / 62'500; }
constexpr Duration duration(Ticks t) { return Duration{t / 3 * 62'500 + t % 3 * 62'500 / 3}; }

// The smallest value of a window that slides in eight steps. A step is over when it has lasted and has counted enough, so that a
// sender who pauses keeps his floor.
class SlidingFloor {
public:
    SlidingFloor(Ticks step, int least_count) : step_(step), least_count_(least_count) {}

    void add(Ticks now, Ticks value);
    void clear() { filled_ = 0; }
    bool known() const { return filled_ > 0; }
    Ticks value() const { return value_; }

private:
    static constexpr std::size_t kSteps = 8;

    Ticks step_;
    int least_count_;
    std::array<Ticks, kSteps> smallest_{};
    std::size_t filled_ = 0, newest_ = 0;
    Ticks began_ = 0;
    int count_ = 0;
    Ticks value_ = 0;
};

// Delays in steps of half a millisecond; beyond the last the time is not told apart.
class DelayHistogram {
public:
    static constexpr Ticks kBin = 24;
    static constexpr std::size_t kBins = 1000;

    // It remembers ten seconds without delay that never were, lest the first packets weigh too much.
    DelayHistogram();
    // `length` of sound became available `delay` later than the shortest way.
    void add(Ticks delay, Ticks length);
    // What was seen is that much less late than it was counted.
    void shorten(Ticks delay);
    // The waiting time with the smallest sum of itself and of what is still late, `price` ticks for each ten-thousandth.
    Ticks cheapest(double price) const;

private:
    void refresh();
    std::vector<float> mass_;  // in units that grow, so that the past fades without being touched
    float unit_ = 1.0f;
    float total_ = 0.0f;
    std::size_t highest_ = 0;
};

class DelayEstimator {
public:
    // A packet's place in the stream, when it came, how long it lasts.
    void arrived(Ticks now, Ticks media, Ticks length);
    // What lasts `length` at `media` could be had from `now` on, be it from its own packet or from the copy in the next.
    void available(Ticks now, Ticks media, Ticks length);
    // The next packet begins a new count of time.
    void restart() { floor_.clear(); }
    // Another sender: nothing is known.
    void forget();

    bool known() const { return floor_.known(); }
    Ticks floor() const { return floor_.value(); }
    Ticks target() const { return target_; }

private:
    SlidingFloor floor_{ticks(250ms), 10};
    DelayHistogram histogram_;
    Ticks heard_ = 0;  // in all
    Ticks target_ = ticks(15ms);
};

}  // namespace earshot::audio
