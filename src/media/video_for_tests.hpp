// For tests and the simulator: a camera of three simulcast encodings with temporal layers, and a decoder that knows what it may show.
#pragma once
#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "media/video_leg.hpp"
#include "media/video_packet.hpp"
#include "wire/vp8_descriptor.hpp"

namespace earshot::media::testing {

// What the payload of a made packet tells, behind its descriptor: which picture it is of, and which pictures that one builds on.
struct PictureTag {
    std::uint8_t layer = 0;
    std::uint32_t number = 0;
    std::uint8_t piece = 0, pieces = 0;
    auto operator<=>(const PictureTag&) const = default;
};

struct MadePacket {
    std::vector<std::uint8_t> payload;
    VideoPacket packet;  // its payload is set when it is handed out
    PictureTag tag;
    VideoPacket view() const {
        VideoPacket out = packet;
        out.payload = payload;
        return out;
    }
};

// VP8 with three temporal layers: 0 2 1 2, the first of each upper layer after a base picture building on that one alone.
class SimulcastCamera {
public:
    static constexpr std::array<std::uint8_t, 4> kPattern{0, 2, 1, 2};

    explicit SimulcastCamera(std::size_t layers = kSimulcastLayers) : layers_(layers) {
        for (std::size_t i = 0; i < kSimulcastLayers; ++i) {
            layers_state_[i].sequence = 70000 + 1000 * i;
            layers_state_[i].timestamp = (std::uint64_t{1} << 33) + 7777777 * i;
            layers_state_[i].picture = static_cast<std::uint16_t>(0x7ff0 + 300 * i);
            layers_state_[i].base = static_cast<std::uint8_t>(250 + 40 * i);
        }
    }
    void ask_key(std::size_t layer) { layers_state_[layer].key_wanted = true; }

    // One moment's pictures of all encodings, 1/30 s after the last.
    std::vector<MadePacket> capture() {
        std::vector<MadePacket> out;
        for (std::size_t layer = 0; layer < layers_; ++layer) encode(static_cast<std::uint8_t>(layer), out);
        return out;
    }
    // The pictures that this one needs, of the same encoding.
    const std::vector<std::uint32_t>& references(std::uint8_t layer, std::uint32_t number) const { return layers_state_[layer].references.at(number); }
    bool is_key(std::uint8_t layer, std::uint32_t number) const { return references(layer, number).empty(); }

private:
    struct Layer {
        std::uint64_t sequence = 0, timestamp = 0;
        std::uint16_t picture = 0;
        std::uint8_t base = 0;
        std::uint32_t number = 0, in_pattern = 0;
        std::array<std::uint32_t, 3> last{};  // picture of each temporal layer
        bool key_wanted = true;
        std::map<std::uint32_t, std::vector<std::uint32_t>> references;
    };

    void encode(std::uint8_t at, std::vector<MadePacket>& out) {
        Layer& layer = layers_state_[at];
        const bool key = std::exchange(layer.key_wanted, false);
        if (key) layer.in_pattern = 0;
        const auto temporal = kPattern[layer.in_pattern % 4];
        const bool sync = temporal != 0 && layer.in_pattern % 8 < 3;  // the second half of a cycle builds on its own layer too
        ++layer.in_pattern;
        ++layer.number;
        layer.timestamp += 3000;
        layer.picture = static_cast<std::uint16_t>((layer.picture + 1) & 0x7fff);
        if (temporal == 0) ++layer.base;
        auto& needs = layer.references[layer.number];
        if (!key) {
            needs = {layer.last[0]};
            for (std::uint8_t t = 1; !sync && t <= temporal; ++t) needs.push_back(layer.last[t]);
        }
        if (key) layer.last.fill(layer.number);
        layer.last[temporal] = layer.number;
        const auto pieces = static_cast<std::uint8_t>((key ? 4 : 1) + at);
        for (std::uint8_t piece = 0; piece < pieces; ++piece) out.push_back(make(at, layer, key, temporal, sync, piece, pieces));
    }

    static MadePacket make(std::uint8_t at, Layer& layer, bool key, std::uint8_t temporal, bool sync, std::uint8_t piece, std::uint8_t pieces) {
        MadePacket made;
        made.tag = {at, layer.number, piece, pieces};
        made.payload.resize(wire::kVp8DescriptorSize + wire::kVp8KeyHeaderSize + 8);
        wire::write_vp8_descriptor(
            made.payload, {.starts_frame = piece == 0, .picture_id = layer.picture, .base_index = layer.base, .temporal = temporal, .switch_up = sync});
        const auto head = MutableBytes{made.payload}.subspan(wire::kVp8DescriptorSize);
        wire::write_vp8_frame_head(head, key, static_cast<std::uint16_t>(320 << at), static_cast<std::uint16_t>(180 << at));
        auto* tag = made.payload.data() + wire::kVp8DescriptorSize + wire::kVp8KeyHeaderSize;
        tag[0] = at;
        store_u32(tag + 1, layer.number);
        tag[5] = piece;
        tag[6] = pieces;
        made.packet = {.codec = wire::VideoCodec::kVp8,
                       .layer = at,
                       .sequence = layer.sequence++,
                       .timestamp = layer.timestamp,
                       .marker = piece + 1 == pieces,
                       .about = *wire::read_vp8(made.payload)};
        return made;
    }

    std::size_t layers_;
    std::array<Layer, kSimulcastLayers> layers_state_;
};

inline std::optional<PictureTag> tag_of(Bytes payload) {
    constexpr std::size_t kAt = wire::kVp8DescriptorSize + wire::kVp8KeyHeaderSize;
    if (payload.size() < kAt + 8) return std::nullopt;
    const auto* tag = payload.data() + kAt;
    return PictureTag{tag[0], load_u32(tag + 1), tag[5], tag[6]};
}

// A viewer's decoder: shows a picture once all its packets came without a hole between them and all that it builds on was shown.
class DecoderModel {
public:
    struct Shown {
        Time at{};
        PictureTag picture;
        std::uint32_t timestamp = 0;
        std::uint16_t picture_id = 0;
        std::uint8_t base_index = 0;
    };

    explicit DecoderModel(const SimulcastCamera& camera) : camera_(&camera) {}

    // False when the stream broke a promise: a number used twice, or pieces of two pictures under one timestamp.
    bool receive(const PictureTag& tag, const RewrittenVideo& header, Time now) {
        const std::uint64_t number = std::uint64_t{header.roc} << 16 | header.sequence;
        if (!numbers_.insert(number).second) return false;
        auto& picture = pictures_[header.timestamp];
        if (!picture.pieces.empty() && (picture.tag.layer != tag.layer || picture.tag.number != tag.number)) return false;
        picture.tag = tag;
        picture.pieces.emplace(tag.piece, number);
        if (picture.pieces.size() == tag.pieces && header_fits(picture)) show(picture, header, now);
        return true;
    }
    const std::vector<Shown>& shown() const { return shown_; }
    std::size_t complete_but_undecodable() const { return undecodable_; }

private:
    struct Picture {
        PictureTag tag;
        std::map<std::uint8_t, std::uint64_t> pieces;
    };
    static bool header_fits(const Picture& picture) { return picture.pieces.rbegin()->second - picture.pieces.begin()->second + 1 == picture.pieces.size(); }
    void show(const Picture& picture, const RewrittenVideo& header, Time now) {
        const auto [layer, number, piece, pieces] = picture.tag;
        const bool key = camera_->is_key(layer, number);
        bool able = key || layer == decoding_;
        for (const auto needed : camera_->references(layer, number)) able = able && decoded_.contains(needed);
        if (!able) {
            ++undecodable_;
            return;
        }
        if (key && layer != decoding_) decoded_.clear();
        decoding_ = layer;
        decoded_.insert(number);
        shown_.push_back({now, picture.tag, header.timestamp, header.picture_id, header.base_index});
    }

    const SimulcastCamera* camera_;
    std::set<std::uint64_t> numbers_;
    std::map<std::uint32_t, Picture> pictures_;
    std::set<std::uint32_t> decoded_;
    int decoding_ = -1;
    std::vector<Shown> shown_;
    std::size_t undecodable_ = 0;
};

}  // namespace earshot::media::testing
