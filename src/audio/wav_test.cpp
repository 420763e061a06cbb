#include "audio/wav.hpp"

#include <doctest/doctest.h>

#include <memory>

#include "audio/signals_for_tests.hpp"
#include "audio/wav_memory_for_tests.hpp"

namespace earshot::audio {
namespace {

std::vector<std::uint8_t> text(std::string_view t) { return {t.begin(), t.end()}; }
void append(std::vector<std::uint8_t>& to, std::vector<std::uint8_t> more) { to.insert(to.end(), more.begin(), more.end()); }
std::vector<std::uint8_t> number(std::uint64_t value, int bytes) {
    std::vector<std::uint8_t> out;
    for (int i = 0; i < bytes; ++i) out.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
    return out;
}
std::vector<std::uint8_t> chunk(std::string_view name, std::vector<std::uint8_t> body) {
    auto out = text(name);
    append(out, number(body.size(), 4));
    append(out, body);
    if (body.size() % 2) out.push_back(0);
    return out;
}
struct Shape {
    std::uint16_t tag = 1, channels = 1, bits = 16;
    std::uint32_t rate = 8000;
    bool extensible = false;
};
std::vector<std::uint8_t> format_chunk(const Shape& s) {
    std::vector<std::uint8_t> body = number(s.extensible ? 0xfffe : s.tag, 2);
    append(body, number(s.channels, 2));
    append(body, number(s.rate, 4));
    append(body, number(std::uint64_t{s.rate} * s.channels * s.bits / 8, 4));
    append(body, number(std::uint64_t{s.channels} * s.bits / 8, 2));
    append(body, number(s.bits, 2));
    if (s.extensible) {
        append(body, number(22, 2));
        append(body, number(s.bits, 2));
        append(body, number(0, 4));
        append(body, number(s.tag, 2));
        append(body, {0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xaa, 0, 0x38, 0x9b, 0x71});
    }
    return chunk("fmt ", body);
}
std::vector<std::uint8_t> file(std::vector<std::uint8_t> chunks) {
    auto out = text("RIFF");
    append(out, number(chunks.size() + 4, 4));
    append(out, text("WAVE"));
    append(out, chunks);
    return out;
}
std::vector<std::uint8_t> file_of(const Shape& shape, std::vector<std::uint8_t> data) {
    auto chunks = format_chunk(shape);
    append(chunks, chunk("data", data));
    return file(chunks);
}
std::vector<float> read_all(Bytes bytes) {
    MemorySource source(bytes);
    auto reader = WavReader::open(source);
    REQUIRE(reader.has_value());
    std::vector<float> all, part(64 * reader->format().channels);
    while (true) {
        const auto got = reader->read(part);
        REQUIRE(got.has_value());
        if (*got == 0) return all;
        all.insert(all.end(), part.begin(), part.begin() + static_cast<std::ptrdiff_t>(*got * reader->format().channels));
    }
}
std::string refusal(Bytes bytes) {
    MemorySource source(bytes);
    const auto reader = WavReader::open(source);
    return reader ? "" : reader.error();
}

}  // namespace

TEST_CASE("every_sample_format_is_read") {
    using V = std::vector<float>;
    CHECK(read_all(file_of({.bits = 8}, {0, 128, 192})) == V{-1, 0, 0.5f});
    CHECK(read_all(file_of({.bits = 16}, {0, 0x80, 0, 0, 0, 0x40})) == V{-1, 0, 0.5f});
    CHECK(read_all(file_of({.bits = 24}, {0, 0, 0x80, 0, 0, 0, 0, 0, 0x40})) == V{-1, 0, 0.5f});
    CHECK(read_all(file_of({.bits = 32}, {0, 0, 0, 0x80, 0, 0, 0, 0x40})) == V{-1, 0.5f});
    CHECK(read_all(file_of({.tag = 3, .bits = 32}, {0, 0, 0, 0x3f, 0, 0, 0x80, 0xbf})) == V{0.5f, -1});
    CHECK(read_all(file_of({.tag = 3, .bits = 64}, {0, 0, 0, 0, 0, 0, 0xe0, 0x3f})) == V{0.5f});
    CHECK(read_all(file_of({.bits = 24, .extensible = true}, {0, 0, 0x40})) == V{0.5f});
    CHECK(read_all(file_of({.tag = 3, .bits = 32}, {0, 0, 0xc0, 0x7f})) == V{0});  // not a number
}

TEST_CASE("odd_chunks_before_the_sound_are_stepped_over") {
    auto chunks = chunk("LIST", {1, 2, 3});
    append(chunks, format_chunk({}));
    append(chunks, chunk("junk", {9}));
    append(chunks, chunk("data", {0, 0x40}));
    append(chunks, chunk("id3 ", {1, 2, 3}));
    CHECK(read_all(file(chunks)) == std::vector<float>{0.5f});
}

TEST_CASE("a_file_that_does_not_know_its_length_is_read_to_its_end") {
    for (const std::uint32_t size : {0u, 0xffffffffu}) {
        auto chunks = format_chunk({});
        append(chunks, text("data"));
        append(chunks, number(size, 4));
        append(chunks, {0, 0x40, 0, 0x40});
        CHECK(read_all(file(chunks)) == std::vector<float>{0.5f, 0.5f});
    }
}

TEST_CASE("a_file_that_was_cut_off_gives_what_is_there_and_says_so_once") {
    auto bytes = file_of({}, std::vector<std::uint8_t>(1000));
    bytes.erase(bytes.end() - 301, bytes.end());
    MemorySource source(bytes);
    auto reader = WavReader::open(source);
    std::vector<float> part(4096);
    CHECK(reader->frames() == 500);
    CHECK(*reader->read(part) == 349);
    const auto end = reader->read(part);
    REQUIRE_FALSE(end.has_value());
    CHECK(end.error().find("before its header says") != std::string::npos);
    CHECK(*reader->read(part) == 0);
}

TEST_CASE("what_is_no_wav_file_is_refused_with_its_reason") {
    CHECK(refusal({}) == "is no WAV file");
    CHECK(refusal(text("RIFF....AVI LIST")) == "is no WAV file");
    CHECK(refusal(file({})) == "ends before its sound begins");
    CHECK(refusal(file_of({.tag = 85}, {})).find("compressed") != std::string::npos);
    CHECK(refusal(file_of({.channels = 0}, {})).find("0 channels") != std::string::npos);
    CHECK(refusal(file_of({.channels = 9}, {})).find("9 channels") != std::string::npos);
    CHECK(refusal(file_of({.bits = 12}, {})).find("12 bits") != std::string::npos);
    CHECK(refusal(file_of({.rate = 0}, {})).find("0 Hz") != std::string::npos);
    CHECK(refusal(file_of({.rate = 0xffffffff}, {})).find("Hz") != std::string::npos);
    CHECK(refusal(file(chunk("data", {0, 0}))).find("before it says in which format") != std::string::npos);
    CHECK(refusal(file(chunk("fmt ", {1, 0}))).find("too short") != std::string::npos);
    auto lying = text("LIST");
    append(lying, number(0xfffffff0, 4));
    CHECK(refusal(file(lying)) == "ends before its sound begins");
}

TEST_CASE("what_was_written_is_read_again") {
    const auto sound = made_speech(0.9, 9601);
    for (const bool floating : {false, true}) {
        MemorySink sink;
        WavWriter writer(sink, 44'100, 1, floating);
        for (std::size_t at = 0; at < sound.size(); at += 441)
            CHECK(writer.write(ConstSamples{sound}.subspan(at, std::min<std::size_t>(441, sound.size() - at))));
        CHECK(read_all(sink.bytes).size() == sound.size());  // readable before it is closed
        CHECK(writer.close());
        const auto again = read_all(sink.bytes);
        REQUIRE(again.size() == sound.size());
        double worst = 0;
        for (std::size_t i = 0; i < sound.size(); ++i) worst = std::max(worst, std::abs(static_cast<double>(sound[i]) - again[i]));
        CHECK(worst <= (floating ? 0 : 1e-4));
        MemorySource source(sink.bytes);
        CHECK(WavReader::open(source)->frames() == sound.size());
        CHECK(WavReader::open(*std::make_unique<MemorySource>(sink.bytes))->format().rate == 44'100);
    }
}

TEST_CASE("what_is_too_loud_is_clipped_and_a_full_disk_is_told") {
    MemorySink sink;
    {
        WavWriter writer(sink, kRate, 1);
        CHECK(writer.write(std::vector<float>{5, -5, std::nanf("")}));
        sink.limit = sink.bytes.size();
        CHECK_FALSE(writer.write(std::vector<float>{0}));
        CHECK_FALSE(writer.close());
    }
    const auto again = read_all(sink.bytes);
    REQUIRE(again.size() == 3);
    CHECK(again[0] == doctest::Approx(1).epsilon(0.001));
    CHECK(again[1] == doctest::Approx(-1).epsilon(0.001));
    CHECK(again[2] == 0);
}

}  // namespace earshot::audio
