#include "audio/delay_estimator.hpp"

#include <algorithm>

namespace earshot::audio {
namespace {

constexpr Ticks kMemory = ticks(25s);
// A hundredth of the sound concealed is as bad as 160 ms of delay: a ten-thousandth is worth 1.6 ms.
constexpr double kPrice = 76.8;
constexpr Ticks kSafety = ticks(500us);
// What is waited before anything is known, and how long nothing is.
constexpr Ticks kFirstGuess = ticks(15ms);
constexpr Ticks kLearning = ticks(400ms);
constexpr Ticks kAnotherRoute = ticks(10ms);
constexpr float kCalmPackets = 500.0f;

}  // namespace

void SlidingFloor::add(Ticks now, Ticks value) {
    const bool over = filled_ > 0 && now - began_ >= step_ && count_ >= least_count_;
    if (filled_ == 0 || over) {
        newest_ = filled_ == 0 ? 0 : (newest_ + 1) % kSteps;
        filled_ = std::min(filled_ + 1, kSteps);
        smallest_[newest_] = value;
        began_ = now;
        count_ = 0;
    }
    ++count_;
    smallest_[newest_] = std::min(smallest_[newest_], value);
    value_ = *std::min_element(smallest_.begin(), smallest_.begin() + static_cast<std::ptrdiff_t>(filled_));
}

DelayHistogram::DelayHistogram() : mass_(kBins, 0.0f) { mass_[0] = total_ = kCalmPackets * 960; }

void DelayHistogram::add(Ticks delay, Ticks length) {
    const auto bin = static_cast<std::size_t>(std::clamp<Ticks>(delay / kBin, 0, kBins - 1));
    const float mass = unit_ * static_cast<float>(length);
    mass_[bin] += mass;
    total_ += mass;
    highest_ = std::max(highest_, bin);
    unit_ *= 1.0f + static_cast<float>(length) / static_cast<float>(kMemory);
    if (unit_ > 1e6f) refresh();
}

void DelayHistogram::shorten(Ticks delay) {
    const auto bins = static_cast<std::size_t>(std::clamp<Ticks>(delay / kBin, 0, kBins - 1));
    for (std::size_t bin = 1; bin <= bins; ++bin) mass_[0] += mass_[bin];
    std::copy(mass_.begin() + static_cast<std::ptrdiff_t>(bins) + 1, mass_.end(), mass_.begin() + 1);
    std::fill(mass_.end() - static_cast<std::ptrdiff_t>(bins), mass_.end(), 0.0f);
    highest_ -= std::min(highest_, bins);
}

void DelayHistogram::refresh() {
    total_ = 0.0f;
    highest_ = 0;
    for (std::size_t bin = 0; bin < kBins; ++bin) {
        mass_[bin] = mass_[bin] / unit_ < 1e-3f ? 0.0f : mass_[bin] / unit_;
        total_ += mass_[bin];
        if (mass_[bin] > 0.0f) highest_ = bin;
    }
    unit_ = 1.0f;
}

Ticks DelayHistogram::cheapest(double price) const {
    if (total_ <= 0.0f) return 0;
    const double rate = price * 1e4 / static_cast<double>(total_);
    double late = 0.0, least = 1e18;
    Ticks best = 0;
    for (std::size_t bin = highest_ + 1; bin-- > 0;) {
        const Ticks wait = static_cast<Ticks>(bin + 1) * kBin;
        const double cost = static_cast<double>(wait) + rate * late;
        if (cost < least) least = cost, best = wait;
        late += static_cast<double>(mass_[bin]);
    }
    return best;
}

void DelayEstimator::arrived(Ticks now, Ticks media, Ticks length) {
    const Ticks before = floor_.known() ? floor_.value() : now - media;
    floor_.add(now, now - media);
    // By so much all ways have become longer, not only some: another route. Jitter moves the floor too, but by less than it is wide.
    const Ticks longer = floor_.value() - before;
    if (longer > std::max(kAnotherRoute, target_ / 2)) histogram_.shorten(longer);
    available(now, media, length);
}

void DelayEstimator::available(Ticks now, Ticks media, Ticks length) {
    if (!floor_.known() || length <= 0) return;
    histogram_.add(now - media - floor_.value(), length);
    heard_ = std::min(heard_ + length, kLearning);
    target_ = std::max(histogram_.cheapest(kPrice) + kSafety, heard_ < kLearning ? kFirstGuess : 0);
}

void DelayEstimator::forget() { *this = DelayEstimator{}; }

}  // namespace earshot::audio
