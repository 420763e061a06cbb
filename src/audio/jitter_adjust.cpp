// Keeping the distance to the speaker: a little faster when there is time to spare, a little slower when packets would come late.
#include <algorithm>

#include "audio/jitter_machine.hpp"

namespace earshot::audio {
namespace {

constexpr std::size_t kOverlap = 240;      // 5 ms
constexpr std::size_t kLeastSilence = 48;  // to leave out less is not worth a joint
constexpr Ticks kSpare = ticks(1ms);       // of hysteresis

// The most urgent that fits: how unlike the joined sounds may be, and how much sound must lie between two joints.
struct Urgency {
    Ticks from;
    float similarity;
    Ticks distance;
};
constexpr Urgency kHurry[] = {
    {ticks(150ms), 0.40f, ticks(10ms)}, {ticks(60ms), 0.60f, ticks(20ms)}, {ticks(20ms), 0.80f, ticks(30ms)}, {0, 0.88f, ticks(60ms)}};
constexpr Urgency kLinger[] = {{ticks(40ms), 0.50f, ticks(20ms)}, {ticks(10ms), 0.70f, ticks(30ms)}, {0, 0.85f, ticks(60ms)}};

template <std::size_t count>
const Urgency& urgency(const Urgency (&table)[count], Ticks amount) {
    return *std::find_if(table, table + count - 1, [&](const Urgency& row) { return amount >= row.from; });
}

Ticks modulo(Ticks value, Ticks divisor) { return ((value % divisor) + divisor) % divisor; }

}  // namespace

Ticks JitterBuffer::Machine::target() const {
    return std::clamp(delays_.target(), ticks(settings_.minimum_delay), std::max(ticks(settings_.minimum_delay), ticks(settings_.maximum_delay)));
}

bool JitterBuffer::Machine::quiet(float energy) const { return energy < std::max(1e-7f, loudest_ * 1e-3f); }

void JitterBuffer::Machine::adjust(Ticks allowed, std::size_t pending_before) {
    if (discontinuous_ || run_ > 0) return;
    const Ticks wanted = target();
    if (allowed > wanted + kSpare + wanted / 16) return hurry(allowed, pending_before);
    if (allowed < wanted - std::min(kSpare + wanted / 16, wanted / 4)) linger(allowed, pending_before);
}

void JitterBuffer::Machine::decode_ahead(std::size_t frames) {
    for (int packets = 0; packets < 3 && line_.pending() < frames; ++packets) {
        const WaitingPacket* next = queue_.first();
        if (!next || next->sequence != queue_.next() || next->media != media_) return;
        decode(*next);
    }
}

// The device asks in whole calls, so that a packet is needed at the call after the line runs dry: leaving out 3 ms may cost 5.
void JitterBuffer::Machine::hurry(Ticks allowed, std::size_t pending_before) {
    const Ticks spare = allowed - target();
    const auto& urgent = urgency(kHurry, spare);
    const auto left_after = [&](Ticks lag) {
        const auto phase = static_cast<Ticks>(pending_before);
        return whole_calls() ? spare + phase - lag - modulo(phase - lag, asked_) : spare - lag;
    };
    if (since_change_ < urgent.distance || left_after(1) < 0) return;
    decode_ahead(kLongestLag + 2 * kOverlap);
    if (line_.pending() < kShortestLag + kOverlap) return;
    LagSearch search{.at = PlayoutLine::kHistory, .most = std::min(kLongestLag, static_cast<std::size_t>(spare))};
    auto found = resemblance(line_.view(), search, kShortestLag);
    if (quiet(found.energy)) {
        const Ticks exact = whole_calls() ? static_cast<Ticks>(pending_before) + spare / asked_ * asked_ : spare;
        const auto lag = static_cast<std::size_t>(std::min(exact, static_cast<Ticks>(line_.pending() - kOverlap)));
        if (lag < kLeastSilence) return;
        found = resemblance(line_.view(), search, lag);
    } else {
        found = find_lag(line_.view(), search);
        if (found.lag == 0 || found.similarity < urgent.similarity) return;
    }
    if (left_after(static_cast<Ticks>(found.lag)) < 0 || found.lag + kOverlap > line_.pending()) return;
    line_.leave_out(found.lag, std::min(kOverlap, found.lag), found.similarity);
    counted_.accelerated += static_cast<Ticks>(found.lag);
    ++statistics_.seams;
    since_change_ = 0;
}

void JitterBuffer::Machine::linger(Ticks allowed, std::size_t pending_before) {
    const Ticks wanting = target() - allowed;
    const auto& urgent = allowed < target() / 4 ? kLinger[0] : urgency(kLinger, wanting);
    if (since_change_ < urgent.distance || line_.pending() < kOverlap) return;
    LagSearch search{.at = PlayoutLine::kHistory, .backwards = true};
    auto found = find_lag(line_.view(), search);
    if (found.lag == 0) return;
    if (quiet(found.energy)) {
        const Ticks phase = static_cast<Ticks>(pending_before), least = static_cast<Ticks>(kLeastSilence);
        const Ticks needed = std::clamp<Ticks>(wanting, least, ticks(10ms));
        // Whole calls again: what does not reach the next one only adds delay.
        const Ticks exact = whole_calls() && asked_ <= ticks(10ms) ? needed + modulo(-phase - needed, asked_) : needed;
        found = resemblance(line_.view(), search, static_cast<std::size_t>(exact));
    } else if (found.similarity < urgent.similarity) {
        return;
    }
    line_.repeat(found.lag, std::min(kOverlap, found.lag), found.similarity);
    counted_.stretched += static_cast<Ticks>(found.lag);
    ++statistics_.seams;
    since_change_ = 0;
}

}  // namespace earshot::audio
