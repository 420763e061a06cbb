// WAV files (RIFF WAVE: integer PCM of 8, 16, 24 and 32 bits, float of 32 and 64, plain or WAVE_FORMAT_EXTENSIBLE), read and written in
// a stream. Where the bytes lie is somebody else's matter.
#pragma once
#include <array>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "audio/frame.hpp"

namespace earshot::audio {

class ByteSource {
public:
    virtual ~ByteSource() = default;
    // Fills as much of `out` as there is; fewer bytes than asked for mean the end.
    virtual std::size_t read(MutableBytes out) = 0;
};

class ByteSink {
public:
    virtual ~ByteSink() = default;
    virtual bool write(Bytes bytes) = 0;                          // at the end
    virtual bool rewrite(std::uint64_t offset, Bytes bytes) = 0;  // over what was written
};

struct WavFormat {
    int rate = kRate;
    std::size_t channels = 1;
    int bits = 16;  // a sample takes; 8 is unsigned
    bool floating = false;
    std::size_t frame_bytes() const { return channels * static_cast<std::size_t>(bits) / 8; }
};

class WavReader {
public:
    static constexpr std::size_t kMaxChannels = 8;
    static constexpr int kMinRate = 4'000, kMaxRate = 768'000;
    static constexpr int kMaxChunks = 1'000;  // before the sound

    // Reads up to the first sample. The error says what is wrong with the file. `source` outlives the reader.
    static std::expected<WavReader, std::string> open(ByteSource& source);

    const WavFormat& format() const { return format_; }
    // Sample frames, as the header says; nothing when it was written by a program that did not know.
    std::optional<std::uint64_t> frames() const;

    // Interleaved samples, within [-1, 1] for integers. Returns sample frames; 0 at the end. A file that ends before its header says
    // gives what is there, and then the error, once.
    std::expected<std::size_t, std::string> read(Samples out);

private:
    WavReader(ByteSource& source, const WavFormat& format, std::optional<std::uint64_t> bytes)
        : source_(&source), format_(format), size_(bytes), left_(bytes) {}

    ByteSource* source_;
    WavFormat format_;
    std::optional<std::uint64_t> size_, left_;  // bytes of sound
    std::vector<std::uint8_t> raw_;
    bool ended_ = false;
};

class WavWriter {
public:
    // Integer samples of 16 bits, or float of 32. `sink` outlives the writer. False from any call: the sink refused.
    WavWriter(ByteSink& sink, int rate, std::size_t channels, bool floating = false);
    ~WavWriter();
    WavWriter(const WavWriter&) = delete;
    WavWriter& operator=(const WavWriter&) = delete;

    // Interleaved. What lies beyond [-1, 1] is clipped. A file holds 4 GiB at most: what comes after is refused.
    bool write(ConstSamples sound);
    // Writes the true sizes into the header. Until then the file says that its length is unknown, which readers take too.
    bool close();

private:
    std::array<std::uint8_t, 44> header(std::uint32_t data_bytes) const;
    ByteSink& sink_;
    WavFormat format_;
    std::uint64_t written_ = 0;
    std::vector<std::uint8_t> raw_;
    bool good_ = true, closed_ = false;
};

}  // namespace earshot::audio
