// Packets that wait for their turn, by number. A window of 256 numbers slides with the playing; memory is kept and used again.
#pragma once
#include <array>
#include <cstdint>
#include <vector>

#include "audio/delay_estimator.hpp"
#include "audio/frame.hpp"
#include "audio/opus_decoder.hpp"

namespace earshot::audio {

struct WaitingPacket {
    std::uint64_t sequence = 0;
    Ticks media = 0;  // unwrapped timestamp of its first frame
    Ticks arrival = 0;
    OpusShape shape;
    std::vector<std::uint8_t> payload;
    bool copy = false;
    bool waiting = false;
};

class PacketQueue {
public:
    static constexpr std::uint64_t kWindow = 256;
    static constexpr std::size_t kLargestPayload = 1500;  // what a datagram carries

    // The number must lie in [next, next + kWindow). False when it is there already.
    bool put(const Packet& packet, Ticks media, Ticks arrival, const OpusShape& shape);
    // The first that waits, from the next number on; nullptr when none does.
    const WaitingPacket* first() const;
    void drop_before(std::uint64_t sequence);  // next becomes `sequence`
    void restart(std::uint64_t sequence);

    std::uint64_t next() const { return next_; }
    std::size_t size() const { return size_; }

private:
    std::array<WaitingPacket, kWindow> packets_;
    std::uint64_t next_ = 0;
    std::size_t size_ = 0;
};

}  // namespace earshot::audio
