// The video slots of one viewer: agreed once, whoever comes. Each viewer has his own, for each sees what he looks at.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>

#include "base/ids.hpp"

namespace earshot {

inline constexpr std::size_t kCameraSlots = 25;
inline constexpr std::size_t kShareSlots = 2;
inline constexpr std::size_t kVideoSlots = kCameraSlots + kShareSlots;  // the shares' are the last

enum class VideoKind : std::uint8_t { kCamera, kShare };

// Somebody's camera or share; of nobody: a free slot.
struct VideoSource {
    MemberId member;
    VideoKind kind = VideoKind::kCamera;
    bool operator==(const VideoSource&) const = default;
};

// A place where a viewer shows one, its size in the pixels of his screen.
struct VideoTile {
    VideoSource source;
    std::uint16_t width = 0, height = 0;
    bool operator==(const VideoTile&) const = default;
};

}  // namespace earshot
