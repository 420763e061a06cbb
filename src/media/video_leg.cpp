#include "media/video_leg.hpp"

#include <algorithm>
#include <utility>

#include "base/check.hpp"

namespace earshot::media {
namespace {

std::uint64_t ticks(Duration elapsed) {
    const std::int64_t us = std::chrono::duration_cast<std::chrono::microseconds>(elapsed).count();
    return us <= 0 ? 0 : static_cast<std::uint64_t>(us) * (kVideoClock / 1000) / 1000;
}

}  // namespace

VideoLeg::VideoLeg(std::uint16_t first_sequence, std::uint32_t first_timestamp) : last_timestamp_(first_timestamp) {
    ENSURE(first_sequence >= 1 && first_sequence <= 32767);
    sent_.reset(first_sequence - 1u);
}

void VideoLeg::aim(LayerAim aim) {
    aim_ = aim;
    if (aim.layer < 0) running_ = false;
}

std::optional<RewrittenVideo> VideoLeg::rewrite(const VideoPacket& packet, Time now) {
    if (aim_.layer < 0) return std::nullopt;
    const bool switches = layer_ != aim_.layer && packet.layer == aim_.layer;
    if (switches || !follows(packet)) {
        if (!may_begin(packet)) return std::nullopt;
        begin(packet, now);
    }
    const bool newest = packet.sequence > seen_.highest();
    if (!seen_.take(packet.sequence)) return std::nullopt;
    if (newest) {
        if (packet.timestamp > picture_timestamp_) enter_picture(packet);
        climb(packet);
    }
    if (!wanted(packet)) {
        if (newest) leave_out(packet);
        return std::nullopt;
    }
    const auto* by = bend_at(packet.sequence);
    if (!by) return std::nullopt;
    const std::uint64_t out = packet.sequence + by->sequence;
    if (!sent_.take(out)) return std::nullopt;
    return send(packet, *by, out, now);
}

// Goes on in the stream that is being sent. A stream that begins anew ends the one that was; packets from before that are late.
bool VideoLeg::follows(const VideoPacket& packet) {
    if (!running_ || packet.layer != layer_ || packet.epoch < epoch_) return false;
    const bool same = packet.epoch == epoch_ && packet.codec == codec_ && packet.sequence <= seen_.highest() + kJump;
    if (!same) running_ = false;
    return same;
}

// At a key frame of what he should get; until he gets anything, at one of a smaller encoding too.
bool VideoLeg::may_begin(const VideoPacket& packet) const {
    if (!packet.about.starts_key || (packet.layer == layer_ && packet.epoch < epoch_)) return false;
    return packet.layer == aim_.layer || (!running_ && packet.layer < aim_.layer);
}

void VideoLeg::begin(const VideoPacket& packet, Time now) {
    // The viewer's clock ran on between the two encodings; so does the stream's.
    const std::uint64_t step = packets_ == 0 ? 0 : std::max(ticks(now - last_picture_at_), kShortestStep);
    timestamp_offset_ = last_timestamp_ + step - packet.timestamp;
    base_offset_ = static_cast<std::uint8_t>(last_base_ + 1 - packet.about.base_index);
    bend_count_ = 0;
    bend({.from = packet.sequence,
          .sequence = sent_.highest() + 1 - packet.sequence,
          .picture = static_cast<std::uint16_t>(last_picture_ + 1 - packet.about.picture_id)});
    seen_.reset(packet.sequence - 1);
    picture_timestamp_ = packet.timestamp - 1;
    layer_ = static_cast<std::int8_t>(packet.layer);
    codec_ = packet.codec;
    epoch_ = packet.epoch;
    running_ = true;
}

// Layers are given up between two pictures.
void VideoLeg::enter_picture(const VideoPacket& packet) {
    picture_timestamp_ = packet.timestamp;
    picture_left_out_ = false;
    temporal_ = std::min(temporal_, aim_.temporal);
    spatial_ = std::min(spatial_, aim_.spatial);
}

// Layers are added where nothing of them is needed that was not sent: at a key frame all; in VP8 one temporal layer at a picture of it that
// builds on the base layer alone (RFC 7741 section 4.2, Y); in VP9 all after a picture that says so (RFC 9628 section 4.2, U), and a spatial
// layer at a picture of it that builds only on the one below.
void VideoLeg::climb(const VideoPacket& packet) {
    const auto& about = packet.about;
    if (about.starts_key) {
        temporal_ = std::max(aim_.temporal, about.temporal);  // what a stream begins with is always sent
        spatial_ = std::max(aim_.spatial, about.spatial);
        return;
    }
    if (!about.starts_frame || !about.layered) return;
    const bool next_temporal = packet.codec == wire::VideoCodec::kVp8 && about.switch_up && about.temporal == temporal_ + 1;
    if (next_temporal && about.temporal <= aim_.temporal) temporal_ = about.temporal;
    const bool next_spatial = !about.predicted && about.spatial == spatial_ + 1;
    if (next_spatial && about.spatial <= aim_.spatial) spatial_ = about.spatial;
    const bool all_temporal = packet.codec == wire::VideoCodec::kVp9 && about.switch_up && about.temporal <= temporal_;
    if (all_temporal) temporal_ = aim_.temporal;
}

bool VideoLeg::wanted(const VideoPacket& packet) const {
    return !packet.filler && (!packet.about.layered || (packet.about.temporal <= temporal_ && packet.about.spatial <= spatial_));
}

// VP8's decoders take a missing picture id for a lost picture. VP9 numbers a picture of all its spatial layers, and knows which may be missing.
void VideoLeg::leave_out(const VideoPacket& packet) {
    Bend next = bends_[(bend_count_ - 1) % kBends];
    next.from = packet.sequence + 1;
    next.sequence -= 1;
    const bool numbered = packet.codec == wire::VideoCodec::kVp8 && !packet.filler;
    if (numbered && !std::exchange(picture_left_out_, true)) next.picture = static_cast<std::uint16_t>(next.picture - 1);
    bend(next);
}

void VideoLeg::bend(const Bend& to) {
    if (bend_count_ != 0 && bends_[(bend_count_ - 1) % kBends].from == to.from - 1 && bend_count_ > 1) --bend_count_;  // one bend for neighbours
    bends_[bend_count_++ % kBends] = to;
}

const VideoLeg::Bend* VideoLeg::bend_at(std::uint64_t sequence) const {
    const std::size_t known = std::min(bend_count_, kBends);
    for (std::size_t back = 1; back <= known; ++back) {
        const Bend& each = bends_[(bend_count_ - back) % kBends];
        if (each.from <= sequence) return &each;
    }
    return nullptr;
}

RewrittenVideo VideoLeg::send(const VideoPacket& packet, const Bend& by, std::uint64_t out, Time now) {
    const std::uint64_t timestamp = packet.timestamp + timestamp_offset_;
    const auto picture = static_cast<std::uint16_t>((packet.about.picture_id + by.picture) & 0x7fff);
    const auto base = static_cast<std::uint8_t>(packet.about.base_index + base_offset_);
    if (out == sent_.highest()) {
        if (timestamp != last_timestamp_ || packets_ == 0) last_picture_at_ = now;
        last_timestamp_ = timestamp;
        last_sent_ = now;
        if (packet.about.places.picture_id != 0) last_picture_ = picture;
        if (packet.about.places.base_index != 0) last_base_ = base;
    }
    ++packets_;
    octets_ += static_cast<std::uint32_t>(packet.payload.size());
    // With the upper spatial layers left out, the picture ends where the top one of the rest does.
    const bool ends = packet.marker || (packet.about.ends_layer && packet.about.layered && packet.about.spatial == spatial_);
    return {.sequence = static_cast<std::uint16_t>(out),
            .timestamp = static_cast<std::uint32_t>(timestamp),
            .roc = static_cast<std::uint32_t>(out >> 16),
            .marker = ends,
            .picture_id = picture,
            .base_index = base};
}

}  // namespace earshot::media
