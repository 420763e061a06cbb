#include "client/voice/own_sound.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

#include "audio/level.hpp"

namespace earshot::client {
namespace {

constexpr std::size_t kSoonClipped = 3;  // samples of one block: a single one is the loudest moment of a good recording
constexpr float kChimePeak = 0.2f;

float as_dbfs(double power) { return std::min(0.f, audio::db_of_power(power) + audio::kDbfsAboveDbov); }

// A struck note that rings out: it rises within 8 ms, so that it begins without a click.
void strike(std::vector<float>& sound, std::size_t at, float hertz) {
    for (std::size_t i = at; i < sound.size(); ++i) {
        const float seconds = static_cast<float>(i - at) / static_cast<float>(audio::kRate);
        const float rise = std::min(1.f, seconds / 0.008f);
        const float phase = 2 * std::numbers::pi_v<float> * hertz * seconds;
        sound[i] += kChimePeak / 2 * rise * std::exp(-5.f * seconds) * (std::sin(phase) + 0.3f * std::sin(2 * phase));
    }
}

}  // namespace

void OwnSound::captured(audio::ConstSamples raw) {
    for (const float sample : raw) {
        raw_power_ += static_cast<double>(sample * sample);
        clipped_ += std::abs(sample) >= kClipped ? 1 : 0;
    }
    raw_samples_ += raw.size();
}

void OwnSound::heard(audio::ConstSamples block, std::size_t channels, Duration length) {
    if (loudness_.size() == kMostBlocks) loudness_.erase(loudness_.begin(), loudness_.begin() + kMostBlocks / 2);
    const auto samples = std::exchange(raw_samples_, 0);
    const auto power = std::exchange(raw_power_, 0);
    if (samples > 0) raw_dbfs_ = as_dbfs(power / static_cast<double>(samples));
    loudness_.push_back(
        {.raw_dbfs = raw_dbfs_, .heard_dbfs = as_dbfs(audio::mean_square(block)), .clipped = std::exchange(clipped_, 0) >= kSoonClipped, .length = length});
    for (std::size_t i = 0; i + channels <= block.size() && recorded_size_ < recording_.size(); i += channels)
        recording_[recorded_size_++] = channels == 2 ? (block[i] + block[i + 1]) / 2 : block[i];
}

bool OwnSound::add_to(audio::Samples stereo) {
    if (!playing()) return false;
    for (std::size_t i = 0; i + 1 < stereo.size() && playing(); i += 2) {
        const float sample = playing_[played_++];
        stereo[i] = std::clamp(stereo[i] + sample, -1.f, 1.f);
        stereo[i + 1] = std::clamp(stereo[i + 1] + sample, -1.f, 1.f);
    }
    return true;
}

void OwnSound::take_loudness(std::vector<Loudness>& out) {
    out.insert(out.end(), loudness_.begin(), loudness_.end());
    loudness_.clear();
}

void OwnSound::record(std::vector<float> space) {
    recording_ = std::move(space);
    recorded_size_ = 0;
}

std::vector<float> OwnSound::take_recording() {
    recorded_size_ = 0;
    return std::exchange(recording_, {});
}

void OwnSound::play(std::vector<float> sound) {
    playing_ = std::move(sound);
    played_ = 0;
}

void OwnSound::clear() {
    loudness_.clear();
    raw_power_ = 0;
    raw_samples_ = clipped_ = recorded_size_ = played_ = 0;
    recording_.clear();
    playing_.clear();
}

std::vector<float> chime() {
    std::vector<float> sound(audio::kRate + audio::kRate / 10);
    strike(sound, 0, 659.26f);                                         // e
    strike(sound, static_cast<std::size_t>(audio::kRate) / 4, 880.f);  // a
    const std::size_t fade = audio::kRate / 10;
    for (std::size_t i = 0; i < fade; ++i) sound[sound.size() - 1 - i] *= static_cast<float>(i) / static_cast<float>(fade);
    return sound;
}

}  // namespace earshot::client
