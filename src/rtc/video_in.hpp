// The camera and the share of one peer: which of the packets on his path are of which encoding, opened and numbered. SSRCs are learnt
// from authentic packets that name their line and encoding (RFC 8843 section 9.2, RFC 8852), and kept: browsers stop naming them soon.
#pragma once
#include <array>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>

#include "base/counters.hpp"
#include "crypto/srtp.hpp"
#include "media/track.hpp"
#include "media/video_packet.hpp"
#include "rtc/reception.hpp"
#include "rtc/remote_video.hpp"
#include "wire/rtp.hpp"

namespace earshot::rtc {

// By its payload type alone, which the header shows before anything is checked.
constexpr bool is_picture(Bytes packet) {
    const auto type = packet.size() < 2 ? 0 : packet[1] & 0x7f;
    return type >= kVp8PayloadType && type <= kH264PayloadType + 1;
}

class VideoIn {
public:
    // A second SSRC for one encoding is believed only when the first has been quiet for so long.
    static constexpr Duration kSourceRest = 500ms;
    // One for each encoding of the camera, one for the share.
    static constexpr std::size_t kStreams = media::kSimulcastLayers + 1;

    explicit VideoIn(const RemoteVideo& described) { describe(described); }
    // Another answer; what was learnt of the streams stays.
    void describe(const RemoteVideo& described);

    struct Incoming {
        wire::RtpHeader header;
        wire::VideoCodec codec{};
        std::uint8_t stream = 0;
        bool repair = false;  // RFC 4588: a packet sent again
    };
    // Is this one of his pictures? Else why not. Nothing is remembered.
    std::expected<Incoming, Counter> inspect(Time now, Bytes packet) const;

    struct Picture {
        VideoKind kind{};
        media::VideoPacket packet;  // its payload lies in the datagram; without one it only fills its number's place
        bool repair = false;
    };
    std::expected<Picture, Counter> open(Time now, const Incoming& incoming, MutableBytes packet, crypto::SrtpInbound& srtp);

    // 0: not learnt yet.
    std::uint32_t ssrc(VideoKind kind, std::size_t layer) const { return streams_[stream_of(kind, layer)].ssrc; }
    // Null: nothing came of it. In the order of the encodings, the share last.
    Reception* reception(std::size_t stream) { return streams_[stream].reception ? &*streams_[stream].reception : nullptr; }

private:
    struct Stream {
        std::uint32_t ssrc = 0, repair_ssrc = 0;
        media::Track track;
        std::optional<Reception> reception;
        std::uint32_t epoch = 0;
        Time last_packet{};
    };
    struct Place {
        std::uint8_t stream = 0;
        bool repair = false;
    };
    static std::size_t stream_of(VideoKind kind, std::size_t layer) { return kind == VideoKind::kShare ? media::kSimulcastLayers : layer; }
    std::optional<Place> known(std::uint32_t ssrc) const;
    std::optional<Place> named(const wire::RtpHeader& header, bool repair) const;
    bool may_take(Time now, const Place& place) const;
    void learn(const Incoming& incoming, Stream& stream);
    std::expected<Picture, Counter> first_hand(Time now, const Incoming& incoming, std::uint64_t index, Bytes payload, Stream& stream);
    std::expected<Picture, Counter> second_hand(const Incoming& incoming, Bytes payload, Stream& stream) const;

    RemoteVideo described_;
    std::array<Stream, kStreams> streams_;
};

}  // namespace earshot::rtc
