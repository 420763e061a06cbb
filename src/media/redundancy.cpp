#include "media/redundancy.hpp"

#include <algorithm>

namespace earshot::media {

std::size_t RedundancyChoice::wanted(double loss, double share) {
    return static_cast<std::size_t>(std::count_if(kFrom.begin(), kFrom.end(), [&](double from) { return loss >= from * share; }));
}

void RedundancyChoice::reported(Time now, double lost) {
    lost = std::clamp(lost, 0.0, 1.0);
    loss_ = lost > loss_ ? lost : loss_ + (lost - loss_) * 0.3;
    copies_ = std::max(copies_, wanted(loss_, 1.0));
    if (wanted(loss_, kStay) >= copies_) {
        calm_since_ = kNever;
    } else if (calm_since_ == kNever) {
        calm_since_ = now;
    } else if (now - calm_since_ >= kCalm) {
        --copies_;
        calm_since_ = kNever;
    }
}

void RecentVoice::keep(const Packet& packet, Tenure tenure) {
    auto& place = kept_[packet.sequence % kKept];
    if (packet.payload.size() > kLargest || (place.tenure == tenure && place.sequence > packet.sequence)) return;
    place.sequence = packet.sequence;
    place.timestamp = packet.timestamp;
    place.tenure = tenure;
    place.size = static_cast<std::uint16_t>(packet.payload.size());
    std::copy(packet.payload.begin(), packet.payload.end(), place.bytes.begin());
}

Earlier RecentVoice::before(const Packet& packet, Tenure tenure) const {
    Earlier earlier;
    for (std::uint64_t back = 1; back <= kMaxCopies; ++back) {
        const auto& place = kept_[(packet.sequence - back) % kKept];
        const std::uint64_t behind = packet.timestamp - place.timestamp;
        if (place.tenure != tenure || place.sequence != packet.sequence - back || behind == 0 || behind > kLongest) break;
        earlier.packets[earlier.count++] = {.behind = static_cast<std::uint32_t>(behind), .payload = Bytes{place.bytes}.first(place.size)};
    }
    return earlier;
}

bool SeenPackets::news(std::uint64_t sequence) const {
    if (!started_ || sequence > highest_) return started_;
    const std::uint64_t behind = highest_ - sequence;
    return behind < kWindow && !(seen_ >> behind & 1u);
}

bool SeenPackets::had(std::uint64_t sequence) const {
    if (!started_ || sequence > highest_ || sequence < first_) return false;
    const std::uint64_t behind = highest_ - sequence;
    return behind < kWindow && (seen_ >> behind & 1u);
}

void SeenPackets::note(std::uint64_t sequence) {
    if (!started_) {
        started_ = true;
        first_ = highest_ = sequence;
        seen_ = ~std::uint64_t{0};  // what lies before the first is nobody's business
        return;
    }
    if (sequence > highest_) {
        const std::uint64_t ahead = sequence - highest_;
        seen_ = ahead < kWindow ? seen_ << ahead | 1u : 1u;
        highest_ = sequence;
    } else if (highest_ - sequence < kWindow) {
        seen_ |= std::uint64_t{1} << (highest_ - sequence);
    }
}

}  // namespace earshot::media
