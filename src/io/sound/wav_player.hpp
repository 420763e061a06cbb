// A WAV file as a microphone: any rate and channels become blocks of 48 kHz, once or for ever, and silence after its end.
#pragma once
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "audio/resampler.hpp"
#include "audio/wav.hpp"

namespace earshot::io {

struct CloseFile {
    void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, CloseFile>;

class FileSource final : public audio::ByteSource {
public:
    explicit FileSource(File file) : file_(std::move(file)) {}
    std::size_t read(MutableBytes out) override { return out.empty() ? 0 : std::fread(out.data(), 1, out.size(), file_.get()); }
    bool rewind() { return std::fseek(file_.get(), 0, SEEK_SET) == 0; }

private:
    File file_;
};

class FileSink final : public audio::ByteSink {
public:
    explicit FileSink(File file) : file_(std::move(file)) {}
    bool write(Bytes bytes) override { return bytes.empty() || std::fwrite(bytes.data(), 1, bytes.size(), file_.get()) == bytes.size(); }
    bool rewrite(std::uint64_t offset, Bytes bytes) override;

private:
    File file_;
};

class WavPlayer {
public:
    static std::expected<std::unique_ptr<WavPlayer>, std::string> open(const std::string& path, bool loop, std::size_t channels);

    // Fills `out`, interleaved, with the channels asked for. True in the one call in which the file came to its end.
    bool play(audio::Samples out);
    bool ended() const { return ended_; }

private:
    WavPlayer(FileSource source, bool loop, std::size_t channels) : source_(std::move(source)), loop_(loop), channels_(channels) {}
    std::expected<void, std::string> begin();
    bool fill();

    FileSource source_;
    bool loop_;
    std::size_t channels_;
    std::unique_ptr<audio::WavReader> reader_;
    std::unique_ptr<audio::Resampler> resampler_;
    std::vector<float> raw_, mixed_;   // as the file has it; with our channels
    std::size_t at_ = 0, filled_ = 0;  // within mixed_, samples
    bool ended_ = false, anything_ = false;
};

}  // namespace earshot::io
