#include "media/video_track.hpp"

#include <algorithm>
#include <numeric>

namespace earshot::media {

void RateMeter::add(Time now, std::size_t bytes) {
    const auto bin = bin_of(now);
    const auto stale = std::min<std::int64_t>(bin - newest_, kBins);
    for (std::int64_t n = 0; n < stale; ++n) bytes_[static_cast<std::size_t>(bin - n) % kBins] = 0;
    newest_ = std::max(newest_, bin);
    bytes_[static_cast<std::size_t>(newest_) % kBins] += bytes;
}

std::uint64_t RateMeter::bits_per_second(Time now) const {
    const auto age = static_cast<std::uint64_t>(std::max<std::int64_t>(0, bin_of(now) - newest_));
    std::uint64_t bytes = 0;
    for (std::uint64_t n = age; n < kBins; ++n) bytes += bytes_[(static_cast<std::uint64_t>(newest_) + kBins - (n - age)) % kBins];
    return bytes * 8;
}

void VideoTrack::received(const VideoPacket& packet, Time now) {
    Layer& layer = layers_[packet.layer];
    layer.rate.add(now, packet.payload.size());
    layer.last_packet = newest_ = now;
    if (packet.about.starts_key) layer.key_request.settled();
    const bool resized = packet.about.height != 0 && packet.about.height != layer.height;
    if (resized) layer.height = packet.about.height;
    if (resized || !layer.alive || codec_ != packet.codec) ++version_;
    layer.alive = true;
    codec_ = packet.codec;
}

void VideoTrack::check() {
    for (auto& layer : layers_) {
        if (!layer.alive || fresh(layer)) continue;
        layer.alive = false;
        ++version_;
    }
}

bool VideoTrack::alive(std::size_t layer) const { return layers_[layer].alive && fresh(layers_[layer]); }

// A camera's usual 720 lines, halved and halved again, as browsers scale encodings down.
std::uint16_t VideoTrack::height(std::size_t layer) const {
    static constexpr std::array<std::uint16_t, kSimulcastLayers> kUsual{180, 360, 720};
    return layers_[layer].height != 0 ? layers_[layer].height : kUsual[layer];
}

}  // namespace earshot::media
