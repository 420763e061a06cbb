#include "audio/jitter_buffer.hpp"

#include <doctest/doctest.h>

#include <vector>

#include "audio/opus_encoder.hpp"
#include "audio/signals_for_tests.hpp"

namespace earshot::audio {
namespace {

double milliseconds(Duration d) { return static_cast<double>(d.count()) / 1e6; }

}  // namespace

TEST_CASE("on a line without jitter it waits hardly at all and changes nothing") {
    auto encoder = OpusEncoder::make({.dtx = false});
    const auto speech = made_speech(0.5, kRate * 6, 1, false);
    JitterBuffer buffer;
    std::vector<float> out(480);
    Time now{100s};
    Packet packet{.sequence = 7, .timestamp = 4'294'967'000u};
    for (std::size_t at = 0; at + 480 <= speech.size(); at += 480) {
        packet.payload = *encoder->encode(ConstSamples{speech}.subspan(at, 480));
        buffer.insert(now + 1300us, packet);
        packet.sequence += 1;
        packet.timestamp += 480;
        for (int call = 0; call < 2; ++call) buffer.play(now += 5ms, out);
    }
    const auto statistics = buffer.statistics();
    CHECK(statistics.concealed == 0ns);
    CHECK(statistics.late == 0);
    CHECK(milliseconds(statistics.delay) < 7.5);
    MESSAGE("delay ", milliseconds(statistics.delay), " ms, target ", milliseconds(statistics.target), " ms, accelerated ",
            milliseconds(statistics.accelerated));
}

}  // namespace earshot::audio
