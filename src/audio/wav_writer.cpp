#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "audio/wav.hpp"
#include "base/check.hpp"

namespace earshot::audio {
namespace {

constexpr std::uint32_t kUnknown = 0xffff'ffff;
constexpr std::uint64_t kMost = 0xffff'ff00u - 64;  // of sound, so that the header's 32 bits hold it

void put_little(std::uint8_t* p, std::uint32_t value, int bytes) {
    for (int i = 0; i < bytes; ++i) p[i] = static_cast<std::uint8_t>(value >> (8 * i));
}

}  // namespace

WavWriter::WavWriter(ByteSink& sink, int rate, std::size_t channels, bool floating)
    : sink_(sink), format_{.rate = rate, .channels = channels, .bits = floating ? 32 : 16, .floating = floating} {
    ENSURE(channels >= 1 && channels <= WavReader::kMaxChannels);
    good_ = sink_.write(header(kUnknown));
}

WavWriter::~WavWriter() { close(); }

std::array<std::uint8_t, 44> WavWriter::header(std::uint32_t data_bytes) const {
    std::array<std::uint8_t, 44> h{};
    const auto text = [&](std::size_t at, std::string_view four) { std::ranges::copy(four, h.begin() + static_cast<std::ptrdiff_t>(at)); };
    const auto frame = static_cast<std::uint32_t>(format_.frame_bytes());
    text(0, "RIFF");
    put_little(&h[4], data_bytes == kUnknown ? kUnknown : data_bytes + 36 + (data_bytes & 1), 4);
    text(8, "WAVE");
    text(12, "fmt ");
    put_little(&h[16], 16, 4);
    put_little(&h[20], format_.floating ? 3 : 1, 2);
    put_little(&h[22], static_cast<std::uint32_t>(format_.channels), 2);
    put_little(&h[24], static_cast<std::uint32_t>(format_.rate), 4);
    put_little(&h[28], static_cast<std::uint32_t>(format_.rate) * frame, 4);
    put_little(&h[32], frame, 2);
    put_little(&h[34], static_cast<std::uint32_t>(format_.bits), 2);
    text(36, "data");
    put_little(&h[40], data_bytes, 4);
    return h;
}

bool WavWriter::write(ConstSamples sound) {
    const std::size_t bytes = static_cast<std::size_t>(format_.bits) / 8;
    if (!good_ || closed_ || written_ + sound.size() * bytes > kMost) return false;
    raw_.resize(sound.size() * bytes);
    for (std::size_t i = 0; i < sound.size(); ++i) {
        const float sample = std::isfinite(sound[i]) ? std::clamp(sound[i], -1.f, 1.f) : 0.f;
        const auto value = format_.floating ? std::bit_cast<std::uint32_t>(sample) : static_cast<std::uint32_t>(std::lround(sample * 32767.f));
        put_little(&raw_[i * bytes], value, static_cast<int>(bytes));
    }
    good_ = sink_.write(raw_);
    if (good_) written_ += raw_.size();
    return good_;
}

bool WavWriter::close() {
    if (closed_) return good_;
    closed_ = true;
    good_ = sink_.rewrite(0, header(static_cast<std::uint32_t>(written_))) && good_;
    return good_;
}

}  // namespace earshot::audio
