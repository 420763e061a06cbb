#include "audio/jitter_buffer.hpp"

#include <limits>
#include <utility>

#include "audio/jitter_machine.hpp"
#include "base/check.hpp"

namespace earshot::audio {
namespace {

constexpr Ticks kJump = ticks(2s);  // a packet this far from its expected moment belongs to another count of time

}  // namespace

JitterBuffer::JitterBuffer(JitterSettings settings) : machine_(std::make_unique<Machine>(settings)) {}
JitterBuffer::~JitterBuffer() = default;
JitterBuffer::JitterBuffer(JitterBuffer&&) noexcept = default;
JitterBuffer& JitterBuffer::operator=(JitterBuffer&&) noexcept = default;

void JitterBuffer::insert(Time now, const Packet& packet) { machine_->insert(now, packet); }
void JitterBuffer::play(Time now, Samples out) { machine_->play(now, out); }
bool JitterBuffer::active() const { return machine_->active(); }
void JitterBuffer::reset() { machine_->reset(); }
JitterStatistics JitterBuffer::statistics() const { return machine_->statistics(); }

void JitterBuffer::Machine::insert(Time now, const Packet& packet) {
    const Ticks at = ticks(now.time_since_epoch());
    const auto shape = inspect_opus(packet.payload);
    ++statistics_.packets;
    if (!shape || packet.payload.size() > PacketQueue::kLargestPayload || !belongs(at, packet)) {
        ++statistics_.dropped;
        return;
    }
    const Ticks media = media_of(packet);
    learn(at, packet, *shape);
    if (static_cast<std::int64_t>(packet.sequence - queue_.next()) < 0) {
        ++statistics_.late;
        return;
    }
    if (!queue_.put(packet, media, at, *shape)) {
        ++statistics_.duplicates;
        return;
    }
    last_timestamp_ = packet.timestamp;
    last_media_ = media;
}

Ticks JitterBuffer::Machine::media_of(const Packet& packet) const { return last_media_ + static_cast<std::int32_t>(packet.timestamp - last_timestamp_); }

// Numbers far ahead, and times that no network explains, begin a new count at once; numbers far behind only when a second one
// agrees, because the last stragglers of the old count look like that (RFC 3550 appendix A.1).
bool JitterBuffer::Machine::belongs(Ticks at, const Packet& packet) {
    if (!started_) {
        restart(packet);
        return true;
    }
    const auto ahead = static_cast<std::int64_t>(packet.sequence - queue_.next());
    const auto window = static_cast<std::int64_t>(PacketQueue::kWindow);
    if (ahead < -window) {
        const bool agreed = packet.sequence == stray_ + 1;
        stray_ = packet.sequence;
        if (agreed) restart(packet);
        return agreed;
    }
    const Ticks way = at - media_of(packet);
    const bool jumped = delays_.known() && (way > delays_.floor() + kJump || way < delays_.floor() - kJump);
    if (ahead >= window || (jumped && ahead >= 0)) restart(packet);
    return ahead >= 0 || !jumped;
}

void JitterBuffer::Machine::restart(const Packet& packet) {
    if (started_) ++statistics_.restarts;
    if (state_ != State::kSilent) end_talk();
    statistics_.dropped += queue_.size();
    queue_.restart(packet.sequence);
    delays_.restart();
    known_.fill(std::numeric_limits<Ticks>::min());
    last_timestamp_ = packet.timestamp;
    held_ = unsettled_ = 0;
    started_ = true;
}

// By place and not by number: padding has numbers too, and is in no place.
bool JitterBuffer::Machine::first_news(Ticks media) {
    auto& known = known_[static_cast<std::uint64_t>(media) / kShortestFrame % known_.size()];
    return std::exchange(known, media) != media;
}

// What a frame's delay was is when it could first be decoded: by its own packet, or by the copy in the next.
void JitterBuffer::Machine::learn(Ticks at, const Packet& packet, const OpusShape& shape) {
    const Ticks media = media_of(packet), length = static_cast<Ticks>(shape.frames);
    if (first_news(media)) delays_.arrived(at, media, length);
    const auto copied = static_cast<Ticks>(shape.recoverable);
    if (copied > 0 && first_news(media - copied)) delays_.available(at, media - copied, copied);
}

void JitterBuffer::Machine::reset() {
    if (line_.pending() > 240) line_.take_back(line_.pending() - 240);
    gain_ = 1.0f;
    ramp(line_.latest(line_.pending()), 0.0f, std::max<std::size_t>(line_.pending(), 1));
    decoder_.reset();
    delays_.forget();
    queue_.restart(0);
    state_ = State::kSilent;
    started_ = discontinuous_ = bridge_ = false;
    held_ = unsettled_ = run_ = 0;
    gain_ = loudest_ = 0.0f;
}

JitterStatistics JitterBuffer::Machine::statistics() const {
    JitterStatistics now = statistics_;
    now.played = duration(counted_.played);
    now.concealed = duration(counted_.concealed);
    now.recovered = duration(counted_.recovered);
    now.stretched = duration(counted_.stretched);
    now.accelerated = duration(counted_.accelerated);
    now.waited = duration(counted_.waited);
    now.target = duration(target());
    if (state_ == State::kSpeaking) now.delay = duration(std::max<Ticks>(0, allowance() + static_cast<Ticks>(line_.pending()) + asked_));
    return now;
}

}  // namespace earshot::audio
