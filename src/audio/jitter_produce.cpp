// From waiting packets to sound on the line.
#include <algorithm>
#include <cmath>

#include "audio/jitter_machine.hpp"
#include "base/check.hpp"

namespace earshot::audio {
namespace {

constexpr std::size_t kPiece = 960;                 // frames looked ahead for at once
constexpr std::size_t kSoft = 240;                  // 5 ms: from silence to sound and across joints
constexpr std::size_t kStep = 480;                  // what SILK conceals at once
constexpr Ticks kSteadyConcealment = ticks(100ms);  // then it fades
constexpr std::size_t kFade = 6720;                 // over 140 ms
constexpr Ticks kMostDeviceJitter = ticks(30ms);
constexpr Ticks kDeviceStall = ticks(200ms);
constexpr Ticks kMostExcess = ticks(300ms);  // more than this late is not caught up by hurrying but left out
constexpr Ticks kKeptExcess = ticks(100ms);

float mean_square(ConstSamples sound) {
    float sum = 0;
    for (float sample : sound) sum += sample * sample;
    return sum / static_cast<float>(std::max<std::size_t>(sound.size(), 1));
}

}  // namespace

void JitterBuffer::Machine::play(Time now, Samples out) {
    ENSURE(out.size() % 2 == 0);
    follow_clock(ticks(now.time_since_epoch()), out.size() / 2);
    if (!active()) {
        std::fill(out.begin(), out.end(), 0.0f);
        if (unsettled_ > 0) unsettled_ += asked_;
        return;
    }
    while (!out.empty()) {
        const std::size_t frames = std::min(out.size() / 2, kPiece);
        while (line_.pending() < frames) produce(frames);
        line_.consume(out.first(frames * 2));
        out = out.subspan(frames * 2);
    }
}

// A device asks for sound in its own rhythm and not always in time; what counts is the earliest it may ask.
void JitterBuffer::Machine::follow_clock(Ticks at, std::size_t frames) {
    const Ticks offset = at - given_;
    if (device_.known() && std::abs(offset - device_.value()) > kDeviceStall) device_.clear();
    device_.add(at, offset);
    clock_ = at - std::min(offset - device_.value(), kMostDeviceJitter);
    asked_ = static_cast<Ticks>(frames);
    given_ += asked_;
}

void JitterBuffer::Machine::produce(std::size_t frames) {
    const WaitingPacket* next = queue_.first();
    if (state_ != State::kSpeaking) return rest(next, frames);
    next = skip_ahead(next);
    if (!next) return starve(frames);
    speak(*next);
}

void JitterBuffer::Machine::rest(const WaitingPacket* next, std::size_t frames) {
    if (next && due(*next)) return begin(*next);
    const std::size_t missing = frames - line_.pending();
    if (state_ == State::kComfort) {
        conceal((missing + kStep - 1) / kStep * kStep);
        if (run_ > ticks(1s) || mean_square(line_.latest(kStep)) < 1e-9f) end_talk();
        return;
    }
    auto silence = line_.append(missing);
    std::fill(silence.begin(), silence.end(), 0.0f);
    if (unsettled_ > 0) unsettled_ += static_cast<Ticks>(missing);
}

// With askings longer than a packet, the last packet that one of them needs decides.
bool JitterBuffer::Machine::due(const WaitingPacket& next) const {
    const Ticks length = std::max<Ticks>(static_cast<Ticks>(next.shape.frames), 1);
    const Ticks lead = asked_ > length ? (asked_ + length - 1) / length * length - length : 0;
    return clock_ - next.media - lead - delays_.floor() >= target() || clock_ - next.arrival >= target() + lead;
}

void JitterBuffer::Machine::begin(const WaitingPacket& next) {
    settle(next.sequence != queue_.next() || next.media <= media_);
    queue_.drop_before(next.sequence);
    media_ = next.media;
    if (state_ == State::kSilent) gain_ = 0.0f;
    state_ = State::kSpeaking;
    held_ = 0;
    since_change_ = 0;
}

void JitterBuffer::Machine::end_talk() {
    conceal(kStep);
    ramp(line_.latest(kStep), 0.0f, kSoft);
    state_ = State::kSilent;
}

// Nothing is there. Whether the packet is lost or the network stalls will be known later; until then the stream stands still.
void JitterBuffer::Machine::starve(std::size_t frames) {
    if (discontinuous_) {
        state_ = State::kComfort;
        run_ = 0;
        return;
    }
    const std::size_t step = celt_ ? kShortestFrame : kStep;
    const std::size_t made = (frames - line_.pending() + step - 1) / step * step;
    conceal(made);
    held_ += static_cast<Ticks>(made);
    unsettled_ += static_cast<Ticks>(made);
    if (gain_ <= 0.0f) state_ = State::kSilent;
}

void JitterBuffer::Machine::speak(const WaitingPacket& next) {
    if (paused_before(next)) {
        const bool lost = next.sequence != queue_.next();
        settle(lost);
        if (discontinuous_)
            state_ = State::kComfort, run_ = 0;
        else
            end_talk();
        queue_.drop_before(next.sequence);
        held_ = 0;
        return;
    }
    if (next.sequence != queue_.next()) return mend(next);
    settle(true);
    const Ticks allowed = allowance();
    const std::size_t before = line_.pending();
    decode(next);
    adjust(allowed, before);
}

// How long each of the packets between was: by the two places, if they tell.
Ticks JitterBuffer::Machine::lost_length(const WaitingPacket& next) const {
    const auto lost = static_cast<Ticks>(next.sequence - queue_.next());
    const Ticks length = (next.media - media_) / std::max<Ticks>(lost, 1);
    return std::clamp<Ticks>(length / 120 * 120, 0, kLongestPacket);
}

// The next sound is later in the stream than the lost packets can explain: the sender was silent in between.
bool JitterBuffer::Machine::paused_before(const WaitingPacket& next) const {
    const auto lost = static_cast<Ticks>(next.sequence - queue_.next());
    const Ticks gap = next.media - media_;
    return lost == 0 ? gap > 0 : gap > lost * 2 * length_;
}

void JitterBuffer::Machine::mend(const WaitingPacket& next) {
    const Ticks length = lost_length(next);
    settle(true);
    ++statistics_.lost;
    const bool last = next.sequence == queue_.next() + 1;
    queue_.drop_before(queue_.next() + 1);
    media_ += length;
    if (held_ >= length) {
        held_ -= length;
        return;
    }
    if (last && next.shape.recoverable > 0) return recover(next, static_cast<std::size_t>(length));
    const Ticks step = celt_ ? static_cast<Ticks>(kShortestFrame) : static_cast<Ticks>(kStep);
    const Ticks missing = (length - held_ + step - 1) / step * step;
    conceal(static_cast<std::size_t>(missing));
    counted_.concealed += missing;
    held_ = missing - (length - held_);
    if (gain_ <= 0.0f) state_ = State::kSilent;
}

// The copy of the whole lost packet; what of it has been concealed already is left out.
void JitterBuffer::Machine::recover(const WaitingPacket& next, std::size_t length) {
    const auto begun = static_cast<std::size_t>(held_);
    held_ = 0;
    std::array<float, kStep * 2> tail;
    if (begun > 0) decoder_.conceal(kStep, tail);
    const auto done = decoder_.recover(next.payload, length, scratch_);
    if (!done) return conceal(length - begun / 120 * 120);
    const std::size_t frames = *done - std::min(begun, *done);
    auto sound = line_.append(frames);
    std::copy_n(scratch_.begin() + static_cast<std::ptrdiff_t>(begun * 2), frames * 2, sound.begin());
    if (begun > 0) {
        for (std::size_t n = 0; n < std::min(kSoft, frames); ++n) {
            const auto fade = cross_fade((static_cast<float>(n) + 0.5f) / static_cast<float>(kSoft), 0.5f);
            for (std::size_t c = 0; c < 2; ++c) sound[2 * n + c] = fade.out * tail[2 * n + c] + fade.in * sound[2 * n + c];
        }
        ++statistics_.seams;
    }
    ramp(sound, 1.0f, kSoft);
    run_ = 0;
    since_change_ += static_cast<Ticks>(frames);
    counted_.recovered += static_cast<Ticks>(frames);
    counted_.played += static_cast<Ticks>(frames);
}

void JitterBuffer::Machine::decode(const WaitingPacket& next) {
    std::array<float, kStep * 2> tail;
    bridge_ = bridge_ || decoder_.widens(next.payload);
    if (bridge_) decoder_.conceal(kStep, tail);
    counted_.waited += clock_ + static_cast<Ticks>(line_.pending()) - next.arrival;
    ++statistics_.decoded;
    auto sound = line_.append(next.shape.frames);
    const auto done = decoder_.decode(next.payload, sound);
    length_ = static_cast<Ticks>(next.shape.frames);
    media_ = next.media + length_;
    celt_ = next.shape.celt_only;
    discontinuous_ = next.shape.discontinuous;
    held_ = 0;
    const auto sequence = next.sequence;
    const bool copy = next.copy;
    queue_.drop_before(sequence + 1);
    if (!done) {
        line_.take_back(static_cast<std::size_t>(length_));
        conceal(static_cast<std::size_t>(length_));
        counted_.concealed += length_;
        return;
    }
    if (bridge_) {
        for (std::size_t n = 0; n < std::min(kSoft, sound.size() / 2); ++n) {
            const auto fade = cross_fade((static_cast<float>(n) + 0.5f) / static_cast<float>(kSoft), 0.0f);
            for (std::size_t c = 0; c < 2; ++c) sound[2 * n + c] = fade.out * tail[2 * n + c] + fade.in * sound[2 * n + c];
        }
        ++statistics_.seams;
        bridge_ = false;
    }
    ramp(sound, 1.0f, kSoft);
    loudest_ = std::max(mean_square(sound), loudest_ * (1.0f - static_cast<float>(length_) / 96'000.0f));
    run_ = 0;
    since_change_ += length_;
    counted_.played += length_;
    if (copy) counted_.recovered += length_;
}

void JitterBuffer::Machine::conceal(std::size_t frames) {
    while (frames > 0) {
        const std::size_t step = std::min(frames, kLongestPacket);
        auto sound = line_.append(step);
        decoder_.conceal(step, sound);
        const bool fading = state_ == State::kSpeaking && run_ >= kSteadyConcealment;
        ramp(sound, fading ? 0.0f : std::max(gain_, 0.0f), kFade);
        run_ += static_cast<Ticks>(step);
        counted_.played += static_cast<Ticks>(step);
        frames -= step;
    }
}

// The gain goes to `to` in a straight line that would take `over` frames from one end to the other.
void JitterBuffer::Machine::ramp(Samples sound, float to, std::size_t over) {
    if (gain_ == to && to == 1.0f) return;
    const float step = 1.0f / static_cast<float>(over);
    for (std::size_t n = 0; n + 1 < sound.size(); n += 2) {
        gain_ = gain_ < to ? std::min(to, gain_ + step) : std::max(to, gain_ - step);
        sound[n] *= gain_;
        sound[n + 1] *= gain_;
    }
}

void JitterBuffer::Machine::settle(bool was_missing) {
    if (was_missing) counted_.concealed += unsettled_;
    unsettled_ = 0;
}

const WaitingPacket* JitterBuffer::Machine::skip_ahead(const WaitingPacket* next) {
    if (!next || clock_ - next->media - delays_.floor() <= target() + kMostExcess) return next;
    while (next && clock_ - next->media - delays_.floor() > target() + kKeptExcess) {
        ++statistics_.dropped;
        queue_.drop_before(next->sequence + 1);
        media_ = next->media + static_cast<Ticks>(next->shape.frames);
        next = queue_.first();
        bridge_ = true;
    }
    held_ = 0;
    return next;
}

}  // namespace earshot::audio
