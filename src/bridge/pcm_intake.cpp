#include "bridge/pcm_intake.hpp"

#include <algorithm>
#include <cmath>

#include "base/check.hpp"
#include "engine/limits.hpp"

namespace earshot::bridge {
namespace {

namespace limits = engine::limits;

constexpr int kQuality = 4;                  // of the resampler: 64 taps
constexpr std::size_t kOneRead = 16 * 1024;  // what a connection hands over at once
constexpr Duration kLeastAllowance = 5ms;
constexpr Duration kMoreThanLate = 2ms;
constexpr std::int64_t kGoal = 120;        // samples that should be left after a frame was taken: 2.5 ms
constexpr std::int64_t kSurplus = 1920;    // 40 ms too many are left out, less is hurried through
constexpr std::int64_t kSteady = 480;      // the surplus of two windows differs by less: he sends at the pace of the clock
constexpr double kMostCorrection = 0.003;  // 5 cents: nobody hears it
constexpr double kCorrectionTime = 4 * audio::kRate;
constexpr std::size_t kOverlap = 240;  // 5 ms, where sound is left out

std::size_t samples(Duration d) { return static_cast<std::size_t>(d.count() / 1000 * (audio::kRate / 1000) / 1000); }
Duration lasting(std::size_t count) { return Duration{static_cast<std::int64_t>(count) * 62'500 / 3}; }

audio::Resampler make_resampler(const engine::PcmFormat& format) {
    ENSURE(format.rate >= 8'000 && format.rate <= 96'000 && (format.channels == 1 || format.channels == 2));
    auto made = audio::Resampler::make_adjustable(format.rate, audio::kRate, 1, kQuality);
    ENSURE(made.has_value());
    return std::move(*made);
}

std::size_t capacity(const engine::PcmFormat& format) {
    const auto one_read = kOneRead * std::size_t{audio::kRate} / static_cast<std::size_t>(format.rate * format.channels * 2);
    return samples(limits::kSoundAheadMost) + one_read + 2 * kFrame;
}

float sample_of(const std::uint8_t* bytes) {
    return static_cast<float>(static_cast<std::int16_t>(static_cast<std::uint16_t>(bytes[0] | bytes[1] << 8))) / 32768.f;
}

void fade(audio::Samples sound, bool in) {
    for (std::size_t i = 0; i < sound.size(); ++i) {
        const float way = (static_cast<float>(i) + 0.5f) / static_cast<float>(sound.size());
        sound[i] *= in ? way : 1 - way;
    }
}

}  // namespace

// --- the queue

std::size_t PcmIntake::Fifo::put(audio::ConstSamples sound) {
    const auto count = std::min(sound.size(), ring_.size() - size_);
    for (std::size_t i = 0; i < count; ++i) ring_[(begin_ + size_ + i) % ring_.size()] = sound[i];
    size_ += count;
    return count;
}

void PcmIntake::Fifo::take(audio::Samples out) {
    ENSURE(out.size() <= size_);
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = peek(i);
    drop(out.size());
}

void PcmIntake::Fifo::drop(std::size_t count) {
    ENSURE(count <= size_);
    begin_ = (begin_ + count) % ring_.size();
    size_ -= count;
}

// --- bytes in

PcmIntake::PcmIntake(const engine::PcmFormat& format)
    : format_(format),
      resampler_(make_resampler(format)),
      fifo_(capacity(format)),
      high_water_(samples(limits::kSoundAheadMost)),
      low_water_(samples(limits::kSoundAheadAgain)),
      allowance_(kLeastAllowance) {}

Duration PcmIntake::waiting() const { return lasting(fifo_.size()); }

void PcmIntake::receive(Time now, Bytes pcm) {
    const auto frame_size = static_cast<std::size_t>(2 * format_.channels);
    std::array<float, 512> mono;
    std::size_t filled = 0;
    const auto add = [&](const std::uint8_t* frame) {
        mono[filled++] = format_.channels == 1 ? sample_of(frame) : (sample_of(frame) + sample_of(frame + 2)) / 2;
        if (filled == mono.size()) put_samples(audio::ConstSamples{mono}.first(std::exchange(filled, 0)));
    };
    while (partial_size_ > 0 && !pcm.empty()) {
        partial_[partial_size_++] = pcm.front();
        pcm = pcm.subspan(1);
        if (partial_size_ < frame_size) continue;
        partial_size_ = 0;
        add(partial_.data());
    }
    for (; pcm.size() >= frame_size; pcm = pcm.subspan(frame_size)) add(pcm.data());
    for (const auto byte : pcm) partial_[partial_size_++] = byte;
    put_samples(audio::ConstSamples{mono}.first(filled));
    if (!talking_ && fifo_.size() > 0) begin(now);
    watch_pace(now);
}

void PcmIntake::put_samples(audio::ConstSamples mono) {
    std::array<float, 1024> out;
    while (!mono.empty()) {
        const auto done = resampler_.process(mono, out);
        lost_ += done.produced - fifo_.put(audio::ConstSamples{out}.first(done.produced));
        if (done.consumed == 0 && done.produced == 0) return;
        mono = mono.subspan(done.consumed);
    }
}

// The piece that came lasts until the next one is due, and a frame must be whole when it is taken: a frame's length later than the
// first piece every frame finds its sound, however long the pieces are. What they are late beyond that is the allowance.
void PcmIntake::begin(Time now) {
    if (dry_at_ != kNever && now - dry_at_ < kBelongsTogether) allowance_ = std::min(allowance_ + (now - dry_at_) + kMoreThanLate, kMostAllowance);
    due_ = now + kStep + lasting(kFade) + allowance_;
    talking_ = fresh_ = true;
    tail_ = 0;
    windows_ = 0;
    frames_in_window_ = 0;
    paused_in_window_ = false;
}

// --- frames out

void PcmIntake::take(MonoFrame& out) {
    ENSURE(due_ != kNever);
    if (!talking_) {
        out.fill(0);
        due_ = --tail_ > 0 ? due_ + kStep : kNever;
        return;
    }
    if (fifo_.size() < kFrame + kFade) {
        run_dry(out);
    } else {
        fifo_.take(out);
        note_slack(fifo_.size() - kFade);
    }
    if (std::exchange(fresh_, false)) fade(audio::Samples{out}.first(kFade), true);
    due_ += kStep;
    watch_pace(due_);
}

// He stopped, or his next piece is late: what there is sinks to silence.
void PcmIntake::run_dry(MonoFrame& out) {
    out.fill(0);
    const auto left = audio::Samples{out}.first(std::min(fifo_.size(), kFrame));
    fifo_.take(left);
    fade(left.last(std::min(left.size(), 2 * kFade)), false);
    fifo_.drop(fifo_.size());
    dry_at_ = due_;
    talking_ = false;
    tail_ = kTailFrames;
}

// --- the pace

void PcmIntake::watch_pace(Time now) {
    if (fifo_.size() >= high_water_) {
        paused_ = true;
        if (ahead_since_ == kNever) ahead_since_ = now;
    }
    if (fifo_.size() < low_water_) paused_ = false;
    if (fifo_.size() < low_water_ / 2) ahead_since_ = kNever;
    paused_in_window_ = paused_in_window_ || paused_;
}

void PcmIntake::note_slack(std::size_t left) {
    const auto slack = static_cast<std::int64_t>(left);
    if (frames_in_window_ == 0) {
        std::shift_right(least_.begin(), least_.end(), 1);
        least_[0] = slack;
        windows_ = std::min(windows_ + 1, kWindows);
    }
    least_[0] = std::min(least_[0], slack);
    if (++frames_in_window_ == kFramesPerWindow) end_window();
}

void PcmIntake::end_window() {
    frames_in_window_ = 0;
    const bool ahead = std::exchange(paused_in_window_, paused_);
    if (least_[0] > kGoal && allowance_ > kLeastAllowance) allowance_ = std::max(kLeastAllowance, allowance_ - 1ms);
    // A late burst left us behind for good; whoever is ahead on purpose is slowed by not being read instead.
    const bool steady = windows_ >= 2 && std::abs(least_[0] - least_[1]) < kSteady;
    if (steady && !ahead && least_[0] > kSurplus) leave_out(static_cast<std::size_t>(least_[0] - kGoal));
    correct();
}

// What was always left over in the last windows is too much, what was missing too little: a little faster or slower until it is right.
void PcmIntake::correct() {
    const auto least = *std::min_element(least_.begin(), least_.begin() + static_cast<std::ptrdiff_t>(windows_));
    const double wanted = std::clamp(static_cast<double>(least - kGoal) / kCorrectionTime, -kMostCorrection, kMostCorrection);
    // What this brings about until the next window is no news then.
    const auto shift = static_cast<std::int64_t>(wanted * kFramesPerWindow * static_cast<double>(kFrame));
    for (std::size_t i = 0; i < windows_; ++i) least_[i] -= shift;
    if (std::abs(wanted - correction_) < 5e-6) return;
    correction_ = wanted;
    resampler_.correct(correction_);
}

void PcmIntake::leave_out(std::size_t count) {
    if (fifo_.size() < count + kOverlap) return;
    for (std::size_t i = 0; i < kOverlap; ++i) {
        const float way = (static_cast<float>(i) + 0.5f) / kOverlap;
        fifo_.poke(count + i, fifo_.peek(i) * (1 - way) + fifo_.peek(count + i) * way);
    }
    fifo_.drop(count);
    for (auto& least : least_) least -= static_cast<std::int64_t>(count);
}

}  // namespace earshot::bridge
