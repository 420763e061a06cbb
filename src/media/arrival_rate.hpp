// How fast bytes arrive, over a short window that ends at the newest of them.
#pragma once
#include <array>
#include <cstddef>

#include "base/time.hpp"

namespace earshot::media {

class ArrivalRate {
public:
    static constexpr Duration kWindow = 300ms;

    // In any order; what is older than the window does not count.
    void add(Duration at, std::size_t bytes) {
        places_[next_++ % places_.size()] = {at, bytes};
        newest_ = count_ == 0 || at > newest_ ? at : newest_;
        count_ = count_ < places_.size() ? count_ + 1 : count_;
    }
    // Bits a second within the last `window`, at most kWindow; 0 while there is too little to tell.
    double bits_per_second(Duration window = kWindow) const {
        Duration oldest = newest_;
        std::size_t bytes = 0, first = 0, packets = 0;
        for (std::size_t i = 0; i < count_; ++i) {
            const auto& place = places_[i];
            if (place.at + window < newest_) continue;
            bytes += place.bytes;
            ++packets;
            if (place.at <= oldest) oldest = place.at, first = place.bytes;
        }
        // The oldest packet's bytes came before the span began.
        const double span = std::chrono::duration<double>(newest_ - oldest).count();
        return packets < 4 || span < 0.03 ? 0 : static_cast<double>(bytes - first) * 8 / span;
    }

private:
    struct Place {
        Duration at{};
        std::size_t bytes = 0;
    };
    std::array<Place, 512> places_{};
    std::size_t next_ = 0, count_ = 0;
    Duration newest_{};
};

}  // namespace earshot::media
