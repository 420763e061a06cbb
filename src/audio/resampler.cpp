#include "audio/resampler.hpp"

#include <speex/speex_resampler.h>

#include <algorithm>
#include <cmath>

#include "base/check.hpp"

namespace earshot::audio {

void Resampler::Free::operator()(SpeexResamplerState_* state) const { speex_resampler_destroy(state); }

std::expected<Resampler, std::string> Resampler::make(int from, int to, std::size_t channels, int quality) {
    if (from == to && channels >= 1 && channels <= kMaxChannels && from >= kMinRate && from <= kMaxRate) return Resampler(channels);
    return make_adjustable(from, to, channels, quality);
}

std::expected<Resampler, std::string> Resampler::make_adjustable(int from, int to, std::size_t channels, int quality) {
    if (std::min(from, to) < kMinRate || std::max(from, to) > kMaxRate) return std::unexpected("a sampling rate lies between 4000 and 768000 Hz");
    if (channels < 1 || channels > kMaxChannels) return std::unexpected("sound has one to eight channels");
    Resampler resampler(channels);
    resampler.from_ = from;
    resampler.to_ = to;
    int error = RESAMPLER_ERR_SUCCESS;
    resampler.state_.reset(speex_resampler_init(static_cast<spx_uint32_t>(channels), static_cast<spx_uint32_t>(from), static_cast<spx_uint32_t>(to),
                                                std::clamp(quality, 0, 10), &error));
    if (error != RESAMPLER_ERR_SUCCESS) return std::unexpected(std::string("no resampler: ") + speex_resampler_strerror(error));
    return resampler;
}

Resampler::Done Resampler::process(ConstSamples in, Samples out) {
    const std::size_t frames_in = in.size() / channels_, frames_out = out.size() / channels_;
    if (!state_) {
        const std::size_t frames = std::min(frames_in, frames_out);
        std::ranges::copy(in.first(frames * channels_), out.begin());
        return {frames, frames};
    }
    auto consumed = static_cast<spx_uint32_t>(frames_in), produced = static_cast<spx_uint32_t>(frames_out);
    speex_resampler_process_interleaved_float(state_.get(), in.data(), &consumed, out.data(), &produced);
    return {consumed, produced};
}

void Resampler::correct(double faster) {
    ENSURE(state_);
    // The library multiplies the denominators of two ratios that follow one another within 32 bits; the prime keeps them as they are.
    constexpr spx_uint32_t kDenominator = 65'521;
    const auto in = static_cast<spx_uint32_t>(std::lround(kDenominator * (static_cast<double>(from_) / to_) * (1 + std::clamp(faster, -0.01, 0.01))));
    const int error = speex_resampler_set_rate_frac(state_.get(), in, kDenominator, static_cast<spx_uint32_t>(from_), static_cast<spx_uint32_t>(to_));
    ENSURE(error == RESAMPLER_ERR_SUCCESS);
}

Duration Resampler::latency() const {
    if (!state_) return {};
    return Duration{std::int64_t{speex_resampler_get_input_latency(state_.get())} * 1'000'000'000 / from_};
}

}  // namespace earshot::audio
