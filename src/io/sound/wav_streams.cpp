#include <fmt/format.h>

#include <cerrno>
#include <cstring>

#include "io/sound/clocked_stream.hpp"
#include "io/sound/wav_player.hpp"

namespace earshot::io {
namespace {

constexpr int kRelaxedInput = 4, kRelaxedOutput = 10;  // periods at once

std::size_t frames_in(Duration period) { return static_cast<std::size_t>(period.count() * audio::kRate / 1'000'000'000); }

struct Recording {
    explicit Recording(File file) : sink(std::move(file)), writer(sink, audio::kRate, 2) {}
    FileSink sink;
    audio::WavWriter writer;
    bool failed = false;
};

}  // namespace

StreamResult open_wav_input(const std::string& path, bool loop, const SoundOptions& options, SoundUser& user) {
    auto opened = WavPlayer::open(path, loop, options.input_channels);
    if (!opened) return std::unexpected(opened.error());
    std::shared_ptr<WavPlayer> player = std::move(*opened);
    std::vector<float> block(frames_in(options.period) * options.input_channels);
    return std::make_unique<ClockedStream>(options.period, kRelaxedInput, [player, block, channels = options.input_channels, &user](Time now) mutable {
        const bool ended = player->play(block);
        user.captured(now, block, channels);
        if (ended) user.noticed(SoundEvent::kInputEnded);
    });
}

StreamResult open_wav_output(const std::string& path, const SoundOptions& options, SoundUser& user) {
    File file(std::fopen(path.c_str(), "wbe"));
    if (!file) return std::unexpected(fmt::format("{}: {}", path, std::strerror(errno)));
    auto recording = std::make_shared<Recording>(std::move(file));
    std::vector<float> block(frames_in(options.period) * 2);
    return std::make_unique<ClockedStream>(options.period, kRelaxedOutput, [recording, block, &user](Time now) mutable {
        user.wanted(now, block);
        if (recording->failed || recording->writer.write(block)) return;
        recording->failed = true;
        user.noticed(SoundEvent::kRecordingFailed);
    });
}

StreamResult open_no_output(const SoundOptions& options, SoundUser& user) {
    std::vector<float> block(frames_in(options.period) * 2);
    return std::make_unique<ClockedStream>(options.period, kRelaxedOutput, [block, &user](Time now) mutable { user.wanted(now, block); });
}

}  // namespace earshot::io
