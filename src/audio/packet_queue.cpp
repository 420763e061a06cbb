#include "audio/packet_queue.hpp"

#include "base/check.hpp"

namespace earshot::audio {

bool PacketQueue::put(const Packet& packet, Ticks media, Ticks arrival, const OpusShape& shape) {
    ENSURE(packet.sequence - next_ < kWindow && packet.payload.size() <= kLargestPayload);
    auto& place = packets_[packet.sequence % kWindow];
    if (place.waiting) return false;
    place.sequence = packet.sequence;
    place.media = media;
    place.arrival = arrival;
    place.shape = shape;
    place.payload.assign(packet.payload.begin(), packet.payload.end());
    place.copy = packet.copy;
    place.waiting = true;
    ++size_;
    return true;
}

const WaitingPacket* PacketQueue::first() const {
    if (size_ == 0) return nullptr;
    for (std::uint64_t number = next_; number != next_ + kWindow; ++number)
        if (const auto& place = packets_[number % kWindow]; place.waiting) return &place;
    return nullptr;
}

void PacketQueue::drop_before(std::uint64_t sequence) {
    ENSURE(sequence - next_ <= kWindow);
    for (; next_ != sequence; ++next_) {
        auto& place = packets_[next_ % kWindow];
        if (place.waiting) --size_;
        place.waiting = false;
    }
}

void PacketQueue::restart(std::uint64_t sequence) {
    for (auto& place : packets_) place.waiting = false;
    size_ = 0;
    next_ = sequence;
}

}  // namespace earshot::audio
