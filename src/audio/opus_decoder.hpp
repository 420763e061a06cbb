// Opus to 48 kHz stereo float: decodes, conceals what is missing, and recovers a lost frame from the copy of it that the next
// packet may carry (RFC 6716, in-band FEC). What a packet says of itself is read without decoding.
#pragma once
#include <cstddef>
#include <expected>
#include <memory>

#include "audio/frame.hpp"

struct OpusDecoder;  // libopus's own

namespace earshot::audio {

enum class DecodeError { kEmpty, kMalformed, kNoRoom };

inline constexpr std::size_t kLongestPacket = 5760;  // 120 ms, RFC 6716 section 3.2.5
inline constexpr std::size_t kShortestFrame = 120;   // 2.5 ms

// Frames here are moments: one sample of each channel.
struct OpusShape {
    std::size_t frames = 0;       // what the packet lasts, 120..5760
    std::size_t recoverable = 0;  // of the packet before it, how much this one carries a copy of; 0: none
    bool celt_only = false;       // can be concealed in steps of 2.5 ms; the others want 10 ms
    bool discontinuous = false;   // DTX: the sender is silent, the next packet may be 400 ms away
};

// Reads the table of contents (RFC 6716 section 3.1) and the flags of the first SILK frame (section 4.2.3 and 4.2.4).
std::expected<OpusShape, DecodeError> inspect_opus(Bytes payload);

// `out` is interleaved stereo. Each call returns the frames it wrote.
class OpusDecoder {
public:
    // Decodes one channel until the first packet that has two: half the work for what nearly everybody sends.
    OpusDecoder();

    std::expected<std::size_t, DecodeError> decode(Bytes payload, Samples out);
    // The last `frames` before `next`, a multiple of 120 up to 5760; what `next` carries no copy of is concealed.
    std::expected<std::size_t, DecodeError> recover(Bytes next, std::size_t frames, Samples out);
    // Goes on from what was heard, fading the longer it lasts. `frames` is a multiple of 120 up to 5760.
    std::size_t conceal(std::size_t frames, Samples out);
    void reset();
    // The next packet is the first with two channels: decoding begins anew with it, and its beginning does not follow on what was before.
    bool widens(Bytes next) const;

private:
    struct Free {
        void operator()(::OpusDecoder* decoder) const;
    };
    void begin(int channels);
    std::expected<std::size_t, DecodeError> run(Bytes payload, std::size_t frames, bool copy, Samples out);

    std::unique_ptr<::OpusDecoder, Free> decoder_;  // with room for two channels
    int coded_ = 1;                                 // channels that it decodes
};

}  // namespace earshot::audio
