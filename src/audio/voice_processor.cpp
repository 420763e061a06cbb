#include "audio/voice_processor.hpp"

namespace earshot::audio {

std::expected<std::unique_ptr<VoiceProcessor>, std::string> VoiceProcessor::make(const ProcessingSettings& settings) {
    auto processor = std::make_unique<VoiceProcessor>();
    if (settings.high_pass) processor->high_pass_.emplace();
    if (settings.noise) processor->noise_.emplace();
    if (settings.echo) {
        auto made = make_webrtc_canceller({.echo = true, .noise = false, .gain = false, .high_pass = false});
        if (!made) return std::unexpected(made.error());
        processor->echo_.emplace(std::move(*made));
    }
    if (const bool strong = settings.noise && settings.strong; strong || settings.gain) {
        auto made = make_webrtc_canceller({.echo = false, .noise = strong, .gain = settings.gain, .high_pass = false});
        if (!made) return std::unexpected(made.error());
        processor->finish_ = std::move(*made);
    }
    return processor;
}

void VoiceProcessor::far_end(std::span<const float, kBlock> block) {
    if (echo_) echo_->far_end(block);
}

void VoiceProcessor::near_end(std::span<float, kBlock> block, bool echo_possible) {
    if (high_pass_) high_pass_->process(block);
    if (echo_) echo_->near_end(block, echo_possible);
    finish(block);
}

void VoiceProcessor::near_end_late(std::span<float, kBlock> block) {
    if (high_pass_) high_pass_->process(block);
    if (echo_) echo_->near_end_late(block);
    finish(block);
}

void VoiceProcessor::finish(std::span<float, kBlock> block) {
    if (noise_) noise_->process(block, echo_ && echo_->echo_alone());
    if (finish_) finish_->near_end(block);
}

}  // namespace earshot::audio
