#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>

#include "audio/wav.hpp"
#include "base/check.hpp"

namespace earshot::audio {
namespace {

constexpr std::uint16_t kPcm = 1, kFloat = 3, kExtensible = 0xfffe;
constexpr std::size_t kAtOnce = 4096;  // sample frames
// What follows the two bytes of the format in a SubFormat of the KSDATAFORMAT family.
constexpr std::array<std::uint8_t, 14> kSubFormatTail{0x00, 0x00, 0x00, 0x00, 0x10, 0x00, 0x80, 0x00, 0x00, 0xaa, 0x00, 0x38, 0x9b, 0x71};

std::uint32_t little(const std::uint8_t* p, int bytes) {
    std::uint32_t value = 0;
    for (int i = bytes - 1; i >= 0; --i) value = value << 8 | p[i];
    return value;
}

bool skip(ByteSource& source, std::uint64_t size) {
    std::array<std::uint8_t, 4096> away;
    while (size > 0) {
        const auto part = static_cast<std::size_t>(std::min<std::uint64_t>(size, away.size()));
        if (source.read(MutableBytes{away}.first(part)) < part) return false;
        size -= part;
    }
    return true;
}

std::expected<WavFormat, std::string> check(const WavFormat& f, std::uint16_t tag, std::uint32_t block_align) {
    if (f.channels < 1 || f.channels > WavReader::kMaxChannels) return std::unexpected(fmt::format("has {} channels; one to eight can be read", f.channels));
    if (f.rate < WavReader::kMinRate || f.rate > WavReader::kMaxRate) return std::unexpected(fmt::format("has a sampling rate of {} Hz", f.rate));
    const bool integer = tag == kPcm && (f.bits == 8 || f.bits == 16 || f.bits == 24 || f.bits == 32);
    if (!integer && !(tag == kFloat && (f.bits == 32 || f.bits == 64)))
        return std::unexpected(tag == kPcm || tag == kFloat ? fmt::format("has samples of {} bits", f.bits)
                                                            : fmt::format("is compressed (format {}); only plain PCM can be read", tag));
    if (block_align != f.frame_bytes()) return std::unexpected("contradicts itself about the size of its samples");
    return f;
}

std::expected<WavFormat, std::string> read_format(ByteSource& source, std::uint32_t size) {
    std::array<std::uint8_t, 40> chunk{};
    const std::size_t known = std::min<std::size_t>(size, chunk.size());
    if (size < 16) return std::unexpected("has a format chunk that is too short");
    if (source.read(MutableBytes{chunk}.first(known)) < known || !skip(source, std::uint64_t{size} - known + (size & 1)))
        return std::unexpected("ends within its header");
    auto tag = static_cast<std::uint16_t>(little(chunk.data(), 2));
    WavFormat format{.channels = little(chunk.data() + 2, 2), .bits = static_cast<int>(little(chunk.data() + 14, 2))};
    const auto rate = little(chunk.data() + 4, 4);
    format.rate = rate > WavReader::kMaxRate ? WavReader::kMaxRate + 1 : static_cast<int>(rate);
    if (tag == kExtensible) {
        if (size < 40 || little(chunk.data() + 16, 2) < 22) return std::unexpected("has an extensible format without its extension");
        if (!std::equal(kSubFormatTail.begin(), kSubFormatTail.end(), chunk.begin() + 26))
            return std::unexpected("has a format of its own; only plain PCM can be read");
        tag = static_cast<std::uint16_t>(little(chunk.data() + 24, 2));
        if (static_cast<int>(little(chunk.data() + 18, 2)) > format.bits) return std::unexpected("says that its samples hold more bits than they have");
    }
    format.floating = tag == kFloat;
    return check(format, tag, little(chunk.data() + 12, 2));
}

float sample_of(const std::uint8_t* p, const WavFormat& format) {
    if (format.floating) {
        const float value = format.bits == 32 ? std::bit_cast<float>(little(p, 4))
                                              : static_cast<float>(std::bit_cast<double>(std::uint64_t{little(p + 4, 4)} << 32 | little(p, 4)));
        return std::isfinite(value) ? value : 0.f;
    }
    if (format.bits == 8) return static_cast<float>(*p - 128) / 128.f;
    const int bytes = format.bits / 8;
    const auto whole = static_cast<std::int32_t>(little(p, bytes) << (32 - format.bits));
    return static_cast<float>(whole) / 2147483648.f;
}

}  // namespace

std::expected<WavReader, std::string> WavReader::open(ByteSource& source) {
    std::array<std::uint8_t, 12> riff{};
    if (source.read(riff) < riff.size() || as_text(Bytes{riff}.first(4)) != "RIFF" || as_text(Bytes{riff}.subspan(8)) != "WAVE")
        return std::unexpected("is no WAV file");
    std::optional<WavFormat> format;
    for (int chunk = 0; chunk < kMaxChunks; ++chunk) {
        std::array<std::uint8_t, 8> head{};
        if (source.read(head) < head.size()) return std::unexpected("ends before its sound begins");
        const auto name = as_text(Bytes{head}.first(4));
        const auto size = little(head.data() + 4, 4);
        if (name == "fmt ") {
            auto read = read_format(source, size);
            if (!read) return std::unexpected(read.error());
            format = *read;
        } else if (name == "data") {
            if (!format) return std::unexpected("has sound before it says in which format");
            // Programs that write into a pipe cannot know the size and say all or nothing.
            const bool unknown = size == 0 || size >= 0xffff'ff00u;
            if (unknown) return WavReader(source, *format, std::nullopt);
            return WavReader(source, *format, size - size % format->frame_bytes());
        } else if (!skip(source, std::uint64_t{size} + (size & 1))) {
            return std::unexpected("ends before its sound begins");
        }
    }
    return std::unexpected("has more chunks before its sound than any program writes");
}

std::optional<std::uint64_t> WavReader::frames() const {
    if (!size_) return std::nullopt;
    return *size_ / format_.frame_bytes();
}

std::expected<std::size_t, std::string> WavReader::read(Samples out) {
    if (ended_) return 0;
    const std::size_t frame = format_.frame_bytes();
    std::uint64_t wanted = std::min(out.size() / format_.channels, kAtOnce) * frame;
    if (left_) wanted = std::min(wanted, *left_);
    if (wanted == 0) return 0;
    raw_.resize(static_cast<std::size_t>(wanted));
    const std::size_t got = source_->read(raw_);
    if (left_) *left_ -= got;
    const std::size_t samples = got / frame * format_.channels, bytes = static_cast<std::size_t>(format_.bits) / 8;
    for (std::size_t i = 0; i < samples; ++i) out[i] = sample_of(raw_.data() + i * bytes, format_);
    if (samples > 0) return samples / format_.channels;
    ended_ = true;
    if (left_ && *left_ > 0) return std::unexpected(fmt::format("ends {} bytes before its header says", *left_));
    return 0;
}

}  // namespace earshot::audio
