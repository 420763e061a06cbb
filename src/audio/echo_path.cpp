#include "audio/echo_path.hpp"

#include <algorithm>
#include <cmath>

#include "audio/level.hpp"

namespace earshot::audio {
namespace {

constexpr float kQuietShare = 3e-3f, kQuietAlways = 1e-7f;  // of the loudest: 25 dB below
constexpr float kForget = 0.99f;                            // a block: half in 0.7 s
constexpr std::array<float, EchoPath::kBlock> kSilence{};

template <std::size_t size>
void push(std::array<float, size>& history, std::span<const float, EchoPath::kBlock> block) {
    std::copy(history.begin() + EchoPath::kBlock, history.end(), history.begin());
    std::ranges::copy(block, history.end() - EchoPath::kBlock);
}

}  // namespace

void EchoPath::far_end(std::span<const float, kBlock> block) {
    if (!running_ && std::ranges::all_of(block, [](float sample) { return sample == 0.f; })) return;
    if (!running_) start();
    canceller_->far_end(block);
}

// The canceller's own memory ends where it was last left: it hears the last blocks again, beside silence.
void EchoPath::start() {
    running_ = true;
    std::array<float, kBlock> block;
    for (std::size_t at = kBlock; at < kHistory; at += kBlock) {
        std::copy_n(raw_.begin() + static_cast<std::ptrdiff_t>(at), kBlock, block.begin());
        canceller_->far_end(kSilence);
        cancel(block);
    }
}

void EchoPath::cancel(std::span<const float, kBlock> block) {
    std::array<float, kBlock> left;
    std::ranges::copy(block, left.begin());
    canceller_->near_end(left);
    push(out_, left);
}

void EchoPath::near_end_late(std::span<float, kBlock> block) {
    if (running_) canceller_->far_end(kSilence);
    near_end(block, running_);
}

bool EchoPath::quiet(std::span<const float, kBlock> block) {
    const auto power = static_cast<float>(mean_square(block));
    loudest_ = std::max(power, loudest_ * kForget);
    return power < std::max(kQuietAlways, loudest_ * kQuietShare);
}

void EchoPath::near_end(std::span<float, kBlock> block, bool possible) {
    push(raw_, block);
    const bool calm = quiet(block);
    if (!running_) return;
    cancel(block);
    heard_ += 0.3f * (static_cast<float>(mean_square(ConstSamples{raw_}.last(2 * kBlock))) - heard_);
    left_ += 0.3f * (static_cast<float>(mean_square(ConstSamples{out_}.last(kBlock))) - left_);
    if (!through_) {
        extra_ = calm ? 0 : best_extra();
        cross(block, direct(), cancelled(extra_));
        through_ = true;
    } else if (calm && !possible) {
        cross(block, cancelled(extra_), direct());
        running_ = through_ = false;
    } else {
        const std::size_t next = calm ? 0 : extra_;
        cross(block, cancelled(extra_), cancelled(next));
        extra_ = next;
    }
}

void EchoPath::cross(std::span<float, kBlock> block, const float* before, const float* after) const {
    for (std::size_t i = 0; i < kBlock; ++i) {
        const float share = std::min(1.f, static_cast<float>(i + 1) / static_cast<float>(kFade));
        block[i] = before[i] + share * (after[i] - before[i]);
    }
}

// How much more than the canceller's own delay to go back, so that the voice there is like the voice here.
std::size_t EchoPath::best_extra() const {
    std::size_t best = 0;
    float highest = 0;
    for (std::size_t extra = 0; extra <= kMostExtra; extra += 2) {
        const float *here = direct(), *there = here - kHeldBack - extra;
        float both = 0, power = 1e-12f;
        for (std::size_t i = 0; i < kFade; ++i) both += here[i] * there[i], power += there[i] * there[i];
        const float alike = both / std::sqrt(power);
        if (alike > highest) highest = alike, best = extra;
    }
    return best;
}

}  // namespace earshot::audio
