#include "client/voice/capture_chain.hpp"

#include <algorithm>
#include <utility>

#include "audio/level.hpp"
#include "base/check.hpp"

namespace earshot::client {
namespace {

constexpr Duration kGap = 200ms;  // no sound from the device for longer: it was stopped, and time went on
constexpr std::size_t kFade = 120;
constexpr float kWakeAboveNoise = 8.f, kWakeBelowGate = 6.f, kNeverAsleepWithin = 4.f;

std::int64_t samples_in(Duration time) { return time.count() * audio::kRate / 1'000'000'000; }
Duration length_of(std::size_t samples) { return Duration{static_cast<std::int64_t>(samples) * 1'000'000'000 / audio::kRate}; }

// From nothing to all over the first 2.5 ms, so that cutting in makes no click.
void fade_in(audio::Samples sound, std::size_t channels) {
    const std::size_t frames = std::min(kFade, sound.size() / channels);
    for (std::size_t i = 0; i < frames * channels; ++i) sound[i] *= static_cast<float>(i / channels) / static_cast<float>(frames);
}
void fade_out(audio::Samples sound, std::size_t channels) {
    const std::size_t frames = sound.size() / channels;
    for (std::size_t i = 0; i < sound.size(); ++i) sound[i] *= static_cast<float>(frames - 1 - i / channels) / static_cast<float>(frames);
}

}  // namespace

std::expected<CaptureChain, std::string> CaptureChain::make(const CaptureSettings& settings) {
    auto encoder = audio::OpusEncoder::make(settings.encoder);
    if (!encoder) return std::unexpected(encoder.error());
    std::unique_ptr<audio::VoiceProcessor> processor;
    if (settings.processing.any()) {
        if (settings.encoder.channels != 1) return std::unexpected("echo and noise are taken out of one channel only");
        auto made = audio::VoiceProcessor::make(settings.processing);
        if (!made) return std::unexpected(made.error());
        processor = std::move(*made);
    }
    return CaptureChain(settings, std::move(*encoder), std::move(processor));
}

CaptureChain::CaptureChain(const CaptureSettings& settings, audio::OpusEncoder encoder, std::unique_ptr<audio::VoiceProcessor> processor)
    : settings_(settings),
      encoder_(std::move(encoder)),
      processor_(std::move(processor)),
      gate_(settings.gate),
      channels_(static_cast<std::size_t>(settings.encoder.channels)),
      block_samples_(processor_ ? audio::VoiceProcessor::kBlock : encoder_.frame_samples()),
      far_(audio::VoiceProcessor::kBlock),
      frame_(encoder_.frame_samples() * channels_) {
    const auto preroll = static_cast<std::size_t>(samples_in(settings.preroll));
    ring_.resize(1 + (preroll + block_samples_ - 1) / block_samples_);
    for (auto& block : ring_) block.sound.resize(block_samples_ * channels_);
}

Duration CaptureChain::block_length() const { return length_of(block_samples_); }

void CaptureChain::reported_loss(Time now, double lost) {
    loss_.reported(now, lost);
    encoder_.set_expected_loss(loss_.expected_percent());
    encoder_.set_bitrate(static_cast<int>(settings_.encoder.bitrate * loss_.bitrate_share()));
}

void CaptureChain::capture(Time now, audio::ConstSamples sound, std::size_t channels, TalkSwitch& talk, std::vector<Outgoing>& out) {
    ENSURE(channels == 1 || channels == 2);
    if (last_capture_ != Time::min() && now - last_capture_ > kGap) position_ += static_cast<std::uint64_t>(samples_in(now - last_capture_));
    last_capture_ = now;
    if (own_) own_->captured(sound);
    for (std::size_t at = 0; at + channels <= sound.size(); at += channels) {
        auto& block = slot(0).sound;
        const float left = sound[at], right = channels == 2 ? sound[at + 1] : left;
        if (channels_ == 2)
            block[filled_++] = left, block[filled_++] = right;
        else
            block[filled_++] = channels == 2 ? (left + right) / 2 : left;
        if (filled_ == block.size()) finish_block(now, talk, out);
    }
}

void CaptureChain::finish_block(Time now, TalkSwitch& talk, std::vector<Outgoing>& out) {
    auto& block = slot(0);
    filled_ = 0;
    block.position = position_;
    block.processed = false;
    position_ += block_samples_;
    level_dbov_ = audio::dbov(block.sound);
    asleep_ = processor_ && !worth_waking(now, level_dbov_, talk);
    raw_noise_.add(level_dbov_, block_length());
    if (processor_ && !asleep_) {
        process_waiting();
        processor_->near_end(samples(block), echo_possible(now));
        block.processed = true;
        level_dbov_ = audio::dbov(block.sound);
    }
    if (asleep_)
        gate_.close();
    else
        gate_.add(level_dbov_, block_length());
    if (own_) own_->heard(block.sound, channels_, block_length());

    const bool on_air = talk.block(now, level_dbov_, gate_.open());
    if (on_air && !talking_) begin_talk(talk, out);
    if (!on_air && talking_)
        end_talk(block, out);
    else if (on_air)
        feed_encoder(block.sound, block.position, out);
    else if (tail_ > 0)
        feed_tail(block.position, out);

    // What was sent, and what was said while muted, is not for the beginning of the next talk.
    kept_ = on_air || tail_ > 0 || talk.muted() || talk.held_back() ? 0 : std::min(kept_ + 1, ring_.size() - 1);
    newest_ = (newest_ + 1) % ring_.size();
}

// --- sleeping: the processing costs more than everything else together, and there is nothing to do for it in a quiet room

bool CaptureChain::worth_waking(Time now, float dbov, const TalkSwitch& talk) {
    const bool open = talking_ || talk.pushed() || talk.talking_hands_free() || talk.held_back() || talk.activation() == Activation::kOpen;
    const float noise = raw_noise_.dbov();
    const float loud = std::max(noise + kNeverAsleepWithin, std::min(noise + kWakeAboveNoise, gate_.threshold_dbov() - kWakeBelowGate));
    if (echo_possible(now) || (!talk.muted() && (open || gate_.open() || dbov >= loud))) awake_until_ = now + kStayAwake;
    return awake_until_ != Time::min() && now < awake_until_;
}

bool CaptureChain::echo_possible(Time now) const { return settings_.processing.echo && far_heard_ != Time::min() && now - far_heard_ < kFarTail; }

// The blocks of the time asleep come first, so that the sound before the gate opened went the same way as the sound after.
void CaptureChain::process_waiting() {
    for (std::size_t back = kept_; back > 0; --back) {
        auto& block = slot(back);
        if (std::exchange(block.processed, true)) continue;
        processor_->near_end_late(samples(block));
        gate_.add(audio::dbov(block.sound), block_length());
    }
}

void CaptureChain::far_end(Time now, audio::ConstSamples mono, bool silent) {
    if (!processor_ || !settings_.processing.echo) return;
    if (!silent) {
        far_heard_ = now;
        asleep_ = false;
    }
    if (asleep_) {
        far_filled_ = 0;
        return;
    }
    for (const float sample : mono) {
        far_[far_filled_++] = sample;
        if (far_filled_ < far_.size()) continue;
        processor_->far_end(audio::ConstSamples{far_}.first<audio::VoiceProcessor::kBlock>());
        far_filled_ = 0;
    }
}

// --- talking

void CaptureChain::begin_talk(const TalkSwitch& talk, std::vector<Outgoing>& out) {
    talking_ = true;
    tail_ = 0;
    const std::size_t before = talk.by_gate() ? kept_ : 0;
    fade_in(slot(before).sound, channels_);
    for (std::size_t back = before; back > 0; --back) feed_encoder(slot(back).sound, slot(back).position, out);
}

// The last block sinks to silence; after it comes a frame of silence, which brings out what the encoder still held, and a packet that
// says so: whoever hears need not guess what is missing.
void CaptureChain::end_talk(Block& last, std::vector<Outgoing>& out) {
    fade_out(last.sound, channels_);
    talking_ = false;
    feed_encoder(last.sound, last.position, out);
    tail_ = frame_.size() + (frame_filled_ > 0 ? frame_.size() - frame_filled_ : 0);
}

void CaptureChain::feed_tail(std::uint64_t position, std::vector<Outgoing>& out) {
    auto& silence = slot(0).sound;
    std::ranges::fill(silence, 0.f);
    const std::size_t size = std::min(tail_, silence.size());
    feed_encoder(audio::ConstSamples{silence}.first(size), position, out);
    tail_ -= size;
    if (tail_ > 0) return;
    frame_position_ = position + size / channels_;
    const std::uint8_t nothing = encoder_.silence_packet();
    send(Bytes{&nothing, 1}, audio::kSilentLevel, out);
}

void CaptureChain::feed_encoder(audio::ConstSamples block, std::uint64_t position, std::vector<Outgoing>& out) {
    for (std::size_t at = 0; at < block.size();) {
        if (frame_filled_ == 0) frame_position_ = position + at / channels_;
        const std::size_t size = std::min(block.size() - at, frame_.size() - frame_filled_);
        std::copy_n(block.begin() + static_cast<std::ptrdiff_t>(at), size, frame_.begin() + static_cast<std::ptrdiff_t>(frame_filled_));
        at += size;
        frame_filled_ += size;
        if (frame_filled_ == frame_.size()) encode_frame(out);
    }
}

void CaptureChain::encode_frame(std::vector<Outgoing>& out) {
    frame_filled_ = 0;
    const auto packet = encoder_.encode(frame_);
    if (!packet) return;  // one frame is missing, as if the network had lost it; the next is whole
    send(*packet, audio::says_silence(*packet) ? audio::kSilentLevel : audio::level_of(frame_), out);
}

// Of a row of packets that say "nothing now" only the first leaves (RFC 7587 section 3.1.3).
void CaptureChain::send(Bytes payload, std::uint8_t level, std::vector<Outgoing>& out) {
    const bool silence = audio::says_silence(payload);
    if (silence && quiet_) return;
    auto& packet = out.emplace_back();
    packet.size = static_cast<std::uint16_t>(payload.size());
    std::ranges::copy(payload, packet.bytes.begin());
    packet.timestamp = static_cast<std::uint32_t>(frame_position_);
    packet.level = level;
    packet.marker = quiet_ && !silence;
    quiet_ = silence;
}

}  // namespace earshot::client
