#include "audio/opus_decoder.hpp"

#include <opus/opus.h>

#include <algorithm>
#include <array>

#include "base/check.hpp"

namespace earshot::audio {
namespace {

constexpr int kChannels = 2;
constexpr std::size_t kMostBytes = 48 * 1276 + 2;  // no packet that libopus accepts is longer

opus_int32 size_of(Bytes bytes) { return static_cast<opus_int32>(bytes.size()); }

// The first SILK frame begins, for each channel, with a voice flag for every 20 ms and then one that says whether copies follow.
bool carries_copy(std::uint8_t contents, std::uint8_t first, std::size_t frame_length) {
    const unsigned voice_flags = frame_length <= 960 ? 1 : static_cast<unsigned>(frame_length / 960);
    const unsigned channels = contents & 0x04 ? 2 : 1;
    for (unsigned channel = 1; channel <= channels; ++channel) {
        const unsigned flag = channel * (voice_flags + 1) - 1;
        if (flag < 8 && (first & (0x80u >> flag))) return true;
    }
    return false;
}

}  // namespace

std::expected<OpusShape, DecodeError> inspect_opus(Bytes payload) {
    if (payload.empty()) return std::unexpected(DecodeError::kEmpty);
    if (payload.size() > kMostBytes) return std::unexpected(DecodeError::kMalformed);
    std::array<const unsigned char*, 48> frames{};
    std::array<opus_int16, 48> sizes{};
    unsigned char contents = 0;
    const int count = opus_packet_parse(payload.data(), size_of(payload), &contents, frames.data(), sizes.data(), nullptr);
    if (count <= 0) return std::unexpected(DecodeError::kMalformed);
    const auto length = static_cast<std::size_t>(opus_packet_get_samples_per_frame(&contents, kRate));
    OpusShape shape{.frames = length * static_cast<std::size_t>(count), .celt_only = (contents & 0x80) != 0};
    if (shape.frames > kLongestPacket) return std::unexpected(DecodeError::kMalformed);
    shape.discontinuous = std::all_of(sizes.begin(), sizes.begin() + count, [](opus_int16 size) { return size <= 1; });
    if (!shape.celt_only && sizes[0] > 1 && carries_copy(contents, *frames[0], length)) shape.recoverable = length;
    return shape;
}

OpusDecoder::OpusDecoder() {
    int error = OPUS_OK;
    decoder_.reset(opus_decoder_create(kRate, kChannels, &error));
    ENSURE(decoder_ && error == OPUS_OK);
    begin(1);
}

void OpusDecoder::begin(int channels) {
    coded_ = channels;
    ENSURE(opus_decoder_init(decoder_.get(), kRate, channels) == OPUS_OK);
}

bool OpusDecoder::widens(Bytes next) const { return coded_ == 1 && !next.empty() && opus_packet_get_nb_channels(next.data()) == 2; }

// Of one channel both ears hear the same.
std::expected<std::size_t, DecodeError> OpusDecoder::run(Bytes payload, std::size_t frames, bool copy, Samples out) {
    const int done = opus_decode_float(decoder_.get(), payload.empty() ? nullptr : payload.data(), size_of(payload), out.data(), static_cast<int>(frames), copy);
    if (done <= 0) return std::unexpected(DecodeError::kMalformed);
    const auto made = static_cast<std::size_t>(done);
    if (coded_ == 1)
        for (std::size_t n = made; n-- > 0;) out[2 * n] = out[2 * n + 1] = out[n];
    return made;
}

void OpusDecoder::Free::operator()(::OpusDecoder* decoder) const { opus_decoder_destroy(decoder); }

std::expected<std::size_t, DecodeError> OpusDecoder::decode(Bytes payload, Samples out) {
    const auto shape = inspect_opus(payload);
    if (!shape) return std::unexpected(shape.error());
    if (out.size() < shape->frames * kChannels) return std::unexpected(DecodeError::kNoRoom);
    if (widens(payload)) begin(2);
    return run(payload, shape->frames, false, out);
}

std::expected<std::size_t, DecodeError> OpusDecoder::recover(Bytes next, std::size_t frames, Samples out) {
    if (const auto shape = inspect_opus(next); !shape) return std::unexpected(shape.error());
    if (frames > kLongestPacket || out.size() < frames * kChannels) return std::unexpected(DecodeError::kNoRoom);
    return run(next, frames, true, out);
}

std::size_t OpusDecoder::conceal(std::size_t frames, Samples out) {
    ENSURE(frames % kShortestFrame == 0 && frames <= kLongestPacket && out.size() >= frames * kChannels);
    if (!run({}, frames, false, out)) std::fill_n(out.begin(), frames * kChannels, 0.0f);
    return frames;
}

void OpusDecoder::reset() { begin(1); }

}  // namespace earshot::audio
