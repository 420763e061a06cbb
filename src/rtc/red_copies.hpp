// Kept packets of a stream as a RED payload wants them: oldest first, as many as fit.
#pragma once
#include <algorithm>
#include <array>
#include <span>

#include "media/redundancy.hpp"
#include "wire/red.hpp"

namespace earshot::rtc {

class RedCopies {
public:
    // With header and tag it stays below what every path carries.
    static constexpr std::size_t kLargest = 1150;

    RedCopies(std::uint8_t payload_type, const media::Earlier& earlier, std::size_t wanted, std::size_t newest) {
        std::size_t size = wire::kRedPrimaryHeader + newest;
        for (std::size_t back = 0; back < std::min(wanted, earlier.count); ++back) {
            const auto& packet = earlier.packets[back];
            size += wire::kRedCopyHeader + packet.payload.size();
            if (size > kLargest || packet.behind > wire::kMaxRedBehind) break;
            ++count_;
            copies_[copies_.size() - count_] = {.payload_type = payload_type, .behind = packet.behind, .payload = packet.payload};
        }
    }
    std::span<const wire::RedCopy> span() const { return std::span{copies_}.last(count_); }
    bool empty() const { return count_ == 0; }

private:
    std::array<wire::RedCopy, media::kMaxCopies> copies_{};
    std::size_t count_ = 0;
};

}  // namespace earshot::rtc
