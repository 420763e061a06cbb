// One viewer's one slot: a video stream that never breaks, whoever is on the slot and whichever of his encodings is sent. It changes
// encoding only where a decoder can (a key frame of the new one), leaves temporal and spatial layers out without a visible gap, and
// uses no number twice for ever: with AES-GCM a repeated number would give the key stream away (RFC 7714 section 8.1).
//
// Three verbs: aim() says what the viewer should get, restart() that somebody else is on the slot, rewrite() takes a packet of whoever
// is. Gaps in what came stay gaps, so that the viewer asks for what was lost; what is left out on purpose leaves none.
#pragma once
#include <array>
#include <cstdint>
#include <optional>

#include "base/time.hpp"
#include "media/sequence_window.hpp"
#include "media/video_packet.hpp"

namespace earshot::media {

struct LayerAim {
    std::int8_t layer = -1;  // of simulcast; -1: nothing is sent
    std::uint8_t spatial = kTopLayer;
    std::uint8_t temporal = kTopLayer;
    bool operator==(const LayerAim&) const = default;
};

struct RewrittenVideo {
    std::uint16_t sequence = 0;
    std::uint32_t timestamp = 0;
    std::uint32_t roc = 0;  // RFC 3711 section 3.3.1
    bool marker = false;
    std::uint16_t picture_id = 0;  // for wire::write_picture_numbers
    std::uint8_t base_index = 0;
};

class VideoLeg {
public:
    // `first_sequence` in 1..32767, so that a receiver that misses the first packets still guesses roc 0.
    VideoLeg(std::uint16_t first_sequence, std::uint32_t first_timestamp);

    void aim(LayerAim aim);
    const LayerAim& aimed() const { return aim_; }
    void restart() {
        running_ = false;
        layer_ = -1;
    }
    // A key frame of aimed().layer would let him have what he should.
    bool wants_key() const { return aim_.layer >= 0 && (!running_ || layer_ != aim_.layer); }
    // The encoding he gets; none before the first key frame.
    std::optional<std::uint8_t> layer() const { return running_ ? std::optional{static_cast<std::uint8_t>(layer_)} : std::nullopt; }

    // None: not for him, not now, or had before.
    std::optional<RewrittenVideo> rewrite(const VideoPacket& packet, Time now);

    // For sender reports: what was sent last, and when.
    std::uint32_t last_timestamp() const { return static_cast<std::uint32_t>(last_timestamp_); }
    Time last_sent() const { return last_sent_; }
    std::uint32_t packets() const { return packets_; }
    std::uint32_t octets() const { return octets_; }

private:
    // A sender's counter that leaps so far has begun anew, or so much was lost that only a key frame helps. Less than RFC 3550's 3000: a sender
    // who leaps on purpose shall not carry a viewer, who misses some of it, past half a lap of the sequence number.
    static constexpr std::uint64_t kJump = 1000;
    static constexpr std::uint64_t kShortestStep = 90;  // 1 ms between the last picture of one encoding and the first of the next
    static constexpr std::size_t kBends = 32;

    // From the incoming number `from` on, outgoing ones differ by so much. There is a bend wherever packets were left out.
    struct Bend {
        std::uint64_t from = 0;
        std::uint64_t sequence = 0;
        std::uint16_t picture = 0;
    };

    bool follows(const VideoPacket& packet);
    bool may_begin(const VideoPacket& packet) const;
    void begin(const VideoPacket& packet, Time now);
    void enter_picture(const VideoPacket& packet);
    void climb(const VideoPacket& packet);
    bool wanted(const VideoPacket& packet) const;
    void leave_out(const VideoPacket& packet);
    void bend(const Bend& to);
    const Bend* bend_at(std::uint64_t sequence) const;
    RewrittenVideo send(const VideoPacket& packet, const Bend& by, std::uint64_t out, Time now);

    LayerAim aim_;
    bool running_ = false;
    std::int8_t layer_ = -1;
    wire::VideoCodec codec_{};
    std::uint32_t epoch_ = 0;
    std::uint8_t temporal_ = 0, spatial_ = 0;  // what is let through now

    SequenceWindow seen_;  // in, since begin()
    SequenceWindow sent_;  // out: roc << 16 | sequence
    std::array<Bend, kBends> bends_{};
    std::size_t bend_count_ = 0;
    std::uint64_t picture_timestamp_ = 0;  // in, of the newest picture
    bool picture_left_out_ = false;

    std::uint64_t timestamp_offset_ = 0;
    std::uint8_t base_offset_ = 0;
    std::uint64_t last_timestamp_;  // out, and so the rest
    std::uint16_t last_picture_ = 0;
    std::uint8_t last_base_ = 0;
    Time last_picture_at_{};
    Time last_sent_{};
    std::uint32_t packets_ = 0;
    std::uint32_t octets_ = 0;
};

}  // namespace earshot::media
