// Speech or music to Opus packets (RFC 6716), one frame a call. In-band FEC and the loss it is made for follow what the far end reports;
// in silence it says "nothing now" (DTX, RFC 7587 section 3.1.3).
#pragma once
#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <vector>

#include "audio/frame.hpp"

struct OpusEncoder;

namespace earshot::audio {

enum class OpusMode {
    kVoice,     // SILK and hybrid up to about 64 kbit/s: the only modes with in-band FEC
    kMusic,     // CELT, full band, without FEC
    kLowDelay,  // CELT with 2.5 ms of lookahead in place of 6.5, without FEC
};

struct OpusEncoderSettings {
    OpusMode mode = OpusMode::kVoice;
    int channels = 1;
    Duration frame = 10ms;  // 2.5, 5, 10 or 20 ms; below 10 ms only CELT exists
    int bitrate = 40'000;   // bit/s, 16'000 to 128'000
    int complexity = 9;     // 0 to 10
    bool dtx = true;
    bool operator==(const OpusEncoderSettings&) const = default;
};

class OpusEncoder {
public:
    static constexpr int kMinBitrate = 16'000;
    static constexpr int kMaxBitrate = 128'000;
    static constexpr std::size_t kMaxPacket = 1275;  // RFC 6716 section 3.4, one frame

    // The error says which setting cannot be.
    static std::expected<OpusEncoder, std::string> make(const OpusEncoderSettings& settings);

    // `frame`: exactly frame_samples() for each channel, interleaved. The packet is good until the next call. One or two bytes
    // mean that nothing need be sent.
    std::expected<Bytes, std::string> encode(ConstSamples frame);

    // 0: no FEC. Frames of 10 and 20 ms in kVoice carry a second, coarser copy of the frame before when this is 1 or more.
    void set_expected_loss(int percent);
    void set_bitrate(int bitrate);  // clamped
    // Forgets the sound so far, as at the start of a talkspurt after a pause that was not sent.
    void reset();

    const OpusEncoderSettings& settings() const { return settings_; }
    std::size_t frame_samples() const { return frame_samples_; }  // of one channel
    // What an impulse waits inside, beyond the frame's own length.
    Duration lookahead() const { return lookahead_; }
    bool fec() const { return fec_; }

    // "Nothing now": a packet of one byte, the table of contents that frames of these settings have (RFC 6716 section 3.1).
    std::uint8_t silence_packet() const { return silence_; }

private:
    struct Free {
        void operator()(::OpusEncoder* encoder) const;
    };
    OpusEncoder(const OpusEncoderSettings& settings, std::unique_ptr<::OpusEncoder, Free> encoder);
    void configure();
    bool fec_possible() const { return settings_.mode == OpusMode::kVoice && settings_.frame >= 10ms; }

    OpusEncoderSettings settings_;
    std::unique_ptr<::OpusEncoder, Free> encoder_;
    std::vector<std::uint8_t> packet_;
    std::size_t frame_samples_ = 0;
    Duration lookahead_{};
    bool fec_ = false;
    std::uint8_t silence_ = 0;
};

constexpr bool says_silence(Bytes packet) { return packet.size() <= 2; }

}  // namespace earshot::audio
