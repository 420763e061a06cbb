#include "media/bandwidth_estimator.hpp"

#include <algorithm>
#include <cmath>

namespace earshot::media {
namespace {

double seconds(Duration d) { return std::chrono::duration<double>(d).count(); }

constexpr double kCut = 0.85;  // of what arrives
constexpr double kDeepestCut = 0.4;
constexpr Duration kBesideOthers = 1s;  // between cuts, where a queue is not ours alone
constexpr Duration kLately = 80ms;
constexpr double kMuchLoss = 0.10, kLittleLoss = 0.02;
constexpr double kPacketBits = 1200 * 8;
constexpr Duration kCeilingGood = 30s;
constexpr Duration kReordering = 60ms;
constexpr Duration kLossSpan = 500ms;
constexpr Duration kProbeLength = 15ms;
constexpr std::size_t kLeastProbePackets = 5;

}  // namespace

void BandwidthEstimator::sent(Time now, std::uint64_t number, std::size_t bytes, std::uint32_t probe) {
    auto& place = sent_[number % kRemembered];
    if (!place.waiting) ++waiting_;
    place = {.number = number, .at = now, .bytes = static_cast<std::uint32_t>(bytes), .probe = probe, .waiting = true};
    next_ = std::max(next_, number + 1);
    if (!told_) told_ = true, last_feedback_ = last_told_ = loss_since_ = now;
    if (probe == 0 || probe != probe_.id) return;
    if (probe_.sent_bytes == 0) probe_.sent_first = now;
    probe_.sent_last = now;
    probe_.sent_bytes += bytes;
    probe_.last_sent_bytes = bytes;
    ++probe_.want_packets;
}

void BandwidthEstimator::feedback(Time now, std::uint64_t first, std::uint64_t end, std::span<const Arrival> arrivals) {
    end = std::min(end, next_);
    first = std::max(first, next_ > kRemembered ? next_ - kRemembered : 0);
    Duration least_way = Duration::max();
    Time newest{};
    // The way of the later half: the least of some packets, because each may be late for itself, but of the newest.
    const std::uint64_t middle = arrivals.empty() ? 0 : arrivals.front().number + (arrivals.back().number - arrivals.front().number) / 2;
    for (const auto& arrival : arrivals) {
        auto& packet = sent_[arrival.number % kRemembered];
        if (arrival.number < first || arrival.number >= end || packet.number != arrival.number || !packet.waiting) continue;
        packet.waiting = false;
        --waiting_;
        newest = std::max(newest, packet.at);
        note_arrival(packet, arrival.at);
        if (arrival.number >= middle) least_way = std::min(least_way, arrival.at - packet.at.time_since_epoch());
        ++counted_;
    }
    for (std::uint64_t number = first; number < end; ++number) {
        auto& packet = sent_[number % kRemembered];
        if (packet.number != number || !packet.waiting) continue;
        packet.missed = true;
    }
    settle_lost(newest);
    note_loss(now);
    if (least_way == Duration::max()) return;
    const Duration before = queue_;
    round_trip_ = now - newest;
    note_base(now, least_way);
    queue_ = least_way - *std::min_element(base_.begin(), base_.begin() + static_cast<std::ptrdiff_t>(base_count_));
    const double arriving = arrivals_.bits_per_second();
    judge_probe(now);
    if (queue_grows(before))
        cut_for_queue(now, arriving);
    else if (queue_ <= (beside_others() ? threshold_ : threshold_ / 2))
        grow(now, arriving);
    threshold_ -= std::chrono::duration_cast<Duration>((threshold_ - kQueue) * (1 - std::exp(-seconds(now - last_feedback_) / 10.0)));
    last_feedback_ = last_told_ = now;
}

// What is missing is lost once packets that left well after it have come; what no report spoke of is not known to be.
void BandwidthEstimator::settle_lost(Time newest) {
    settled_ = std::max(settled_, next_ > kRemembered ? next_ - kRemembered : 0);
    for (; settled_ < next_; ++settled_) {
        auto& packet = sent_[settled_ % kRemembered];
        if (packet.number != settled_) continue;
        if (packet.at + kReordering >= newest) return;
        if (!packet.waiting) continue;
        packet.waiting = false;
        --waiting_;
        if (!packet.missed) continue;
        ++counted_;
        ++lost_;
    }
}

void BandwidthEstimator::note_arrival(const Sent& packet, Duration at) {
    arrivals_.add(at, packet.bytes);
    if (packet.probe == 0 || packet.probe != probe_.id) return;
    if (probe_.packets == 0 || at < probe_.first) probe_.first = at, probe_.first_bytes = packet.bytes;
    probe_.last = probe_.packets == 0 ? at : std::max(probe_.last, at);
    probe_.bytes += packet.bytes;
    ++probe_.packets;
}

// The least of the last twenty seconds: a queue is seldom never empty for so long, and clocks drift little in it.
void BandwidthEstimator::note_base(Time now, Duration way) {
    if (base_count_ == 0 || now - base_since_ >= 1s) {
        base_at_ = base_count_ == 0 ? 0 : (base_at_ + 1) % base_.size();
        base_count_ = std::max(base_count_, base_at_ + 1);
        base_[base_at_] = way;
        base_since_ = now;
    }
    base_[base_at_] = std::min(base_[base_at_], way);
}

// Long for two reports, or very long in one; a queue that already falls is being dealt with.
bool BandwidthEstimator::queue_grows(Duration before) const {
    if (queue_ <= threshold_) return false;
    if (!beside_others() && queue_ > 6 * kQueue) return true;  // it falls, but too slowly
    return queue_ + 5ms >= before && (before > threshold_ || queue_ > 2 * threshold_);
}

// How long it takes until a change of ours can be seen.
Duration BandwidthEstimator::response() const { return std::clamp<Duration>(round_trip_.value_or(100ms) - queue_, 30ms, 400ms) + 40ms; }

void BandwidthEstimator::cut_for_queue(Time now, double arriving) {
    if (was_cut_ && now - last_cut_ < (beside_others() ? kBesideOthers : response())) return;
    // Where each cut leaves the queue as it was, it is somebody else's: stay beside him, or he takes everything.
    const bool in_vain = was_cut_ && now - last_cut_ < 2s && queue_ * 10 >= queue_at_cut_ * 9;
    stubborn_ = in_vain ? stubborn_ + 1 : 0;
    if (stubborn_ >= 3) {
        threshold_ = std::clamp<Duration>(queue_ * 5 / 4, kQueue, kMostQueue);
        stubborn_ = 0;
    }
    queue_at_cut_ = queue_;
    if (arriving > 0) ceiling_ = arriving, ceiling_at_ = now;
    // What came of late counts more while the queue is long: a way that has just become slower shows there first.
    const double lately = queue_ > 2 * kQueue ? arrivals_.bits_per_second(kLately) : 0;
    double of = arriving > 0 ? arriving : rate_;
    if (lately > 0) of = std::min(of, lately);
    // The longer the queue, the more room to empty it: within half a second or so.
    cut(now, of * (beside_others() ? kCut : std::clamp(1 - seconds(queue_) / 0.5, kDeepestCut, kCut)));
}

void BandwidthEstimator::cut(Time now, double to) {
    rate_ = std::max(settings_.least, std::min(rate_, to));
    last_cut_ = now;
    was_cut_ = true;
    first_probes_ = 2;  // the beginning is over
}

void BandwidthEstimator::grow(Time now, double arriving) {
    const double span = std::min(seconds(now - last_feedback_), 0.5);
    if (loss_ - inherent_ > kLittleLoss) return;
    const bool near = ceiling_ > 0 && now - ceiling_at_ < kCeilingGood && rate_ > 0.7 * ceiling_ && rate_ < 1.15 * ceiling_;
    double to = rate_;
    if (near)
        to += std::max(kPacketBits / seconds(response()), (beside_others() ? 0.08 : 0.03) * rate_) * span;
    else
        to *= std::exp2(span * (was_cut_ ? 0.25 : 1.0));  // 19 % a second; at the beginning twice as much each
    // What was never sent proves nothing.
    const double proved = arriving > 0 ? std::max(rate_, 1.5 * arriving + 20'000) : to;
    rate_ = std::min({to, proved, settings_.most});
}

// Loss that stays the same when less is sent is the way's own; what is above it is a queue that overflows somewhere.
void BandwidthEstimator::note_loss(Time now) {
    if (now - loss_since_ < kLossSpan || counted_ < 10) return;
    loss_ = static_cast<double>(lost_) / static_cast<double>(counted_);
    lost_ = counted_ = 0;
    loss_since_ = now;
    judge_trial(now);
    if (loss_ < inherent_) inherent_ += 0.2 * (loss_ - inherent_);
    cut_for_loss(now);
}

void BandwidthEstimator::judge_trial(Time now) {
    if (trial_since_ == kNever || now - trial_since_ < 2 * kLossSpan) return;
    if (loss_ >= 0.7 * trial_loss_) inherent_ = std::max(inherent_, loss_);
    trial_since_ = held_since_ = kNever;
}

void BandwidthEstimator::cut_for_loss(Time now) {
    const double excess = loss_ - inherent_;
    if (excess <= kLittleLoss)
        held_since_ = kNever;
    else if (held_since_ == kNever)
        held_since_ = now;
    if (beside_others()) {
        if (excess > kLittleLoss / 2 && now - last_cut_ >= kBesideOthers) cut(now, rate_ * kCut);
        return;
    }
    if (trial_since_ != kNever) return;
    const bool long_held = held_since_ != kNever && now - held_since_ >= 2 * kLossSpan;
    if (excess <= kMuchLoss && !long_held) return;
    trial_loss_ = loss_;
    trial_since_ = now;
    cut(now, rate_ * std::min(0.9, 1 - 0.5 * excess));
}

void BandwidthEstimator::tick(Time now) {
    if (!told_ || waiting_ == 0 || now - last_told_ < kSilence) return;
    cut(now, rate_ / 2);
    last_told_ = now;
}

Deadline BandwidthEstimator::deadline() const { return told_ && waiting_ > 0 ? Deadline{last_told_ + kSilence, "a way that is silent"} : Deadline{}; }

// At the beginning three and six times the first rate (GCC's habit, and what makes a first picture sharp soon), later twice the rate now
// and then; never more than is wanted.
std::optional<BandwidthEstimator::Probe> BandwidthEstimator::take_probe(Time now, double wanted) {
    if (wanted <= rate_ * 1.1 || queue_ > threshold_ / 2 || loss_ - inherent_ > kLittleLoss) return std::nullopt;
    const bool beginning = first_probes_ < 2;
    if (!round_trip_ || (probed_ && now - last_probe_ < (beginning ? response() : kProbeEvery)) || (was_cut_ && now - last_cut_ < 1s)) return std::nullopt;
    const double rate = std::min({beginning ? settings_.first * (first_probes_ == 0 ? 3 : 6) : rate_ * 2, wanted * 1.1, settings_.most});
    if (beginning) ++first_probes_;
    probed_ = true;
    last_probe_ = now;
    probe_ = {.id = ++last_probe_id_};
    return Probe{.id = last_probe_id_,
                 .rate = rate,
                 .bytes = std::max<std::size_t>(kLeastProbePackets * 500, static_cast<std::size_t>(rate * seconds(kProbeLength) / 8))};
}

// The rate at which the burst left and at which it came, without the packet that the span begins with.
void BandwidthEstimator::judge_probe(Time now) {
    if (probe_.id == 0 || probe_.packets < kLeastProbePackets || probe_.packets * 10 < probe_.want_packets * 8) return;
    const double out = seconds(probe_.sent_last - probe_.sent_first), in = seconds(probe_.last - probe_.first);
    if (out <= 0 || in <= 0) return;
    const double sent = static_cast<double>(probe_.sent_bytes - probe_.last_sent_bytes) * 8 / out;
    const double came = static_cast<double>(probe_.bytes - probe_.first_bytes) * 8 / in;
    const bool whole = probe_.packets >= probe_.want_packets || now - probe_.sent_last > 1s;
    if (!whole) return;
    probe_ = {};
    // A burst that was stretched shows the way's own speed; one that came as it left shows only that more may be possible.
    const double proved = came < 0.9 * sent ? kCut * came : std::min(sent, came);
    if (proved > rate_) rate_ = std::min(proved, settings_.most);
    if (came < 0.6 * sent) first_probes_ = 2;  // no use in trying twice as much
}

}  // namespace earshot::media
