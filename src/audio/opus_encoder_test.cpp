#include "audio/opus_encoder.hpp"

#include <doctest/doctest.h>
#include <opus/opus.h>

#include "audio/signals_for_tests.hpp"

namespace earshot::audio {
namespace {

struct Decoder {
    explicit Decoder(int channels = 1) : state(opus_decoder_create(kRate, channels, nullptr)), channels_(channels) {}
    ~Decoder() { opus_decoder_destroy(state); }
    std::vector<float> decode(Bytes packet, std::size_t samples, bool fec = false) {
        std::vector<float> out(samples * static_cast<std::size_t>(channels_));
        const int got =
            opus_decode_float(state, packet.empty() ? nullptr : packet.data(), static_cast<int>(packet.size()), out.data(), static_cast<int>(samples), fec);
        CHECK(got == static_cast<int>(samples));
        return out;
    }
    ::OpusDecoder* state;
    int channels_;
};

std::vector<std::vector<std::uint8_t>> encode_all(OpusEncoder& encoder, ConstSamples sound) {
    std::vector<std::vector<std::uint8_t>> packets;
    const auto step = encoder.frame_samples() * static_cast<std::size_t>(encoder.settings().channels);
    for (std::size_t at = 0; at + step <= sound.size(); at += step) {
        const auto packet = encoder.encode(sound.subspan(at, step));
        REQUIRE(packet.has_value());
        packets.emplace_back(packet->begin(), packet->end());
    }
    return packets;
}

// The share of a sound's energy that is brought back when every fifth packet is lost and mended from its successor or guessed.
double error_with_losses(OpusEncoder& encoder, ConstSamples sound, bool use_fec) {
    const auto packets = encode_all(encoder, sound);
    Decoder whole, torn;
    double error = 0, all = 0;
    for (std::size_t i = 0; i + 1 < packets.size(); ++i) {
        const auto good = whole.decode(packets[i], encoder.frame_samples());
        const bool lost = i % 5 == 4;
        const auto bad =
            lost ? torn.decode(use_fec ? Bytes{packets[i + 1]} : Bytes{}, encoder.frame_samples(), use_fec) : torn.decode(packets[i], encoder.frame_samples());
        if (!lost) continue;
        for (std::size_t k = 0; k < good.size(); ++k) error += (good[k] - bad[k]) * (good[k] - bad[k]), all += good[k] * good[k];
    }
    return error / all;
}

}  // namespace

TEST_CASE("every_mode_and_frame_length_comes_back_as_it_went") {
    for (const auto mode : {OpusMode::kVoice, OpusMode::kMusic, OpusMode::kLowDelay}) {
        for (const Duration frame : {Duration{2500us}, Duration{5ms}, Duration{10ms}, Duration{20ms}}) {
            CAPTURE(frame.count());
            auto encoder = OpusEncoder::make({.mode = mode, .frame = frame, .bitrate = 64'000, .dtx = false});
            REQUIRE(encoder.has_value());
            const auto sound = made_speech(0.5, 48'000, 3, false);
            Decoder decoder;
            std::vector<float> heard;
            for (const auto& packet : encode_all(*encoder, sound)) {
                const auto part = decoder.decode(packet, encoder->frame_samples());
                heard.insert(heard.end(), part.begin(), part.end());
            }
            const auto lookahead = static_cast<std::size_t>(encoder->lookahead().count() * kRate / 1'000'000'000);
            CHECK(correlation_at(ConstSamples{sound}.first(40'000), heard, lookahead) > 0.85);
        }
    }
}

TEST_CASE("low_delay_looks_ahead_four_milliseconds_less") {
    const auto voice = OpusEncoder::make({});
    const auto quick = OpusEncoder::make({.mode = OpusMode::kLowDelay, .frame = 5ms});
    CHECK(voice->lookahead() == Duration{6500us});
    CHECK(quick->lookahead() == Duration{2500us});
}

TEST_CASE("impossible_settings_are_refused_in_words") {
    CHECK(OpusEncoder::make({.frame = 15ms}).error().find("2.5, 5, 10 or 20") != std::string::npos);
    CHECK_FALSE(OpusEncoder::make({.channels = 3}).has_value());
    CHECK_FALSE(OpusEncoder::make({.bitrate = 500'000}).has_value());
    CHECK_FALSE(OpusEncoder::make({.bitrate = 6'000}).has_value());
    CHECK_FALSE(OpusEncoder::make({.complexity = 11}).has_value());
}

TEST_CASE("fec_mends_a_lost_frame_of_ten_and_of_twenty_milliseconds") {
    for (const Duration frame : {Duration{10ms}, Duration{20ms}}) {
        CAPTURE(frame.count());
        const auto sound = made_speech(0.5, 192'000, 5, false);
        auto encoder = OpusEncoder::make({.frame = frame, .bitrate = 40'000, .dtx = false});
        encoder->set_expected_loss(20);
        CHECK(encoder->fec());
        const double mended = error_with_losses(*encoder, sound, true);
        encoder->reset();
        const double guessed = error_with_losses(*encoder, sound, false);
        CAPTURE(mended);
        CAPTURE(guessed);
        CHECK(mended < 0.5 * guessed);
    }
}

TEST_CASE("fec_ends_with_the_loss_and_does_not_exist_outside_of_voice") {
    auto encoder = OpusEncoder::make({});
    encoder->set_expected_loss(5);
    CHECK(encoder->fec());
    encoder->set_expected_loss(0);
    CHECK_FALSE(encoder->fec());
    auto quick = OpusEncoder::make({.mode = OpusMode::kLowDelay, .frame = 5ms});
    quick->set_expected_loss(20);
    CHECK_FALSE(quick->fec());
    auto music = OpusEncoder::make({.mode = OpusMode::kMusic, .channels = 2, .bitrate = 128'000});
    music->set_expected_loss(20);
    CHECK_FALSE(music->fec());
}

TEST_CASE("silence_becomes_packets_that_need_not_be_sent") {
    for (const Duration frame : {Duration{10ms}, Duration{20ms}}) {
        auto encoder = OpusEncoder::make({.frame = frame});
        const auto speech = made_speech(0.5, 48'000, 7, false);
        encode_all(*encoder, speech);
        const std::vector<float> silence(96'000);
        const auto packets = encode_all(*encoder, silence);
        std::size_t quiet = 0;
        for (const auto& packet : packets) quiet += says_silence(packet);
        CHECK(quiet > packets.size() * 7 / 10);
        CHECK(encode_all(*encoder, speech).front().size() > 2);
    }
}

TEST_CASE("stereo_music_keeps_its_sides_apart") {
    auto encoder = OpusEncoder::make({.mode = OpusMode::kMusic, .channels = 2, .frame = 20ms, .bitrate = 128'000, .dtx = false});
    const auto left = made_sine(440, 0.5, 48'000), right = made_sine(1000, 0.3, 48'000);
    std::vector<float> both(96'000);
    for (std::size_t i = 0; i < left.size(); ++i) both[2 * i] = left[i], both[2 * i + 1] = right[i];
    Decoder decoder(2);
    std::vector<float> heard_left, heard_right;
    for (const auto& packet : encode_all(*encoder, both)) {
        const auto part = decoder.decode(packet, 960);
        for (std::size_t i = 0; i < 960; ++i) heard_left.push_back(part[2 * i]), heard_right.push_back(part[2 * i + 1]);
    }
    CHECK(correlation_at(ConstSamples{left}.first(40'000), heard_left, 312) > 0.99);
    CHECK(correlation_at(ConstSamples{right}.first(40'000), heard_right, 312) > 0.99);
    CHECK(std::abs(correlation_at(ConstSamples{left}.first(40'000), heard_right, 312)) < 0.05);
}

TEST_CASE("the_bitrate_is_kept") {
    for (const int bitrate : {16'000, 40'000, 96'000}) {
        auto encoder = OpusEncoder::make({.frame = 20ms, .bitrate = 128'000, .dtx = false});
        encoder->set_bitrate(bitrate);
        std::size_t bytes = 0;
        for (const auto& packet : encode_all(*encoder, made_speech(0.5, 480'000, 9, false))) bytes += packet.size();
        CHECK(bytes * 8 / 10 < static_cast<std::size_t>(bitrate) * 11 / 10);
        CHECK(bytes * 8 / 10 > static_cast<std::size_t>(bitrate) * 5 / 10);
    }
}

TEST_CASE("the_packet_of_silence_is_one_that_a_decoder_takes") {
    for (const auto& settings : {OpusEncoderSettings{}, OpusEncoderSettings{.frame = 20ms}, OpusEncoderSettings{.mode = OpusMode::kLowDelay, .frame = 5ms}}) {
        auto encoder = OpusEncoder::make(settings);
        const std::uint8_t packet = encoder->silence_packet();
        CHECK(opus_packet_get_samples_per_frame(&packet, kRate) == static_cast<int>(encoder->frame_samples()));
        CHECK(opus_packet_get_nb_channels(&packet) == settings.channels);
        Decoder decoder;
        encode_all(*encoder, made_speech(0.5, 9600));
        decoder.decode(Bytes{&packet, 1}, encoder->frame_samples());
    }
}

}  // namespace earshot::audio
