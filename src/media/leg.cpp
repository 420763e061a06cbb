#include "media/leg.hpp"

#include <algorithm>

namespace earshot::media {
namespace {

std::uint64_t samples(Duration elapsed) {
    const std::int64_t us = std::chrono::duration_cast<std::chrono::microseconds>(elapsed).count();
    return us <= 0 ? 0 : static_cast<std::uint64_t>(us) * (kSampleRate / 1000) / 1000;
}

}  // namespace

std::optional<Rewritten> Leg::rewrite(const Packet& packet, Tenure tenure, Time now) {
    const bool anew = starts_anew(packet, tenure);
    if (anew) start(packet, tenure, now);
    if (packet.sequence < first_in_) return std::nullopt;
    const std::uint64_t out = packet.sequence + offset_;
    if (!mark_sent(out)) return std::nullopt;
    auto rewritten = sent(packet, out, packet.marker || anew, now);
    rewritten.history = static_cast<std::uint32_t>(std::min<std::uint64_t>(packet.sequence - first_in_, 0xffffffff));
    return rewritten;
}

bool Leg::starts_anew(const Packet& packet, Tenure tenure) const {
    if (tenure != tenure_) return true;
    const std::uint64_t highest_in = highest_ - offset_;
    return packet.sequence > highest_in && packet.sequence - highest_in > kJump;
}

void Leg::start(const Packet& packet, Tenure tenure, Time now) {
    // The listener's clock ran on between the two speakers; so does the stream's.
    const bool first_ever = packets_ == 0;
    const std::uint64_t step = first_ever ? 0 : std::max(samples(now - last_sent_), kShortestStep);
    timestamp_offset_ = last_timestamp_ + step - packet.timestamp;
    offset_ = highest_ + 1 - packet.sequence;
    first_in_ = packet.sequence;
    tenure_ = tenure;
}

// Remembers `out` as used; false when it was, or is too old to know.
bool Leg::mark_sent(std::uint64_t out) {
    if (out > highest_) {
        const std::uint64_t ahead = out - highest_;
        sent_ = ahead < kWindow ? sent_ << ahead | 1u : 1u;
        highest_ = out;
        passed_over_ += static_cast<std::uint32_t>(ahead - 1);
        return true;
    }
    const std::uint64_t behind = highest_ - out;
    if (behind >= kWindow || (sent_ >> behind & 1u)) return false;
    sent_ |= std::uint64_t{1} << behind;
    --passed_over_;
    return true;
}

Rewritten Leg::sent(const Packet& packet, std::uint64_t out, bool marker, Time now) {
    const std::uint64_t timestamp = packet.timestamp + timestamp_offset_;
    if (out == highest_) {
        last_timestamp_ = timestamp;
        last_sent_ = now;
    }
    ++packets_;
    octets_ += static_cast<std::uint32_t>(packet.payload.size());
    return {.sequence = static_cast<std::uint16_t>(out), .timestamp = static_cast<std::uint32_t>(timestamp), .roc = static_cast<std::uint32_t>(out >> 16), .marker = marker};
}

}  // namespace earshot::media
