#include "media/video_slots.hpp"

#include <algorithm>

namespace earshot::media {
namespace {

constexpr std::size_t kNone = kVideoSlots;

}  // namespace

std::size_t VideoSlots::find(const VideoSource& source) const {
    return static_cast<std::size_t>(std::ranges::find(tiles_, source, &VideoTile::source) - tiles_.begin());
}

std::size_t VideoSlots::take_free(VideoKind kind) const {
    const std::size_t begin = kind == VideoKind::kCamera ? 0 : kCameraSlots, end = kind == VideoKind::kCamera ? kCameraSlots : kVideoSlots;
    std::size_t found = kNone;
    for (std::size_t slot = begin; slot < end; ++slot) {
        if (!tiles_[slot].source.member && (found == kNone || freed_[slot] < freed_[found])) found = slot;
    }
    return found;
}

void VideoSlots::free(std::size_t slot) {
    tiles_[slot] = {};
    freed_[slot] = ++last_freed_;
}

bool VideoSlots::see(std::span<const VideoTile> tiles) {
    std::array<std::size_t, 2> left{kCameraSlots, kShareSlots};
    std::array<const VideoTile*, kVideoSlots> wanted{};
    std::size_t count = 0;
    for (const auto& tile : tiles) {
        auto& room = left[tile.source.kind == VideoKind::kShare ? 1 : 0];
        const auto known = std::span{wanted}.first(count);
        if (!tile.source.member || room == 0 || std::ranges::any_of(known, [&](const auto* each) { return each->source == tile.source; })) continue;
        --room;
        wanted[count++] = &tile;
    }
    const auto chosen = std::span{wanted}.first(count);
    bool changed = false;
    for (std::size_t slot = 0; slot < kVideoSlots; ++slot) {
        const bool stays = std::ranges::any_of(chosen, [&](const auto* each) { return each->source == tiles_[slot].source; });
        if (!tiles_[slot].source.member || stays) continue;
        free(slot);
        changed = true;
    }
    for (const auto* tile : chosen) {
        auto slot = find(tile->source);
        changed = changed || slot == kNone;
        if (slot == kNone) slot = take_free(tile->source.kind);
        tiles_[slot] = *tile;
    }
    return changed;
}

bool VideoSlots::forget(const VideoSource& source) {
    const auto slot = source.member ? find(source) : kNone;
    if (slot == kNone) return false;
    free(slot);
    return true;
}

}  // namespace earshot::media
