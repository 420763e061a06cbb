#include "bridge/pcm_output.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/check.hpp"

namespace earshot::bridge {
namespace {

constexpr int kQuality = 4;
constexpr int kStepsASecond = 50;

audio::Resampler make_resampler(const engine::PcmFormat& format) {
    auto made = audio::Resampler::make(audio::kRate, format.rate, static_cast<std::size_t>(format.channels), kQuality);
    ENSURE(made.has_value());
    return std::move(*made);
}

void append(std::string& bytes, audio::ConstSamples sound) {
    for (const float sample : sound) {
        const auto value = static_cast<std::int16_t>(std::lrint(std::clamp(sample, -1.f, 1.f) * 32767.f));
        bytes += static_cast<char>(value & 0xff);
        bytes += static_cast<char>(value >> 8 & 0xff);
    }
}

}  // namespace

PcmOutput::PcmOutput(const engine::PcmFormat& format)
    : format_(format), resampler_(make_resampler(format)), sound_(2 * static_cast<std::size_t>(format.rate / kStepsASecond + 64)) {}

SharedText PcmOutput::convert(const StereoFrame& mix) {
    audio::ConstSamples in{mix};
    if (format_.channels == 1) {
        narrow_.resize(kFrame);
        for (std::size_t i = 0; i < kFrame; ++i) narrow_[i] = (mix[2 * i] + mix[2 * i + 1]) / 2;
        in = narrow_;
    }
    std::string bytes;
    bytes.reserve(2 * sound_.size());
    const auto channels = static_cast<std::size_t>(format_.channels);
    while (!in.empty()) {
        const auto done = resampler_.process(in, sound_);
        append(bytes, audio::ConstSamples{sound_}.first(done.produced * channels));
        if (done.consumed == 0 && done.produced == 0) break;
        in = in.subspan(done.consumed * channels);
    }
    filter_frames_ = 1;
    return share(std::move(bytes));
}

SharedText PcmOutput::silence() {
    if (filter_frames_ == 0) return zeros();
    static constexpr StereoFrame kNothing{};
    auto rest = convert(kNothing);
    filter_frames_ = 0;
    return rest;
}

SharedText PcmOutput::zeros() {
    remainder_ += static_cast<std::uint64_t>(format_.rate % kStepsASecond);
    const bool one_more = remainder_ >= kStepsASecond;
    if (one_more) remainder_ -= kStepsASecond;
    auto& block = zeros_[one_more];
    if (!block) block = share(std::string(static_cast<std::size_t>((format_.rate / kStepsASecond + one_more) * format_.channels * 2), '\0'));
    return block;
}

}  // namespace earshot::bridge
