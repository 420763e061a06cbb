#include "bridge/voice_sender.hpp"

#include <algorithm>
#include <cmath>

#include "audio/delay_estimator.hpp"
#include "audio/level.hpp"
#include "base/check.hpp"

namespace earshot::bridge {
namespace {

// CELT: whatever is piped in, music too, comes out as it was; it waits 4 ms less than speech coding; and it has no comfort noise,
// which a decoder would go on making after a talk: silence stays silence.
constexpr audio::OpusEncoderSettings kSettings{
    .mode = audio::OpusMode::kLowDelay, .channels = 1, .frame = kStep, .bitrate = 64'000, .complexity = 5, .dtx = false};

audio::OpusEncoder make_encoder() {
    auto made = audio::OpusEncoder::make(kSettings);
    ENSURE(made.has_value());
    return std::move(*made);
}

bool silent(const MonoFrame& frame) {
    return std::ranges::all_of(frame, [](float sample) { return std::abs(sample) < VoiceSender::kSilence; });
}

// He may have been unmuted in the middle of a word.
void soften(MonoFrame& frame) {
    constexpr std::size_t kFade = 120;
    for (std::size_t i = 0; i < kFade; ++i) frame[i] *= static_cast<float>(i) / kFade;
}

}  // namespace

VoiceSender::VoiceSender(PeerId peer) : peer_(peer), encoder_(make_encoder()) {}

bool VoiceSender::send(Time due, MonoFrame& frame, engine::BarePacketBox& to_shard) {
    quiet_ = silent(frame) ? quiet_ + 1 : 0;
    if (!talking_) {
        if (quiet_ > 0) return true;
        talking_ = marker_ = true;
        soften(frame);
    }
    if (quiet_ > kQuietFrames) {
        talking_ = false;
        const std::uint8_t nothing = encoder_.silence_packet();
        return push(due, Bytes{&nothing, 1}, audio::kSilentLevel, to_shard);
    }
    const auto packet = encoder_.encode(frame);
    if (!packet) return true;  // one frame is missing, as if the network had lost it
    return push(due, *packet, audio::level_of(frame), to_shard);
}

bool VoiceSender::push(Time due, Bytes payload, std::uint8_t level, engine::BarePacketBox& to_shard) {
    const auto sequence = sequence_++;
    return to_shard.push([&](engine::BarePacket& packet) {
        packet.peer = peer_;
        packet.sequence = sequence;
        packet.timestamp = static_cast<std::uint64_t>(audio::ticks(due.time_since_epoch()));
        packet.level = level;
        packet.marker = std::exchange(marker_, false);
        packet.size = static_cast<std::uint16_t>(payload.size());
        std::ranges::copy(payload, packet.bytes.begin());
    });
}

}  // namespace earshot::bridge
