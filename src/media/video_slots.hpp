// Which source is on which of one viewer's slots. What he goes on seeing stays where it is; what is new takes the slot that has been
// free longest, so that a picture of before is least likely to appear under another name.
#pragma once
#include <array>
#include <cstdint>
#include <span>

#include "base/video_slots.hpp"

namespace earshot::media {

class VideoSlots {
public:
    using Tiles = std::array<VideoTile, kVideoSlots>;

    // What he sees now, the most important first; what is beyond 25 cameras and 2 shares, named twice, or nobody's is left out.
    // True when a slot changed hands.
    bool see(std::span<const VideoTile> tiles);
    // A source that is no more; true when it was on a slot.
    bool forget(const VideoSource& source);
    const Tiles& tiles() const { return tiles_; }

private:
    std::size_t find(const VideoSource& source) const;
    std::size_t take_free(VideoKind kind) const;
    void free(std::size_t slot);

    Tiles tiles_{};
    std::array<std::uint64_t, kVideoSlots> freed_{};  // in the order of being freed
    std::uint64_t last_freed_ = 0;
};

}  // namespace earshot::media
