// Which encoding of each tile one viewer gets: no more than its size can show, no more in all than his line takes. What matters most
// is served first: everything once in its smallest encoding, in order of rank, then each made better in the same order.
#pragma once
#include <array>
#include <cstdint>
#include <limits>
#include <span>

#include "media/video_packet.hpp"

namespace earshot::media {

inline constexpr std::uint64_t kUnlimited = std::numeric_limits<std::uint64_t>::max();

struct LayerDemand {
    std::uint32_t rank = 0;  // the lowest is served first
    std::array<std::uint64_t, kSimulcastLayers> bits_per_second{};
    std::array<bool, kSimulcastLayers> alive{};
    std::int8_t best = 0;      // by the tile's size: nothing above it
    std::int8_t present = -1;  // what he gets now; to climb above it there must be room to spare
    std::int8_t chosen = -1;   // out; -1: nothing
};

// Writes `chosen` of each; `budget` in bits a second. At most 64 demands.
void choose_layers(std::span<LayerDemand> demands, std::uint64_t budget);

// The smallest encoding that shows a tile of this height well enough, of heights that ascend; the largest alive when none does.
std::int8_t layer_for_height(std::span<const std::uint16_t, kSimulcastLayers> heights, const std::array<bool, kSimulcastLayers>& alive,
                             std::uint32_t tile_height);

}  // namespace earshot::media
