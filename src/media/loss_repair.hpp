// What to ask a sender for again (NACK, RFC 4585): gaps in one incoming stream, each asked for after a moment in which the packet may
// only be late, again each round trip, and given up when it is too late to be of use.
#pragma once
#include <array>
#include <cstdint>
#include <span>
#include <utility>

#include "base/deadline.hpp"

namespace earshot::media {

class LossRepair {
public:
    static constexpr std::size_t kMostMissing = 128;  // a longer gap is none to repair: what it needs is a key frame
    static constexpr Duration kLate = 8ms;            // packets overtake one another
    static constexpr Duration kShortestWait = 25ms, kLongestWait = 250ms;
    static constexpr Duration kGiveUp = 900ms;  // the sender keeps about a second (RFC 4588 section 4's rtx-time)
    static constexpr int kMostAsks = 8;

    // A packet came, itself or sent again; `sequence` unwrapped.
    void received(Time now, std::uint64_t sequence);
    // The stream begins anew.
    void restart() { *this = LossRepair{}; }
    // Writes the numbers to ask for now, ascending; how many.
    std::size_t ask(Time now, Duration round_trip, std::span<std::uint16_t> out);
    Deadline deadline() const;
    // Something was given up since the last call: only a key frame mends what follows.
    bool take_broken() { return std::exchange(broken_, false); }
    std::size_t missing() const { return count_; }

private:
    struct Missing {
        std::uint64_t sequence = 0;
        Time since{}, next{};
        int asks = 0;
    };
    void add_gap(Time now, std::uint64_t end);
    void erase(std::size_t index);

    std::array<Missing, kMostMissing> missing_{};  // ascending
    std::size_t count_ = 0;
    std::uint64_t next_ = 0;  // above the highest that came
    bool started_ = false, broken_ = false;
};

}  // namespace earshot::media
