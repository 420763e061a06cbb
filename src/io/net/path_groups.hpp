// The items of one turn, listener by listener: each path's items form a chain in their order of emission. A hash
// table that empties by counting up a generation; no allocation after construction.
#pragma once
#include <bit>
#include <cstdint>
#include <span>
#include <vector>

#include "port/media.hpp"

namespace earshot::io {

class PathGroups {
public:
    static constexpr std::uint32_t kEnd = UINT32_MAX;

    explicit PathGroups(std::size_t most_items) : slots_(std::bit_ceil(most_items * 2)), next_(most_items) { firsts_.reserve(most_items); }

    // Only UDP items are taken. `items` must stay while the chains are walked.
    void build(std::span<const port::SendArena::Item> items) {
        ++generation_;
        firsts_.clear();
        for (std::uint32_t i = 0; i < items.size(); ++i)
            if (items[i].path.transport == port::Transport::kUdp) add(items, i);
    }
    std::span<const std::uint32_t> firsts() const { return firsts_; }  // one a path, in order of first appearance
    std::uint32_t next(std::uint32_t item) const { return next_[item]; }

private:
    struct Slot {
        std::uint64_t generation = 0;
        std::uint32_t first = 0, last = 0;
    };

    void add(std::span<const port::SendArena::Item> items, std::uint32_t i) {
        next_[i] = kEnd;
        const auto& path = items[i].path;
        for (auto at = std::hash<SocketAddress>{}(path.remote);; ++at) {
            auto& slot = slots_[at & (slots_.size() - 1)];
            if (slot.generation != generation_) {
                slot = {generation_, i, i};
                firsts_.push_back(i);
                return;
            }
            if (items[slot.first].path == path) {
                next_[slot.last] = i;
                slot.last = i;
                return;
            }
        }
    }

    std::vector<Slot> slots_;
    std::vector<std::uint32_t> next_;
    std::vector<std::uint32_t> firsts_;
    std::uint64_t generation_ = 0;
};

}  // namespace earshot::io
