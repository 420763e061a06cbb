// What a listener reports of the streams that he hears, as one figure: the share of all their packets that he lost since he last said so.
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "base/room_slots.hpp"
#include "media/redundancy.hpp"
#include "wire/rtcp.hpp"

namespace earshot::rtc {

class SlotReports {
public:
    // Of one compound: the blocks about our streams, in any order. `passed_over`: how many numbers of the stream were never sent, ever;
    // they look lost to him, and no copy helps.
    void add(std::size_t slot, const wire::ReportBlock& block, std::uint32_t passed_over);
    // The compound is over. None: it said nothing new of any stream.
    std::optional<double> take_loss();

private:
    struct Slot {
        std::uint32_t highest = 0, passed_over = 0;
        bool known = false;
    };
    std::array<Slot, kHeardSlots> slots_{};
    std::uint64_t expected_ = 0;
    double lost_ = 0;
};

// How many copies a peer gets. What he reports decides; until he does, what is lost on his own way to us, since both ways are mostly
// of one kind.
class CopyChoice {
public:
    static constexpr Duration kStale = 10s;  // a report is worth so long

    void downlink(Time now, double lost) {
        told_ = now;
        down_.reported(now, lost);
    }
    void uplink(Time now, double lost) { up_.reported(now, lost); }
    std::size_t copies(Time now) const { return told_ && now - *told_ < kStale ? down_.copies() : std::max(down_.copies(), up_.copies()); }

private:
    media::RedundancyChoice down_, up_;
    std::optional<Time> told_;
};

}  // namespace earshot::rtc
