#include "wire/framing.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace earshot::wire {
namespace {

struct Result {
    std::vector<std::string> frames;
    bool failed = false;
};

// Feeds the stream in chunks of `step` bytes.
Result split(const std::string& stream, std::size_t step) {
    FrameSplitter splitter;
    Result out;
    for (std::size_t at = 0; at < stream.size(); at += step) {
        auto chunk = as_bytes(std::string_view(stream).substr(at, step));
        while (!out.failed) {
            const auto frame = splitter.next(chunk);
            out.failed = !frame.has_value();
            if (out.failed || frame->empty()) break;
            out.frames.emplace_back(as_text(*frame));
        }
    }
    return out;
}

std::string framed(const std::string& text) {
    std::vector<std::uint8_t> out(text.size() + 2);
    REQUIRE(write_frame(out, as_bytes(text)) == out.size());
    return std::string(as_text(out));
}

}  // namespace

TEST_CASE("frames come out whole however the stream is cut") {
    const std::vector<std::string> frames{"a", std::string(300, 'b'), "cc", std::string(kMaxFrameSize, 'd'), "e"};
    std::string stream;
    for (const auto& frame : frames) stream += framed(frame);
    for (const std::size_t step : {1, 2, 3, 7, 301, 1600, 5000}) {
        const auto result = split(stream, step);
        CHECK_FALSE(result.failed);
        CHECK(result.frames == frames);
    }
}

TEST_CASE("an empty or oversized frame ends the stream, what came before is kept") {
    for (const auto& bad : {std::string("\0\0", 2), std::string("\x06\x41", 2), std::string("\xff\xff", 2)}) {
        const auto result = split(framed("ok") + bad + framed("never"), 3);
        CHECK(result.frames == std::vector<std::string>{"ok"});
        CHECK(result.failed);
    }
}

TEST_CASE("an error stays an error") {
    FrameSplitter splitter;
    const std::array<std::uint8_t, 4> bad{0, 0, 0, 1};
    Bytes chunk{bad};
    CHECK(splitter.next(chunk).error() == FramingError::kEmptyFrame);
    CHECK(splitter.next(chunk).error() == FramingError::kEmptyFrame);
}

TEST_CASE("what cannot be framed is not written") {
    std::array<std::uint8_t, 4> out{};
    const std::array<std::uint8_t, 3> datagram{1, 2, 3};
    CHECK(write_frame(out, datagram) == 0);
    CHECK(write_frame(out, Bytes{}) == 0);
    CHECK(write_frame(out, Bytes{datagram}.first(2)) == 4);
    std::vector<std::uint8_t> large(kMaxFrameSize + 1), room(kMaxFrameSize + 10);
    CHECK(write_frame(room, large) == 0);
}

}  // namespace earshot::wire
