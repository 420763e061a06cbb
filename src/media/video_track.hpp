// What comes of one camera or share: its encodings, which of them are alive, how much each takes, how large its picture is.
#pragma once
#include <array>
#include <cstdint>
#include <optional>

#include "base/time.hpp"
#include "media/key_frame_requests.hpp"
#include "media/video_packet.hpp"

namespace earshot::media {

// Bits of the last second, in tenths.
class RateMeter {
public:
    void add(Time now, std::size_t bytes);
    std::uint64_t bits_per_second(Time now) const;

private:
    static constexpr std::size_t kBins = 10;
    static constexpr Duration kBin = 100ms;
    static std::int64_t bin_of(Time now) { return now.time_since_epoch() / kBin; }
    std::array<std::uint64_t, kBins> bytes_{};
    std::int64_t newest_ = 0;
};

class VideoTrack {
public:
    // An encoding is alive while it is no more than this behind the newest packet of any: a browser that must save drops its
    // largest, and a share of a still picture may send nothing for long.
    static constexpr Duration kLayerSilence = 500ms;

    void received(const VideoPacket& packet, Time now);
    bool alive(std::size_t layer) const;
    bool any() const { return newest_ != Time{}; }
    std::uint64_t bits_per_second(std::size_t layer, Time now) const { return layers_[layer].rate.bits_per_second(now); }
    // Height in pixels, told by a key frame; guessed from the encoding's place until then.
    std::uint16_t height(std::size_t layer) const;
    std::optional<wire::VideoCodec> codec() const { return codec_; }
    // Grows when an encoding came to life, died, or changed its size: layers may be chosen anew.
    std::uint32_t version() const { return version_; }
    // Looks for encodings that have died; nothing comes that would tell.
    void check();

    KeyFrameRequest& key_request(std::size_t layer) { return layers_[layer].key_request; }

private:
    struct Layer {
        RateMeter rate;
        KeyFrameRequest key_request;
        Time last_packet{};
        std::uint16_t height = 0;
        bool alive = false;
    };
    bool fresh(const Layer& layer) const { return layer.last_packet != Time{} && layer.last_packet + kLayerSilence >= newest_; }

    std::array<Layer, kSimulcastLayers> layers_{};
    std::optional<wire::VideoCodec> codec_;
    Time newest_{};
    std::uint32_t version_ = 0;
};

}  // namespace earshot::media
