// When packets to one viewer may leave: a key frame of a hundred packets goes out over some milliseconds rather than at once, so that it
// fills no queue on his line. Voice does not pass through here. What waits is named by the caller's own ticket; lanes are served in order.
#pragma once
#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

#include "base/deadline.hpp"

namespace earshot::media {

enum class Lane : std::uint8_t { kRepair, kShare, kSpeaker, kOthers };
inline constexpr std::size_t kLanes = 4;

class Pacer {
public:
    static constexpr double kFaster = 1.5;                 // than the line's rate: a picture is in bursts, its mean is below the rate
    static constexpr Duration kBurst = 5ms;                // what may leave at once
    static constexpr std::size_t kLeastBurst = 10 * 1250;  // and so many bytes in any case: one send of ten packets
    static constexpr std::size_t kWaiting = 512;           // packets a lane
    static constexpr Duration kLongest = 500ms;            // what waits longer is of no use: it is dropped, and its lane told broken

    // Bits a second.
    void set_rate(double rate) { rate_ = std::max(rate, 10'000.0); }

    // False when the lane is full: the picture is broken, a key frame must come.
    bool push(Time now, Lane lane, std::uint64_t ticket, std::size_t bytes);
    struct Due {
        Lane lane{};
        std::uint64_t ticket = 0;
    };
    // The next that may leave now; none: not yet, or nothing waits.
    std::optional<Due> pop(Time now);
    // Lanes of which something was dropped since the last call, as bits.
    std::uint8_t take_broken() { return std::exchange(broken_, std::uint8_t{0}); }
    // Forgets what waits in a lane: its stream begins anew.
    void clear(Lane lane);
    // When pop() has something next.
    Deadline deadline() const;

    std::size_t waiting_bytes() const { return waiting_bytes_; }
    bool empty() const { return waiting_bytes_ == 0; }

private:
    struct Waiting {
        std::uint64_t ticket = 0;
        Time since{};
        std::uint32_t bytes = 0;
    };
    struct Queue {
        std::array<Waiting, kWaiting> places;
        std::size_t first = 0, count = 0;
    };
    Queue& queue(std::size_t lane);
    void drop_stale(Time now, std::size_t lane);
    double burst() const;
    void refill(Time now);

    std::array<std::unique_ptr<Queue>, kLanes> queues_;  // made when first used
    double rate_ = 300'000;
    double debt_ = 0;  // bytes that left beyond what the rate allows
    Time settled_{};
    std::size_t waiting_bytes_ = 0;
    std::uint8_t broken_ = 0;
};

}  // namespace earshot::media
