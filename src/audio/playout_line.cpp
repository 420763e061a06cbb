#include "audio/playout_line.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "base/check.hpp"

namespace earshot::audio {

CrossFade cross_fade(float position, float similarity) {
    const float in = 0.5f - 0.5f * std::cos(std::numbers::pi_v<float> * position);
    const float out = 1.0f - in;
    const float alike = std::clamp(similarity, 0.0f, 1.0f);
    const float power = in * in + out * out + 2.0f * in * out * alike;
    const float gain = 1.0f / std::sqrt(power);
    return {out * gain, in * gain};
}

void PlayoutLine::make_room(std::size_t frames) {
    if (end_ + frames <= kSize) return;
    std::copy(samples_.begin() + static_cast<std::ptrdiff_t>((begin_ - kHistory) * 2), samples_.begin() + static_cast<std::ptrdiff_t>(end_ * 2),
              samples_.begin());
    end_ = kHistory + pending();
    begin_ = kHistory;
}

Samples PlayoutLine::append(std::size_t frames) {
    ENSURE(frames <= room());
    make_room(frames);
    end_ += frames;
    return latest(frames);
}

void PlayoutLine::take_back(std::size_t frames) {
    ENSURE(frames <= pending());
    end_ -= frames;
}

void PlayoutLine::consume(Samples out) {
    ENSURE(out.size() <= pending() * 2);
    std::copy_n(at(begin_), out.size(), out.begin());
    begin_ += out.size() / 2;
}

Samples PlayoutLine::latest(std::size_t frames) {
    ENSURE(frames <= pending());
    return {at(end_ - frames), frames * 2};
}

void PlayoutLine::clear() {
    std::fill_n(samples_.begin(), kHistory * 2, 0.0f);
    begin_ = end_ = kHistory;
}

void PlayoutLine::leave_out(std::size_t lag, std::size_t overlap, float similarity) {
    ENSURE(overlap > 0 && lag + overlap <= pending());
    // The shorter move is the past: what is kept before the cut goes forward, so that the pending sound stays where it is.
    float* later = at(begin_ + lag);
    const float* sooner = at(begin_);
    for (std::size_t n = 0; n < overlap; ++n) {
        const auto fade = cross_fade((static_cast<float>(n) + 0.5f) / static_cast<float>(overlap), similarity);
        for (std::size_t c = 0; c < 2; ++c) later[2 * n + c] = fade.out * sooner[2 * n + c] + fade.in * later[2 * n + c];
    }
    std::copy_backward(at(begin_ - kHistory), at(begin_), at(begin_ + lag));
    begin_ += lag;
}

void PlayoutLine::repeat(std::size_t lag, std::size_t overlap, float similarity) {
    ENSURE(overlap > 0 && overlap <= lag && lag <= kHistory && overlap <= pending() && lag <= room());
    std::array<float, kHistory * 2> again;
    std::copy_n(at(begin_ - lag), lag * 2, again.begin());
    for (std::size_t n = 0; n < overlap; ++n) {
        const auto fade = cross_fade((static_cast<float>(n) + 0.5f) / static_cast<float>(overlap), similarity);
        for (std::size_t c = 0; c < 2; ++c) again[2 * n + c] = fade.out * at(begin_)[2 * n + c] + fade.in * again[2 * n + c];
    }
    append(lag);
    std::copy_backward(at(begin_), at(end_ - lag), at(end_));
    std::copy_n(again.begin(), lag * 2, at(begin_));
}

}  // namespace earshot::audio
