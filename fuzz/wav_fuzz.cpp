// rooms: audio
// max_len: 4096
#include <cmath>

#include "audio/wav.hpp"
#include "audio/wav_memory_for_tests.hpp"
#include "base/check.hpp"

using namespace earshot;

// Whatever lies in the file: it is refused in words, or gives finite samples and ends.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    audio::MemorySource source({data, size});
    auto reader = audio::WavReader::open(source);
    if (!reader) {
        ENSURE(!reader.error().empty());
        return 0;
    }
    std::vector<float> part(256 * reader->format().channels);
    std::size_t frames = 0;
    while (true) {
        const auto got = reader->read(part);
        if (!got || *got == 0) break;
        ENSURE(*got * reader->format().channels <= part.size());
        for (std::size_t i = 0; i < *got * reader->format().channels; ++i) ENSURE(std::isfinite(part[i]));
        frames += *got;
    }
    ENSURE(frames * reader->format().frame_bytes() <= size);
    return 0;
}
