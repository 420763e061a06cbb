// The microphone of one peer: which of the packets on his path are it, opened and numbered. In two steps, so that whoever
// forwards may decide by the clear header that a packet is not worth opening (RFC 6464).
#pragma once
#include <array>
#include <cstdint>
#include <expected>
#include <optional>

#include "base/counters.hpp"
#include "crypto/srtp.hpp"
#include "media/packet.hpp"
#include "media/redundancy.hpp"
#include "media/track.hpp"
#include "rtc/reception.hpp"
#include "rtc/remote_media.hpp"
#include "wire/rtp.hpp"

namespace earshot::rtc {

class VoiceIn {
public:
    // Another SSRC is believed only when the present one has been quiet for so long.
    static constexpr Duration kSourceRest = 500ms;
    // Of the packets that need not be heard one in so many is opened all the same: SRTP counts the laps of the sequence
    // number by what it opens (RFC 3711 section 3.3.1) and would lose count after 32768.
    static constexpr std::uint16_t kOpenOneIn = 32;

    explicit VoiceIn(RemoteMedia media) : media_(std::move(media)) {}

    // Another answer, after an ICE restart; what was learnt of the stream stays.
    void describe(RemoteMedia media) { media_ = std::move(media); }

    struct Incoming {
        wire::RtpHeader header;
        wire::AudioLevel level;  // believed only after open()
        bool has_level = false;
    };
    // Is this the microphone? Else why not. Nothing is remembered.
    std::expected<Incoming, Counter> inspect(Time now, Bytes packet) const;
    static bool must_open(const Incoming& incoming) { return incoming.header.sequence % kOpenOneIn == 0; }
    void skip(const Incoming& incoming);

    struct Voice {
        media::Packet packet;    // its payload lies in the datagram
        bool new_source = false;  // its numbers continue nothing
        std::array<media::Packet, media::kMaxCopies> recovered{};  // lost before it, of which it has copies; oldest first
        std::size_t recovered_count = 0;
    };
    std::expected<Voice, Counter> open(Time now, const Incoming& incoming, MutableBytes packet, crypto::SrtpInbound& srtp);

    Reception* reception() { return reception_ ? &*reception_ : nullptr; }

private:
    bool may_be(std::uint8_t payload_type) const { return payload_type == media_.opus_payload_type || (media_.mic_red && payload_type == kRedPayloadType); }
    std::optional<Bytes> take_copies(Bytes payload, std::uint32_t timestamp, Voice& voice);
    bool ours(Time now, const wire::RtpHeader& header) const;

    RemoteMedia media_;
    std::optional<Reception> reception_;
    media::Track track_;
    media::SeenPackets seen_;
    Time last_packet_{};
};

}  // namespace earshot::rtc
