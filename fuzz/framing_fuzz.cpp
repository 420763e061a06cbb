// rooms: wire
// max_len: 8192
// A TCP stream cut at will: the first byte says how. The frames must not depend on the cuts.
#include <string>
#include <vector>

#include "base/check.hpp"
#include "wire/framing.hpp"

using namespace earshot;

namespace {

struct Result {
    std::vector<std::string> frames;
    bool failed = false;
    bool operator==(const Result&) const = default;
};

Result split(Bytes stream, unsigned cuts) {
    wire::FrameSplitter splitter;
    Result out;
    for (std::size_t round = 0; !stream.empty() && !out.failed; ++round) {
        const auto step = std::min<std::size_t>(stream.size(), cuts == 0 ? stream.size() : 1 + (cuts * (round + 1)) % 97);
        auto chunk = stream.first(step);
        stream = stream.subspan(step);
        for (;;) {
            const auto frame = splitter.next(chunk);
            out.failed = !frame;
            if (!frame || frame->empty()) break;
            ENSURE(frame->size() <= wire::kMaxFrameSize);
            out.frames.emplace_back(as_text(*frame));
        }
        ENSURE(out.failed || chunk.empty());
        ENSURE(splitter.held() < wire::kFrameHeadSize + wire::kMaxFrameSize);
    }
    return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const Bytes stream{data + 1, size - 1};
    const auto whole = split(stream, 0);
    ENSURE(split(stream, data[0] | 1u) == whole);
    std::string again;
    for (const auto& frame : whole.frames) {
        std::vector<std::uint8_t> out(frame.size() + wire::kFrameHeadSize);
        ENSURE(wire::write_frame(out, as_bytes(frame)) == out.size());
        again += as_text(out);
    }
    ENSURE(as_text(stream).starts_with(again));
    return 0;
}
