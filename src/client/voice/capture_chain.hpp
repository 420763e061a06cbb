// From what the microphone hears to Opus packets: processing, gate, the moments before the gate opened, encoder. While nothing is
// let out and nothing is heard it does next to nothing.
#pragma once
#include <array>
#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <vector>

#include "audio/loss_policy.hpp"
#include "audio/opus_encoder.hpp"
#include "audio/voice_activity.hpp"
#include "audio/voice_processor.hpp"
#include "client/voice/own_sound.hpp"
#include "client/voice/talk_switch.hpp"

namespace earshot::client {

// One packet to send now. A plain value of fixed size: nothing is allocated on a device's thread.
struct Outgoing {
    std::array<std::uint8_t, audio::OpusEncoder::kMaxPacket> bytes;
    std::uint16_t size = 0;
    std::uint32_t timestamp = 0;  // samples at 48 kHz; goes on through pauses
    std::uint8_t level = 127;     // RFC 6464
    bool marker = false;          // the first of a talkspurt (RFC 3551 section 4.1)
    Bytes payload() const { return Bytes{bytes}.first(size); }
};

struct CaptureSettings {
    audio::OpusEncoderSettings encoder{};
    audio::ProcessingSettings processing{};
    audio::GateSettings gate{};
    Duration preroll = 60ms;
};

class CaptureChain {
public:
    static constexpr Duration kFarTail = 1s;  // for so long after the loudspeakers fell silent there may be an echo
    static constexpr Duration kStayAwake = 2s;

    static std::expected<CaptureChain, std::string> make(const CaptureSettings& settings);

    // Any number of samples, of one channel or two interleaved. Packets that became ready are appended.
    void capture(Time now, audio::ConstSamples sound, std::size_t channels, TalkSwitch& talk, std::vector<Outgoing>& out);
    // What the loudspeakers will say, mono; `silent`: all of it is zero.
    void far_end(Time now, audio::ConstSamples mono, bool silent);
    void reported_loss(Time now, double lost);
    // The timestamp of the next sample.
    void start_at(std::uint64_t position) { position_ = position; }
    std::uint64_t position() const { return position_; }
    void set_gate(const audio::GateSettings& gate) { gate_.set(gate); }
    // Who hears every block as others would; nobody with nullptr. He outlives this, or is taken back.
    void let_hear(OwnSound* own) { own_ = own; }

    float level_dbov() const { return level_dbov_; }  // of the last block
    const audio::VoiceActivity& gate() const { return gate_; }
    const audio::OpusEncoder& encoder() const { return encoder_; }
    bool talking() const { return talking_; }
    const audio::LossPolicy& loss() const { return loss_; }
    bool processing() const { return processor_ != nullptr; }
    // The echo canceller is at work, which holds the microphone back by 8 ms.
    bool cancelling() const { return processor_ && processor_->cancelling(); }
    bool asleep() const { return asleep_; }
    Duration block_length() const;

private:
    struct Block {
        std::vector<float> sound;
        std::uint64_t position = 0;
        bool processed = false;
    };
    CaptureChain(const CaptureSettings& settings, audio::OpusEncoder encoder, std::unique_ptr<audio::VoiceProcessor> processor);

    void finish_block(Time now, TalkSwitch& talk, std::vector<Outgoing>& out);
    bool worth_waking(Time now, float dbov, const TalkSwitch& talk);
    bool echo_possible(Time now) const;
    void process_waiting();
    static std::span<float, audio::VoiceProcessor::kBlock> samples(Block& block) { return audio::Samples{block.sound}.first<audio::VoiceProcessor::kBlock>(); }
    void begin_talk(const TalkSwitch& talk, std::vector<Outgoing>& out);
    void end_talk(Block& last, std::vector<Outgoing>& out);
    void feed_tail(std::uint64_t position, std::vector<Outgoing>& out);
    void feed_encoder(audio::ConstSamples block, std::uint64_t position, std::vector<Outgoing>& out);
    void encode_frame(std::vector<Outgoing>& out);
    void send(Bytes payload, std::uint8_t level, std::vector<Outgoing>& out);
    Block& slot(std::size_t back) { return ring_[(newest_ + ring_.size() - back) % ring_.size()]; }

    CaptureSettings settings_;
    audio::OpusEncoder encoder_;
    std::unique_ptr<audio::VoiceProcessor> processor_;  // none: sound goes as it came
    audio::VoiceActivity gate_;
    audio::NoiseFloor raw_noise_;
    audio::LossPolicy loss_;
    OwnSound* own_ = nullptr;
    std::size_t channels_, block_samples_;

    std::vector<Block> ring_;  // the last blocks; the newest is being filled
    std::size_t newest_ = 0, filled_ = 0, kept_ = 0;
    std::uint64_t position_ = 0;
    Time last_capture_ = Time::min();

    std::vector<float> far_;
    std::size_t far_filled_ = 0;
    Time far_heard_ = Time::min(), awake_until_ = Time::min();
    bool asleep_ = false;

    bool talking_ = false, quiet_ = true;  // quiet: the last packet said that there is nothing
    std::size_t tail_ = 0;                 // samples of silence that a talk still owes
    std::vector<float> frame_;
    std::size_t frame_filled_ = 0;
    std::uint64_t frame_position_ = 0;
    float level_dbov_ = audio::kSilenceDb;
};

}  // namespace earshot::client
