// WAV files that lie in memory.
#pragma once
#include <algorithm>

#include "audio/wav.hpp"

namespace earshot::audio {

class MemorySource final : public ByteSource {
public:
    explicit MemorySource(Bytes bytes, std::size_t at_once = SIZE_MAX) : bytes_(bytes), at_once_(at_once) {}
    std::size_t read(MutableBytes out) override {
        const std::size_t size = std::min({out.size(), bytes_.size(), at_once_});
        std::copy_n(bytes_.begin(), size, out.begin());
        bytes_ = bytes_.subspan(size);
        return size;
    }

private:
    Bytes bytes_;
    std::size_t at_once_;
};

class MemorySink final : public ByteSink {
public:
    bool write(Bytes more) override {
        if (bytes.size() + more.size() > limit) return false;
        bytes.insert(bytes.end(), more.begin(), more.end());
        return true;
    }
    bool rewrite(std::uint64_t offset, Bytes over) override {
        std::ranges::copy(over, bytes.begin() + static_cast<std::ptrdiff_t>(offset));
        return true;
    }
    std::vector<std::uint8_t> bytes;
    std::size_t limit = SIZE_MAX;
};

}  // namespace earshot::audio
