#include "media/layer_choice.hpp"

#include <algorithm>

#include "base/check.hpp"

namespace earshot::media {
namespace {

constexpr std::size_t kMaxDemands = 64;

std::int8_t next_alive(const LayerDemand& demand) {
    for (auto layer = static_cast<std::int8_t>(demand.chosen + 1); layer <= demand.best; ++layer)
        if (demand.alive[static_cast<std::size_t>(layer)]) return layer;
    return -1;
}

std::uint64_t cost(const LayerDemand& demand, std::int8_t layer) { return layer < 0 ? 0 : demand.bits_per_second[static_cast<std::size_t>(layer)]; }

// One step up for one tile; false when there is no better encoding or no room. Going beyond what he has now takes an eighth more, so that
// an encoding at the edge is not switched on and off.
bool step(LayerDemand& demand, std::uint64_t& left) {
    const auto next = next_alive(demand);
    if (next < 0) return false;
    const auto more = cost(demand, next) - std::min(cost(demand, next), cost(demand, demand.chosen));
    const auto needed = next > demand.present ? more + more / 8 : more;
    if (needed > left) return false;
    left -= more;
    demand.chosen = next;
    return true;
}

}  // namespace

void choose_layers(std::span<LayerDemand> demands, std::uint64_t budget) {
    ENSURE(demands.size() <= kMaxDemands);
    std::array<std::uint8_t, kMaxDemands> order{};
    for (std::size_t i = 0; i < demands.size(); ++i) {
        order[i] = static_cast<std::uint8_t>(i);
        demands[i].chosen = -1;
    }
    const auto ranked = std::span{order}.first(demands.size());
    std::ranges::stable_sort(ranked, {}, [&](std::uint8_t i) { return demands[i].rank; });
    for (const auto i : ranked) step(demands[i], budget);
    for (const auto i : ranked) {
        while (step(demands[i], budget)) {
        }
    }
}

std::int8_t layer_for_height(std::span<const std::uint16_t, kSimulcastLayers> heights, const std::array<bool, kSimulcastLayers>& alive,
                             std::uint32_t tile_height) {
    std::int8_t best = 0;
    for (std::size_t layer = 0; layer < kSimulcastLayers; ++layer) {
        if (!alive[layer]) continue;
        best = static_cast<std::int8_t>(layer);
        if (heights[layer] * 4u >= tile_height * 3u) break;  // a third of scaling up is hardly seen
    }
    return best;
}

}  // namespace earshot::media
