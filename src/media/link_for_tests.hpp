// A way with a bottleneck, and somebody who sends across it as the estimator says. For tests and for the plot that `make bench` writes.
#pragma once
#include <algorithm>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "base/random.hpp"
#include "media/bandwidth_estimator.hpp"

namespace earshot::media {

// One queue that empties at a rate; what comes when it is full is lost.
class Bottleneck {
public:
    double capacity = 1'000'000;  // bits a second
    Duration limit = 400ms;       // of queue
    Duration delay = 30ms;        // each way
    Duration jitter{};            // up to, each packet for itself
    double loss = 0;

    explicit Bottleneck(std::uint64_t seed) : chance_(seed) {}
    Duration queue(Time now) const { return std::max<Duration>(free_ - now, 0ms); }
    // When it arrives; none: lost.
    std::optional<Time> carry(Time now, std::size_t bytes) {
        if (queue(now) > limit || chance_.chance(loss)) return std::nullopt;
        free_ = std::max(now, free_) + std::chrono::duration_cast<Duration>(std::chrono::duration<double>(static_cast<double>(bytes) * 8 / capacity));
        const auto late = jitter > 0ms ? Duration{static_cast<std::int64_t>(chance_.below(static_cast<std::uint64_t>(jitter.count())))} : Duration{};
        return free_ + delay + late;
    }

private:
    SeededRandom chance_;
    Time free_{};
};

// A download beside us: more each round trip, half after a loss (RFC 5681's shape).
class Download {
public:
    void step(Time now, Bottleneck& way) {
        while (!acks_.empty() && acks_.front() <= now) acks_.pop_front(), --flying_, window_ += 1 / window_, bytes_ += 1200;
        while (flying_ < window_) {
            if (const auto at = way.carry(now, 1200)) {
                acks_.push_back(*at + way.delay);
                ++flying_;
            } else {
                if (now - halved_ > 200ms) window_ = std::max(2.0, window_ / 2), halved_ = now;
                break;
            }
        }
    }
    std::size_t take_bytes() { return std::exchange(bytes_, 0); }

private:
    std::deque<Time> acks_;
    double window_ = 4, flying_ = 0;
    std::size_t bytes_ = 0;
    Time halved_{};
};

struct TrialPoint {
    double second = 0, capacity = 0, rate = 0, arriving = 0, queue_ms = 0, other = 0;
};

// A sender who has always something to send, up to `wanted` bits a second, and a receiver who tells each `report` what came.
class Trial {
public:
    explicit Trial(std::uint64_t seed = 1, EstimatorSettings settings = {}) : way(seed), estimator(settings) {}

    Bottleneck way;
    BandwidthEstimator estimator;
    double wanted = 1e9;
    Duration report = 75ms;
    bool downloading = false, deaf = false;  // deaf: feedback does not come
    std::vector<TrialPoint> points;          // each 100 ms

    void run(Duration length, const std::function<void()>& each = {}) {
        for (const Time end = now_ + length; now_ < end; now_ += 1ms) step(each);
    }
    double seconds() const { return std::chrono::duration<double>(now_ - kStart).count(); }
    // Of the points since `from` seconds: the mean of what arrived, the longest queue.
    double arrived_since(double from) const {
        double sum = 0;
        int count = 0;
        for (const auto& point : points)
            if (point.second > from) sum += point.arriving, ++count;
        return sum / std::max(count, 1);
    }
    double longest_queue_since(double from) const {
        double longest = 0;
        for (const auto& point : points)
            if (point.second > from) longest = std::max(longest, point.queue_ms);
        return longest;
    }

private:
    static constexpr Time kStart{1000s};
    struct Flying {
        Time at{};
        std::uint64_t number = 0;
        std::size_t bytes = 0;
    };
    struct Told {
        Time at{};
        std::uint64_t first = 0, end = 0;
        std::vector<BandwidthEstimator::Arrival> arrivals;
    };

    void step(const std::function<void()>& each) {
        if (each) each();
        if (downloading) other_.step(now_, way);
        send();
        receive();
        if (now_ >= next_report_) tell();
        while (!told_.empty() && told_.front().at <= now_) {
            if (!deaf) estimator.feedback(now_, told_.front().first, told_.front().end, told_.front().arrivals);
            told_.pop_front();
        }
        if (estimator.deadline().at <= now_) estimator.tick(now_);
        longest_ = std::max(longest_, way.queue(now_));
        if (now_ >= next_point_) note();
    }
    void send() {
        if (const auto probe = estimator.take_probe(now_, wanted)) {
            // As the pacer sends it: at its rate, which here is a burst within some milliseconds.
            probe_ = *probe;
            probe_left_ = static_cast<double>(probe->bytes);
        }
        if (probe_left_ > 0) {
            probe_due_ += probe_.rate / 8000;
            const std::size_t bytes = std::min(kBytes, probe_.bytes / 5);
            for (const auto size = static_cast<double>(bytes); probe_due_ >= size && probe_left_ > 0; probe_due_ -= size, probe_left_ -= size)
                put(bytes, probe_.id);
            return;
        }
        due_ = std::min(due_ + std::min(estimator.rate(), wanted) / 8000, 5.0 * kBytes);
        while (due_ >= kBytes) put(kBytes, 0), due_ -= kBytes;
    }
    void put(std::size_t bytes, std::uint32_t probe) {
        estimator.sent(now_, next_, bytes, probe);
        if (const auto at = way.carry(now_, bytes)) flying_.push_back({*at, next_, bytes});
        ++next_;
    }
    void receive() {
        for (const auto& each : flying_) {
            if (each.at > now_) continue;
            heard_.push_back({each.number, each.at.time_since_epoch() + 77s});  // his clock is another
            bytes_ += each.bytes;
        }
        std::erase_if(flying_, [&](const Flying& each) { return each.at <= now_; });
    }
    void tell() {
        next_report_ = now_ + report;
        if (heard_.empty()) return;
        std::sort(heard_.begin(), heard_.end(), [](const auto& a, const auto& b) { return a.number < b.number; });
        const auto end = std::max(told_until_, heard_.back().number + 1);
        const auto first = std::min(told_until_, heard_.front().number);
        told_.push_back({now_ + way.delay, first, end, std::exchange(heard_, {})});
        told_until_ = std::max(told_until_, end);
    }
    void note() {
        next_point_ = now_ + 100ms;
        points.push_back({.second = seconds(),
                          .capacity = way.capacity,
                          .rate = estimator.rate(),
                          .arriving = static_cast<double>(std::exchange(bytes_, 0)) * 80,
                          .queue_ms = std::chrono::duration<double, std::milli>(std::exchange(longest_, Duration{})).count(),
                          .other = static_cast<double>(other_.take_bytes()) * 80});
    }

    static constexpr std::size_t kBytes = 1000;
    Time now_ = kStart, next_report_ = kStart, next_point_ = kStart;
    std::uint64_t next_ = 5000, told_until_ = 5000;
    double due_ = 0, probe_due_ = 0, probe_left_ = 0;
    BandwidthEstimator::Probe probe_;
    std::vector<Flying> flying_;
    std::vector<BandwidthEstimator::Arrival> heard_;
    std::deque<Told> told_;
    std::size_t bytes_ = 0;
    Duration longest_{};
    Download other_;
};

}  // namespace earshot::media
