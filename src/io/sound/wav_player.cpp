#include "io/sound/wav_player.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace earshot::io {
namespace {
constexpr std::size_t kAtOnce = 1024;  // sample frames

// One channel to all of ours; as many as ours as they are; of more, each goes to our channels in turn.
void fold(audio::ConstSamples from, std::size_t channels_from, audio::Samples to, std::size_t channels_to) {
    const std::size_t frames = from.size() / channels_from;
    for (std::size_t i = 0; i < frames; ++i) {
        for (std::size_t c = 0; c < channels_to; ++c) {
            float sum = 0;
            std::size_t parts = 0;
            for (std::size_t k = c % channels_from; k < channels_from; k += channels_to) sum += from[i * channels_from + k], ++parts;
            to[i * channels_to + c] = sum / static_cast<float>(parts);
        }
    }
}
}  // namespace

bool FileSink::rewrite(std::uint64_t offset, Bytes bytes) {
    if (std::fseek(file_.get(), static_cast<long>(offset), SEEK_SET) != 0) return false;
    const bool written = write(bytes);
    return std::fseek(file_.get(), 0, SEEK_END) == 0 && std::fflush(file_.get()) == 0 && written;
}

std::expected<std::unique_ptr<WavPlayer>, std::string> WavPlayer::open(const std::string& path, bool loop, std::size_t channels) {
    File file(std::fopen(path.c_str(), "rbe"));
    if (!file) return std::unexpected(fmt::format("{}: {}", path, std::strerror(errno)));
    std::unique_ptr<WavPlayer> player(new WavPlayer(FileSource{std::move(file)}, loop, channels));
    if (auto begun = player->begin(); !begun) return std::unexpected(fmt::format("{} {}", path, begun.error()));
    return player;
}

std::expected<void, std::string> WavPlayer::begin() {
    auto reader = audio::WavReader::open(source_);
    if (!reader) return std::unexpected(reader.error());
    // The resampler is kept from one round to the next, so that the seam is as smooth as the file's own.
    if (!resampler_) {
        auto resampler = audio::Resampler::make(reader->format().rate, audio::kRate, channels_);
        if (!resampler) return std::unexpected(resampler.error());
        resampler_ = std::make_unique<audio::Resampler>(std::move(*resampler));
    }
    reader_ = std::make_unique<audio::WavReader>(std::move(*reader));
    raw_.resize(kAtOnce * reader_->format().channels);
    mixed_.resize(kAtOnce * channels_);
    anything_ = false;
    return {};
}

// The next piece of the file into mixed_. False at its end, and at what cannot be read.
bool WavPlayer::fill() {
    for (int round = 0; round < 2; ++round) {
        const auto got = reader_->read(raw_);
        if (got && *got > 0) {
            const std::size_t channels = reader_->format().channels;
            fold(audio::ConstSamples{raw_}.first(*got * channels), channels, mixed_, channels_);
            at_ = 0;
            filled_ = *got * channels_;
            anything_ = true;
            return true;
        }
        // A file without any sound would be begun again for ever.
        if (!loop_ || !anything_ || !source_.rewind() || !begin()) return false;
    }
    return false;
}

bool WavPlayer::play(audio::Samples out) {
    if (ended_) {
        std::ranges::fill(out, 0.f);
        return false;
    }
    while (!out.empty()) {
        if (at_ == filled_ && !fill()) {
            ended_ = true;
            std::ranges::fill(out, 0.f);
            return true;
        }
        const auto done = resampler_->process(audio::ConstSamples{mixed_}.subspan(at_, filled_ - at_), out);
        at_ += done.consumed * channels_;
        out = out.subspan(done.produced * channels_);
    }
    return false;
}

}  // namespace earshot::io
