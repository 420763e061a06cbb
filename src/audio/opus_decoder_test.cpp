#include "audio/opus_decoder.hpp"

#include <doctest/doctest.h>

#include <vector>

#include "audio/opus_encoder.hpp"
#include "audio/signals_for_tests.hpp"

namespace earshot::audio {
namespace {

using Payload = std::vector<std::uint8_t>;

std::vector<Payload> encoded(const std::vector<float>& sound, const OpusEncoderSettings& settings, int loss) {
    auto encoder = *OpusEncoder::make(settings);
    encoder.set_expected_loss(loss);
    std::vector<Payload> packets;
    for (std::size_t at = 0; at + encoder.frame_samples() <= sound.size(); at += encoder.frame_samples()) {
        const auto packet = *encoder.encode(ConstSamples{sound}.subspan(at, encoder.frame_samples()));
        packets.emplace_back(packet.begin(), packet.end());
    }
    return packets;
}

std::vector<float> left(ConstSamples stereo) {
    std::vector<float> mono;
    for (std::size_t n = 0; n < stereo.size(); n += 2) mono.push_back(stereo[n]);
    return mono;
}

}  // namespace

TEST_CASE("a packet says how long it is, without being decoded") {
    // Table of contents for CELT at 2.5 ms and 20 ms, SILK at 60 ms; one, two and any number of frames (RFC 6716 section 3.2).
    CHECK(inspect_opus(Payload{0xe0, 1, 2})->frames == 120);
    CHECK(inspect_opus(Payload{0xf8, 1, 2})->frames == 960);
    CHECK(inspect_opus(Payload{0x18, 1, 2})->frames == 2880);
    CHECK(inspect_opus(Payload{0x19, 1, 2})->frames == 5760);
    CHECK(inspect_opus(Payload{0xfb, 3, 1, 2, 3})->frames == 2880);
    CHECK(inspect_opus(Payload{0xf8, 1, 2})->celt_only);
    CHECK_FALSE(inspect_opus(Payload{0x18, 1, 2})->celt_only);
}

TEST_CASE("what is no packet is an error and not a sound") {
    std::vector<float> out(kLongestPacket * 2);
    OpusDecoder decoder;
    CHECK(decoder.decode({}, out).error() == DecodeError::kEmpty);
    CHECK(inspect_opus(Payload{0xf9, 1, 2, 3}).error() == DecodeError::kMalformed);     // two equal frames in an odd number of bytes
    CHECK(inspect_opus(Payload{0x1b, 3, 1, 2, 3}).error() == DecodeError::kMalformed);  // 180 ms
    CHECK(inspect_opus(Payload{0xfb, 0}).error() == DecodeError::kMalformed);           // no frame at all
    CHECK(inspect_opus(Payload(70'000, 0xf8)).error() == DecodeError::kMalformed);
    CHECK(decoder.decode(Payload{0xf8, 1, 2}, Samples{out}.first(100)).error() == DecodeError::kNoRoom);
}

TEST_CASE("a lone table of contents is silence that goes on") {
    CHECK(inspect_opus(Payload{0x08})->discontinuous);
    CHECK(inspect_opus(Payload{0x08, 0})->discontinuous);
    CHECK_FALSE(inspect_opus(encoded(made_speech(0.5, 4800), {.dtx = false}, 0).at(3))->discontinuous);
}

TEST_CASE("speech carries copies when losses are expected, and says so") {
    const auto speech = made_speech(0.5, kRate * 2, 3, false);
    const auto count = [&](int loss, Duration frame) {
        const auto packets = encoded(speech, {.frame = frame, .dtx = false}, loss);
        return std::count_if(packets.begin(), packets.end(), [](const auto& packet) { return inspect_opus(packet)->recoverable > 0; }) * 100 /
               static_cast<long>(packets.size());
    };
    CHECK(count(0, 20ms) == 0);
    CHECK(count(15, 20ms) > 60);
    CHECK(count(15, 10ms) > 60);
}

TEST_CASE("a lost frame is recovered from the next packet, closer to what was said than concealment") {
    const auto speech = made_speech(0.5, kRate * 3, 5, false);
    const auto packets = encoded(speech, {.frame = 20ms, .bitrate = 40'000, .dtx = false}, 20);
    std::vector<float> truth(1920), guess(1920), copy(1920);
    double recovered = 0, concealed = 0, all = 0;
    for (std::size_t lost = 20; lost + 1 < packets.size(); lost += 10) {
        if (inspect_opus(packets[lost + 1])->recoverable != 960) continue;
        OpusDecoder whole, without, with;
        for (std::size_t n = 0; n < lost; ++n) {
            REQUIRE(whole.decode(packets[n], truth).value() == 960);
            REQUIRE(without.decode(packets[n], guess).has_value());
            REQUIRE(with.decode(packets[n], copy).has_value());
        }
        REQUIRE(whole.decode(packets[lost], truth).value() == 960);
        CHECK(without.conceal(960, guess) == 960);
        CHECK(with.recover(packets[lost + 1], 960, copy).value() == 960);
        recovered += correlation_at(left(truth), left(copy), 0);
        concealed += correlation_at(left(truth), left(guess), 0);
        all += 1;
    }
    REQUIRE(all >= 5);
    CHECK(recovered / all > 0.85);
    CHECK(recovered > concealed);
}

TEST_CASE("concealment fades and any bytes at all leave the decoder working") {
    const auto packets = encoded(made_speech(0.5, kRate, 5, false), {.frame = 20ms, .dtx = false}, 0);
    std::vector<float> out(kLongestPacket * 2);
    OpusDecoder decoder;
    for (std::size_t n = 0; n < 30; ++n) REQUIRE(decoder.decode(packets[n], out).has_value());
    decoder.conceal(960, out);
    const double first = rms(Samples{out}.first(1920));
    for (int n = 0; n < 40; ++n) decoder.conceal(960, out);
    CHECK(rms(Samples{out}.first(1920)) < first / 10);
    SeededRandom chance(1);
    for (int n = 0; n < 2000; ++n) {
        Payload noise(chance.below(80));
        chance.fill(noise);
        if (const auto done = decoder.decode(noise, out)) CHECK(*done <= kLongestPacket);
        static_cast<void>(decoder.recover(noise, 120 * (1 + chance.below(48)), out));
    }
    CHECK(decoder.decode(packets[30], out).value() == 960);
}

TEST_CASE("one channel is heard by both ears, and the first packet with two widens the decoder") {
    auto narrow = *OpusEncoder::make({.frame = 20ms, .dtx = false});
    auto wide = *OpusEncoder::make({.mode = OpusMode::kMusic, .channels = 2, .frame = 20ms, .bitrate = 96'000, .dtx = false});
    const auto speech = made_speech(0.5, 48'000, 3, false);
    OpusDecoder decoder;
    std::vector<float> out(1920);
    double left = 0, apart = 0;
    for (std::size_t at = 0; at + 960 <= 24'000; at += 960) {
        const Bytes packet = *narrow.encode(ConstSamples{speech}.subspan(at, 960));
        CHECK_FALSE(decoder.widens(packet));
        REQUIRE(decoder.decode(packet, out) == 960u);
        for (std::size_t n = 0; n < 960; ++n) left += out[2 * n] * out[2 * n], apart += std::abs(out[2 * n] - out[2 * n + 1]);
    }
    CHECK(left > 1);
    CHECK(apart == 0);
    std::vector<float> pair(1920);
    for (int round = 0; round < 10; ++round) {
        for (std::size_t n = 0; n < 960; ++n) pair[2 * n] = speech[24'000 + n], pair[2 * n + 1] = 0;
        const Bytes packet = *wide.encode(pair);
        CHECK(decoder.widens(packet) == (round == 0));
        REQUIRE(decoder.decode(packet, out) == 960u);
    }
    double right = 0;
    left = 0;
    for (std::size_t n = 0; n < 960; ++n) left += out[2 * n] * out[2 * n], right += out[2 * n + 1] * out[2 * n + 1];
    CHECK(left > 10 * right);
    decoder.reset();
    CHECK(decoder.widens(*wide.encode(pair)));
}

}  // namespace earshot::audio
