#include "client/microphone_trial.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace earshot::client {
namespace {

constexpr float kDead = -88, kFaint = -45, kRoomOnly = -60;
constexpr int kClippedBlocks = 3;
constexpr std::size_t kMostLevels = 1000;
constexpr double kLoudShare = 0.9;  // the voice is what is louder than this share of the blocks

}  // namespace

std::vector<std::string> verdict_on(const Recorded& recorded, const TrialFacts& facts) {
    if (recorded.raw_dbfs < kDead)
        return {fmt::format("Nothing came from {}: is it muted, or unplugged? /input chooses another, /audio-wizard goes through all of it.", facts.input)};
    if (recorded.voice_dbfs < kRoomOnly)
        return {fmt::format("There was no voice in it, only the room ({:.0f} dB): come closer, speak up, or turn the microphone up.", recorded.voice_dbfs)};
    std::vector<std::string> out;
    if (recorded.clipped_blocks >= kClippedBlocks)
        out.push_back("You were so loud that it clipped: move away from the microphone, or turn it down.");
    else if (recorded.voice_dbfs < kFaint)
        out.push_back(fmt::format("You are faint ({:.0f} dB): come closer, or turn the microphone up.", recorded.voice_dbfs));
    else
        out.push_back(fmt::format("Loud and clear: {:.0f} dB.", recorded.voice_dbfs));
    if (facts.gate_dbfs && recorded.voice_dbfs < *facts.gate_dbfs)
        out.push_back(fmt::format("Your gate at {:.0f} dB keeps that back. /audio-wizard finds a better one, or say /gate {:.0f}.", *facts.gate_dbfs,
                                  recorded.voice_dbfs - 12));
    return out;
}

MicrophoneTrial::MicrophoneTrial(Time now, TrialFacts facts) : facts_(std::move(facts)), since_(now) {
    answered_at_ = now;
    wish(wish::Begin{});
    wish(wish::Record{kLength});
    panel_.title = "Speak now";
    panel_.text = "Three seconds are recorded, and then you hear them. Nobody else does.";
    panel_.meter = true;
    panel_.gate_dbfs = facts_.gate_dbfs;
    panel_.done = 0.f;
    panel_.keys = {{"Esc", "leaves"}};
    say_anew();
}

void MicrophoneTrial::answer(Time, std::string_view text) {
    const auto word = read_check_word(text);
    if (word.kind != CheckWord::Kind::kSkip) return;
    end();
}

void MicrophoneTrial::heard(Time now, std::span<const Loudness> blocks) {
    show_level(now, blocks);
    if (playing_) {
        panel_.done = std::min(1.f, static_cast<float>((now - since_).count()) / static_cast<float>(kLength.count()));
        return;
    }
    for (const auto& block : blocks) {
        if (levels_.size() == kMostLevels) break;
        listened_ += block.length;
        levels_.push_back(block.heard_dbfs);
        loudest_raw_ = std::max(loudest_raw_, block.raw_dbfs);
        clipped_ += block.clipped ? 1 : 0;
    }
    panel_.done = std::min(1.f, static_cast<float>(listened_.count()) / static_cast<float>(kLength.count()));
    if (now - since_ < (listened_ > Duration{0} ? kLength + kPatience : kPatience)) return;
    wish(wish::Say{fmt::format("Nothing {}comes from {}: is it plugged in? /input chooses another.", listened_ > Duration{0} ? "more " : "", facts_.input)});
    end();
}

void MicrophoneTrial::recorded(Time now) {
    if (std::exchange(playing_, true)) return;
    if (loudest_raw_ < kDead) {  // three seconds of nothing tell nobody anything
        say_verdict();
        return end();
    }
    since_ = now;
    panel_.title = "This is you";
    panel_.text = "As others would hear you.";
    panel_.meter = false;
    panel_.gate_dbfs.reset();
    panel_.done = 0.f;
    say_anew();
    wish(wish::PlayBack{});
}

void MicrophoneTrial::played(Time) {
    if (!playing_) return;
    say_verdict();
    end();
}

void MicrophoneTrial::say_verdict() {
    for (auto& sentence : verdict_on({.raw_dbfs = loudest_raw_, .voice_dbfs = percentile(levels_, kLoudShare), .clipped_blocks = clipped_}, facts_))
        wish(wish::Say{std::move(sentence)});
}

}  // namespace earshot::client
