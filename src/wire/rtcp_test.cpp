#include "wire/rtcp.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "wire/hex_for_tests.hpp"

namespace earshot::wire {
namespace {

using testing::from_hex;

RtcpPacket only(Bytes bytes) {
    auto compound = parse_rtcp(bytes);
    REQUIRE(compound.has_value());
    const auto packet = compound->next();
    REQUIRE(packet.has_value());
    CHECK_FALSE(compound->next().has_value());
    return *packet;
}

template <typename Write>
std::vector<std::uint8_t> written(Write write) {
    std::array<std::uint8_t, 1500> out{};
    RtcpWriter writer(out);
    write(writer);
    const auto bytes = writer.finish();
    return {bytes.begin(), bytes.end()};
}

std::vector<std::uint16_t> lost_in(Bytes bytes) {
    std::vector<std::uint16_t> out;
    for_each_lost(nack(only(bytes)).value(), [&](std::uint16_t sequence) { out.push_back(sequence); });
    return out;
}

// A transport-wide packet around its body behind the SSRCs, filled up to whole words.
std::vector<std::uint8_t> wide(std::string_view body) {
    auto bytes = from_hex("8fcd0000 00000001 00000002");
    const auto rest = from_hex(body);
    bytes.insert(bytes.end(), rest.begin(), rest.end());
    bytes.resize((bytes.size() + 3) / 4 * 4);
    store_u16(bytes.data() + 2, static_cast<std::uint16_t>(bytes.size() / 4 - 1));
    return bytes;
}

using Seen = std::vector<std::pair<std::uint16_t, int>>;
Seen arrivals_in(const TransportWide& feedback) {
    Seen out;
    for_each_arrival(feedback, [&](std::uint16_t sequence, int delta) { out.emplace_back(sequence, delta); });
    return out;
}

}  // namespace

TEST_CASE("a sender report goes out and comes back the same") {
    const std::array<ReportBlock, 2> blocks{ReportBlock{1, 2, -3, 4, 5, 6, 7}, ReportBlock{11, 255, 0x7fffff, 14, 15, 16, 17}};
    const auto bytes = written([&](RtcpWriter& w) { w.sender_report({.ssrc = 9, .ntp = 0x0102030405060708, .rtp_timestamp = 8, .packet_count = 7, .octet_count = 6}, blocks); });
    CHECK(bytes.size() == 28 + 48);
    const auto report = sender_report(only(bytes));
    REQUIRE(report.has_value());
    CHECK(report->ssrc == 9);
    CHECK(report->ntp == 0x0102030405060708ull);
    CHECK(report->rtp_timestamp == 8);
    CHECK(report->packet_count == 7);
    CHECK(report->octet_count == 6);
    REQUIRE(report->blocks.size() == 2);
    CHECK(report->blocks[0] == blocks[0]);
    CHECK(report->blocks[1] == blocks[1]);
}

TEST_CASE("losses beyond 24 bits are clamped, not wrapped") {
    const std::array<ReportBlock, 2> blocks{ReportBlock{.cumulative_lost = 0x1000000}, ReportBlock{.cumulative_lost = -0x1000000}};
    const auto bytes = written([&](RtcpWriter& w) { w.receiver_report(1, blocks); });
    const auto report = receiver_report(only(bytes)).value();
    CHECK(report.blocks[0].cumulative_lost == 0x7fffff);
    CHECK(report.blocks[1].cumulative_lost == -0x800000);
}

TEST_CASE("a compound of report, description and goodbye is walked in order") {
    const auto bytes = written([](RtcpWriter& w) {
        w.receiver_report(5);
        w.cname(5, "somebody");
        w.bye(5);
    });
    auto compound = parse_rtcp(bytes).value();
    CHECK(receiver_report(*compound.next())->ssrc == 5);
    const auto description = *compound.next();
    CHECK(cname_of(description, 5) == "somebody");
    CHECK(cname_of(description, 6).empty());
    const auto leaving = bye(*compound.next());
    REQUIRE(leaving->size() == 1);
    CHECK((*leaving)[0] == 5);
    CHECK_FALSE(compound.next().has_value());
}

TEST_CASE("names of every length end with a zero and a whole word") {
    for (std::size_t length = 1; length < 20; ++length) {
        const std::string name(length, 'x');
        const auto bytes = written([&](RtcpWriter& w) { w.cname(7, name); });
        CHECK(bytes.size() % 4 == 0);
        CHECK(bytes.back() == 0);
        CHECK(cname_of(only(bytes), 7) == name);
    }
}

TEST_CASE("a description with several chunks and other items gives each name") {
    const auto bytes = from_hex("82ca0007 00000001 0202616201 01 7800 00000002 01037a7a7a 00 0000 00000000");
    std::vector<std::pair<std::uint32_t, std::string>> seen;
    for_each_cname(only(bytes), [&](std::uint32_t ssrc, std::string_view name) { seen.emplace_back(ssrc, name); });
    CHECK(seen == std::vector<std::pair<std::uint32_t, std::string>>{{1, "x"}, {2, "zzz"}});
}

TEST_CASE("a description whose items run past the end gives nothing") {
    CHECK(cname_of(only(from_hex("81ca0002 00000001 01ff6161")), 1).empty());
    CHECK(cname_of(only(from_hex("81ca0002 00000001 01026161")), 1).empty());  // no closing zero
}

TEST_CASE("the reason of a goodbye is read when it fits") {
    CHECK(bye(only(from_hex("81cb0002 00000001 03627965")))->reason == "bye");
    CHECK(bye(only(from_hex("81cb0002 00000001 04627965")))->reason.empty());
    CHECK_FALSE(bye(only(from_hex("82cb0001 00000001"))).has_value());
}

TEST_CASE("lost packets share entries and wrap") {
    for (const auto& lost : std::vector<std::vector<std::uint16_t>>{{5}, {5, 6, 21}, {5, 22}, {65535, 0, 14, 15, 40}, {1, 2, 3, 100, 101, 65535}}) {
        const auto bytes = written([&](RtcpWriter& w) { w.nack(1, 2, lost); });
        CHECK(lost_in(bytes) == lost);
    }
    CHECK(written([](RtcpWriter& w) { w.nack(1, 2, std::array<std::uint16_t, 3>{5, 6, 21}); }).size() == 16);
    CHECK(written([](RtcpWriter& w) { w.nack(1, 2, std::array<std::uint16_t, 2>{5, 22}); }).size() == 20);
    CHECK(written([](RtcpWriter& w) { w.nack(1, 2, {}); }).empty());
}

TEST_CASE("key frame requests go out and come back") {
    const auto pli = written([](RtcpWriter& w) { w.picture_loss(1, 2); });
    CHECK(pli == from_hex("81ce0002 00000001 00000002"));
    CHECK(picture_loss(only(pli))->media_ssrc == 2);
    const auto fir = written([](RtcpWriter& w) { w.full_intra(1, 2, 9); });
    const auto read = full_intra(only(fir));
    REQUIRE(read->size() == 1);
    CHECK(read->ssrc(0) == 2);
    CHECK(read->sequence(0) == 9);
}

TEST_CASE("the receiver's estimate is read") {
    const auto bytes = from_hex("8fce0005 00000001 00000000 52454d42 010a0000 000000ff");
    const auto remb = max_bitrate(only(bytes));
    REQUIRE(remb.has_value());
    CHECK(remb->bits_per_second == 0x20000ull << 2);
    CHECK(load_u32(remb->sources.data()) == 0xff);
    CHECK_FALSE(max_bitrate(only(from_hex("8fce0005 00000001 00000000 52454d42 020a0000 000000ff"))).has_value());
    CHECK_FALSE(max_bitrate(only(from_hex("8fce0004 00000001 00000000 52454d42 00fe0000"))).has_value());
    CHECK_FALSE(max_bitrate(only(from_hex("8fce0004 00000001 00000000 414d4252 000a0000"))).has_value());
}

TEST_CASE("transport-wide feedback with runs and both vectors is read") {
    // Six statuses: a run of two small deltas, then a two-bit vector of lost, large, small, lost.
    const auto bytes = wide("fffe0006 fffffe07 2002 c900 0a 0b ff38 0c");
    const auto feedback = transport_wide(only(bytes));
    REQUIRE(feedback.has_value());
    CHECK(feedback->base_sequence == 0xfffe);
    CHECK(feedback->status_count == 6);
    CHECK(feedback->reference_time == -2);
    CHECK(feedback->feedback_count == 7);
    CHECK(arrivals_in(*feedback) == Seen{{0xfffe, 10}, {0xffff, 11}, {1, -200}, {2, 12}});
    // Fourteen statuses of one bit.
    const auto bits = wide("0001000e 00000000 a001 0505");
    CHECK(arrivals_in(transport_wide(only(bits)).value()) == Seen{{1, 5}, {14, 5}});
}

TEST_CASE("transport-wide feedback that promises more than it holds is refused") {
    CHECK_FALSE(transport_wide(only(wide("00010008 00000000 2008 010203040506"))).has_value());
    CHECK_FALSE(transport_wide(only(wide("00010003 00000000 2001 0100"))).has_value());
    CHECK_FALSE(transport_wide(only(wide("00010001 00000000 6001 0100"))).has_value());  // reserved status
    CHECK_FALSE(transport_wide(only(wide("00010001 00000000 0000 0000"))).has_value());  // a run of none
    CHECK_FALSE(transport_wide(only(wide("00010000 00000000 2001 0100"))).has_value());
}

TEST_CASE("transport-wide feedback goes out and comes back the same") {
    std::vector<Arrival> arrivals;
    Seen expected;
    std::int64_t before = 0;
    for (int i = 0; i < 50; ++i) {
        const bool received = i % 3 != 1;
        const std::int64_t ticks = i * 90 + (i % 7 == 0 ? 4000 : 0);
        arrivals.push_back({received, ticks});
        if (received) expected.emplace_back(static_cast<std::uint16_t>(65530 + i), static_cast<int>(ticks - before)), before = ticks;
    }
    arrivals.pop_back();  // the last must be a received one
    if (expected.back().first == static_cast<std::uint16_t>(65530 + 49)) expected.pop_back();
    bool ok = false;
    const auto bytes = written([&](RtcpWriter& w) {
        ok = w.transport_wide({.sender_ssrc = 1, .media_ssrc = 2, .base_sequence = 65530, .reference_time = -5, .feedback_count = 255}, arrivals);
    });
    REQUIRE(ok);
    const auto feedback = transport_wide(only(bytes));
    REQUIRE(feedback.has_value());
    CHECK(feedback->reference_time == -5);
    CHECK(feedback->feedback_count == 255);
    CHECK(arrivals_in(*feedback) == expected);
}

TEST_CASE("feedback that does not fit is not written") {
    for (const auto& arrivals : std::vector<std::vector<Arrival>>{{}, {{false, 0}}, {{true, 0}, {false, 0}}, {{true, 0}, {true, 40000}}, std::vector<Arrival>(513, {true, 0})}) {
        bool ok = true;
        CHECK(written([&](RtcpWriter& w) { ok = w.transport_wide({}, arrivals); }).empty());
        CHECK_FALSE(ok);
    }
}

TEST_CASE("a compound with one broken packet is refused as a whole") {
    CHECK(parse_rtcp(Bytes{}).error() == RtcpError::kTooShort);
    CHECK(parse_rtcp(from_hex("80c90001 00000001 80")).error() == RtcpError::kTooShort);
    CHECK(parse_rtcp(from_hex("80c90001 00000001 80c90001")).error() == RtcpError::kLength);
    CHECK(parse_rtcp(from_hex("80c90001 00000001 40c90000")).error() == RtcpError::kVersion);
    CHECK(parse_rtcp(from_hex("80c9ffff 00000001")).error() == RtcpError::kLength);
}

TEST_CASE("padding belongs to the last packet and must fit") {
    CHECK(receiver_report(only(from_hex("a0c90002 00000001 00000004")))->ssrc == 1);
    CHECK_FALSE(receiver_report(only(from_hex("a0c90001 00000004"))).has_value());
    CHECK(parse_rtcp(from_hex("a0c90001 00000004 80c90001 00000001")).error() == RtcpError::kPadding);
    for (const auto* hex : {"a0c90001 00000000", "a0c90001 00000003", "a0c90001 00000008", "a0c90000"}) CHECK(parse_rtcp(from_hex(hex)).error() == RtcpError::kPadding);
}

TEST_CASE("reports that claim more blocks than they hold are refused, unknown packets pass by") {
    CHECK_FALSE(receiver_report(only(from_hex("81c90001 00000001"))).has_value());
    CHECK_FALSE(sender_report(only(from_hex("80c80001 00000001"))).has_value());
    const auto bytes = from_hex("80d00001 00000001 80c90001 00000007");
    auto compound = parse_rtcp(bytes);
    CHECK(compound->next()->type == static_cast<RtcpType>(208));
    CHECK(receiver_report(*compound->next())->ssrc == 7);
}

TEST_CASE("a buffer that is too small gives nothing at all") {
    std::array<std::uint8_t, 11> out{};
    RtcpWriter writer(out);
    writer.receiver_report(1);
    writer.bye(1);
    CHECK(writer.finish().empty());
}

}  // namespace earshot::wire
