#include "audio/opus_encoder.hpp"

#include <opus/opus.h>

#include <algorithm>

#include "base/check.hpp"

namespace earshot::audio {
namespace {

int application(OpusMode mode) {
    switch (mode) {
        case OpusMode::kVoice: return OPUS_APPLICATION_VOIP;
        case OpusMode::kMusic: return OPUS_APPLICATION_AUDIO;
        case OpusMode::kLowDelay: return OPUS_APPLICATION_RESTRICTED_LOWDELAY;
    }
    return OPUS_APPLICATION_VOIP;
}

std::size_t samples_of(Duration frame) { return static_cast<std::size_t>(frame.count() * kRate / 1'000'000'000); }

std::string reason_against(const OpusEncoderSettings& s) {
    if (s.frame != 2500us && s.frame != 5ms && s.frame != 10ms && s.frame != 20ms) return "an Opus frame is 2.5, 5, 10 or 20 ms long";
    if (s.channels != 1 && s.channels != 2) return "Opus has one channel or two";
    if (s.bitrate < OpusEncoder::kMinBitrate || s.bitrate > OpusEncoder::kMaxBitrate) return "the bitrate lies between 16000 and 128000 bit/s";
    if (s.complexity < 0 || s.complexity > 10) return "the complexity lies between 0 and 10";
    return {};
}

// RFC 6716 section 3.1: the configuration of a full band frame of this length, hybrid where that exists, else CELT.
std::uint8_t silent_contents(const OpusEncoderSettings& s) {
    int configuration = s.frame == 2500us ? 28 : s.frame == 5ms ? 29 : s.frame == 10ms ? 30 : 31;
    if (s.mode == OpusMode::kVoice && s.frame >= 10ms) configuration = s.frame == 10ms ? 14 : 15;
    return static_cast<std::uint8_t>(configuration << 3 | (s.channels == 2 ? 4 : 0));
}

}  // namespace

void OpusEncoder::Free::operator()(::OpusEncoder* encoder) const { opus_encoder_destroy(encoder); }

std::expected<OpusEncoder, std::string> OpusEncoder::make(const OpusEncoderSettings& settings) {
    if (auto reason = reason_against(settings); !reason.empty()) return std::unexpected(reason);
    int error = OPUS_OK;
    std::unique_ptr<::OpusEncoder, Free> encoder(opus_encoder_create(kRate, settings.channels, application(settings.mode), &error));
    if (error != OPUS_OK) return std::unexpected(std::string("no Opus encoder: ") + opus_strerror(error));
    return OpusEncoder(settings, std::move(encoder));
}

OpusEncoder::OpusEncoder(const OpusEncoderSettings& settings, std::unique_ptr<::OpusEncoder, Free> encoder)
    : settings_(settings), encoder_(std::move(encoder)), packet_(kMaxPacket), frame_samples_(samples_of(settings.frame)), silence_(silent_contents(settings)) {
    configure();
    opus_int32 lookahead = 0;
    opus_encoder_ctl(encoder_.get(), OPUS_GET_LOOKAHEAD(&lookahead));
    lookahead_ = Duration{std::int64_t{lookahead} * 1'000'000'000 / kRate};
}

void OpusEncoder::configure() {
    auto* encoder = encoder_.get();
    opus_encoder_ctl(encoder, OPUS_SET_BITRATE(settings_.bitrate));
    opus_encoder_ctl(encoder, OPUS_SET_COMPLEXITY(settings_.complexity));
    opus_encoder_ctl(encoder, OPUS_SET_DTX(settings_.dtx ? 1 : 0));
    opus_encoder_ctl(encoder, OPUS_SET_VBR(1));
    // Constrained: one packet never takes more than its turn on a thin line.
    opus_encoder_ctl(encoder, OPUS_SET_VBR_CONSTRAINT(settings_.mode == OpusMode::kVoice ? 1 : 0));
    opus_encoder_ctl(encoder, OPUS_SET_SIGNAL(settings_.mode == OpusMode::kMusic ? OPUS_SIGNAL_MUSIC : OPUS_SIGNAL_VOICE));
}

std::expected<Bytes, std::string> OpusEncoder::encode(ConstSamples frame) {
    ENSURE(frame.size() == frame_samples_ * static_cast<std::size_t>(settings_.channels));
    const auto size =
        opus_encode_float(encoder_.get(), frame.data(), static_cast<int>(frame_samples_), packet_.data(), static_cast<opus_int32>(packet_.size()));
    if (size < 0) return std::unexpected(std::string("Opus refused a frame: ") + opus_strerror(size));
    return Bytes{packet_}.first(static_cast<std::size_t>(size));
}

void OpusEncoder::set_expected_loss(int percent) {
    percent = std::clamp(percent, 0, 100);
    fec_ = percent > 0 && fec_possible();
    opus_encoder_ctl(encoder_.get(), OPUS_SET_INBAND_FEC(fec_ ? 1 : 0));
    opus_encoder_ctl(encoder_.get(), OPUS_SET_PACKET_LOSS_PERC(percent));
}

void OpusEncoder::set_bitrate(int bitrate) {
    settings_.bitrate = std::clamp(bitrate, kMinBitrate, kMaxBitrate);
    opus_encoder_ctl(encoder_.get(), OPUS_SET_BITRATE(settings_.bitrate));
}

void OpusEncoder::reset() { opus_encoder_ctl(encoder_.get(), OPUS_RESET_STATE); }

}  // namespace earshot::audio
