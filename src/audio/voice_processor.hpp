// From what the microphone hears to a voice: hum taken out, echo cancelled while there can be one, noise made fainter, a faint voice
// lifted. Blocks of 10 ms of mono, the same 10 ms that are encoded: no block waits for another.
#pragma once
#include <expected>
#include <memory>
#include <optional>
#include <string>

#include "audio/echo_path.hpp"
#include "audio/high_pass.hpp"
#include "audio/noise_reducer.hpp"

namespace earshot::audio {

class VoiceProcessor {
public:
    static constexpr std::size_t kBlock = EchoCanceller::kBlock;

    static std::expected<std::unique_ptr<VoiceProcessor>, std::string> make(const ProcessingSettings& settings);

    // See EchoPath.
    void far_end(std::span<const float, kBlock> block);
    void near_end(std::span<float, kBlock> block, bool echo_possible);
    void near_end_late(std::span<float, kBlock> block);
    bool cancelling() const { return echo_ && echo_->cancelling(); }

private:
    void finish(std::span<float, kBlock> block);

    std::optional<HighPass> high_pass_;
    std::optional<EchoPath> echo_;
    std::optional<NoiseReducer> noise_;
    // The same module for gain, which holds back 1 ms, and for what noise the reducer leaves when all of it is to go: 6 ms more.
    std::unique_ptr<EchoCanceller> finish_;
};

}  // namespace earshot::audio
