#include "engine/pairing_desk.hpp"

#include <doctest/doctest.h>

#include "engine/limits.hpp"

using namespace earshot;
using namespace earshot::engine;

namespace {
constexpr Time kBegin{1h};
PairingDesk::Place at(std::uint8_t address, std::uint8_t pair = 0) { return {IpAddress::v4(10, 0, 0, address), pair}; }
constexpr ConnectionId kText{1}, kOther{2};
constexpr VoiceId kVoice{11}, kSecond{12};
}  // namespace

TEST_CASE("a voice socket finds the text of its address that came last and has none") {
    PairingDesk desk;
    CHECK_FALSE(desk.text_opened(kBegin, kText, at(1)));
    CHECK_FALSE(desk.text_opened(kBegin + 1s, kOther, at(1)));
    CHECK(desk.voice_opened(kBegin + 2s, kVoice, at(1)) == kOther);
    CHECK(desk.voice_opened(kBegin + 3s, kSecond, at(1)) == kText);
    CHECK(desk.voice_of(kOther) == kVoice);
    CHECK(desk.text_of(kSecond) == kText);
    CHECK(desk.deadline().at == kNever);
}

TEST_CASE("neither another address nor another pair of ports is a partner") {
    PairingDesk desk;
    desk.text_opened(kBegin, kText, at(1));
    CHECK_FALSE(desk.voice_opened(kBegin, kVoice, at(2)));
    CHECK_FALSE(desk.voice_opened(kBegin, kSecond, at(1, 1)));
}

TEST_CASE("a late text takes the voice that waits; after the grace it is alone") {
    PairingDesk desk;
    desk.voice_opened(kBegin, kVoice, at(1));
    desk.voice_opened(kBegin + 1s, kSecond, at(1));
    CHECK(desk.deadline().at == kBegin + limits::kPairingGrace);
    CHECK(desk.text_opened(kBegin + 2s, kText, at(1)) == kSecond);
    CHECK(desk.due(kBegin + limits::kPairingGrace - 1ms).empty());
    CHECK(desk.due(kBegin + limits::kPairingGrace) == std::vector{kVoice});
    CHECK(desk.due(kBegin + 1h).empty());
    CHECK_FALSE(desk.text_opened(kBegin + 4s, kOther, at(1)));
}

TEST_CASE("who leaves names the partner who is left, and both are forgotten") {
    PairingDesk desk;
    desk.text_opened(kBegin, kText, at(1));
    desk.voice_opened(kBegin, kVoice, at(1));
    CHECK(desk.text_closed(kText) == kVoice);
    CHECK_FALSE(desk.voice_closed(kVoice));
    CHECK(desk.texts() + desk.voices() == 0);
    desk.text_opened(kBegin, kText, at(1));
    desk.voice_opened(kBegin, kVoice, at(1));
    CHECK(desk.voice_closed(kVoice) == kText);
    CHECK_FALSE(desk.text_closed(kText));
}

TEST_CASE("more texts than can be kept are not paired") {
    PairingDesk desk;
    for (std::uint64_t i = 0; i < limits::kPairableTexts + 10; ++i) desk.text_opened(kBegin, ConnectionId{100 + i}, at(3));
    CHECK(desk.texts() == limits::kPairableTexts);
}
