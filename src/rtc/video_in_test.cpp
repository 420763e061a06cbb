#include "rtc/video_in.hpp"

#include <doctest/doctest.h>

#include <vector>

#include "rtc/negotiation.hpp"
#include "wire/hex_for_tests.hpp"

namespace earshot::rtc {
namespace {

constexpr Time kStart{500s};

crypto::SrtpKeys keys() {
    crypto::SrtpKeys out;
    for (std::size_t i = 0; i < 16; ++i) out.master_key.fill()[i] = static_cast<std::uint8_t>(i);
    return out;
}

struct Sent {
    std::uint32_t ssrc = 0;
    std::uint16_t sequence = 0;
    std::uint8_t type = kVp8PayloadType;
    std::string_view mid{}, rid{}, repaired{};
    std::string_view payload = "90e0 8123 45 60 10 0000 9d012a 8002 6801";
};

// A camera on the far side of SRTP.
struct Line {
    crypto::SrtpOutbound outbound{keys()};
    crypto::SrtpInbound inbound{keys()};
    RemoteVideo described{.camera = true,
                          .share = true,
                          .mid_extension = kMidExtension,
                          .rid_extension = kRidExtension,
                          .repaired_rid_extension = kRepairedRidExtension,
                          .share_ssrcs = {900, 901}};
    VideoIn in{described};
    Time now = kStart;

    std::vector<std::uint8_t> packet(const Sent& sent) {
        std::vector<wire::ExtensionElement> elements;
        if (!sent.mid.empty()) elements.push_back({kMidExtension, as_bytes(sent.mid)});
        if (!sent.rid.empty()) elements.push_back({kRidExtension, as_bytes(sent.rid)});
        if (!sent.repaired.empty()) elements.push_back({kRepairedRidExtension, as_bytes(sent.repaired)});
        const auto payload = wire::testing::from_hex(sent.payload);
        std::vector<std::uint8_t> out(200);
        const auto header = wire::write_rtp_header(
            out, {.payload_type = sent.type, .sequence = sent.sequence, .timestamp = 3000u * sent.sequence, .ssrc = sent.ssrc}, elements);
        const crypto::ProtectJob job{.context = &outbound,
                                     .packet = out.data(),
                                     .payload = payload.data(),
                                     .header_size = static_cast<std::uint16_t>(header),
                                     .payload_size = static_cast<std::uint16_t>(payload.size())};
        crypto::protect_rtp({&job, 1});
        out.resize(header + payload.size() + outbound.rtp_overhead());
        return out;
    }
    std::expected<VideoIn::Picture, Counter> receive(const Sent& sent) { return take(packet(sent)); }
    std::expected<VideoIn::Picture, Counter> take(std::vector<std::uint8_t> bytes) {
        const auto incoming = in.inspect(now, bytes);
        if (!incoming) return std::unexpected(incoming.error());
        return in.open(now, *incoming, bytes, inbound);
    }
};

}  // namespace

TEST_CASE("an encoding is learnt from what its first packets say, and kept when they say it no more") {
    Line line;
    CHECK(line.receive({.ssrc = 10, .sequence = 1}).error() == Counter::dropped_rtp_source);
    const auto first = line.receive({.ssrc = 10, .sequence = 2, .mid = "cam", .rid = "h"});
    REQUIRE(first.has_value());
    CHECK(first->kind == VideoKind::kCamera);
    CHECK(first->packet.layer == 1);
    CHECK(first->packet.about.starts_key);
    CHECK(first->packet.about.height == 360);
    const auto next = line.receive({.ssrc = 10, .sequence = 3});
    REQUIRE(next.has_value());
    CHECK(next->packet.layer == 1);
    CHECK(next->packet.sequence == first->packet.sequence + 1);
    CHECK(next->packet.timestamp == first->packet.timestamp + 3000);
    CHECK(line.in.ssrc(VideoKind::kCamera, 1) == 10);
    CHECK(line.receive({.ssrc = 11, .sequence = 2, .mid = "cam", .rid = "f"})->packet.layer == 2);
    CHECK(line.receive({.ssrc = 12, .sequence = 2, .mid = "cam"})->packet.layer == 0);
    const auto share = line.receive({.ssrc = 900, .sequence = 2});
    REQUIRE(share.has_value());
    CHECK(share->kind == VideoKind::kShare);
}

TEST_CASE("what is forged, of another line or of an unknown encoding teaches nothing") {
    Line line;
    auto forged = line.packet({.ssrc = 10, .sequence = 1, .mid = "cam", .rid = "q"});
    forged.back() ^= 1;
    CHECK(line.take(forged).error() == Counter::dropped_rtp_auth);
    CHECK(line.in.ssrc(VideoKind::kCamera, 0) == 0);
    CHECK(line.receive({.ssrc = 10, .sequence = 1, .mid = "v0"}).error() == Counter::dropped_rtp_source);
    CHECK(line.receive({.ssrc = 10, .sequence = 1, .mid = "cam", .rid = "x"}).error() == Counter::dropped_rtp_source);
    CHECK(line.receive({.ssrc = 10, .sequence = 1, .type = 111, .mid = "cam", .rid = "q"}).error() == Counter::dropped_rtp_source);
    CHECK(line.receive({.ssrc = 900, .sequence = 1, .type = kVp8PayloadType + 1}).error() == Counter::dropped_rtp_source);
    CHECK(line.receive({.ssrc = 10, .sequence = 1, .mid = "cam", .rid = "q", .payload = "90"}).error() == Counter::dropped_rtp_malformed);
}

TEST_CASE("another stream of the same encoding is believed once the first is quiet, and counts as anew") {
    Line line;
    const auto first = line.receive({.ssrc = 10, .sequence = 2, .mid = "cam", .rid = "q"});
    REQUIRE(first.has_value());
    CHECK_FALSE(line.receive({.ssrc = 20, .sequence = 9, .mid = "cam", .rid = "q"}).has_value());
    line.now += 600ms;
    const auto anew = line.receive({.ssrc = 20, .sequence = 10, .mid = "cam", .rid = "q"});
    REQUIRE(anew.has_value());
    CHECK(anew->packet.epoch > first->packet.epoch);
    CHECK_FALSE(line.receive({.ssrc = 10, .sequence = 3}).has_value());
}

TEST_CASE("a packet sent again goes where it belongs; padding only holds its place") {
    Line line;
    const auto first = line.receive({.ssrc = 10, .sequence = 40, .mid = "cam", .rid = "q"});
    REQUIRE(first.has_value());
    const auto again = line.receive({.ssrc = 30, .sequence = 7, .type = kVp8PayloadType + 1, .mid = "cam", .repaired = "q", .payload = "0026 8080 23 01"});
    REQUIRE(again.has_value());
    CHECK(again->repair);
    CHECK(again->packet.layer == 0);
    CHECK(again->packet.sequence == first->packet.sequence - 2);
    CHECK(again->packet.about.picture_id == 0x23);
    CHECK(again->packet.payload.size() == 4);
    CHECK_FALSE(line.receive({.ssrc = 30, .sequence = 8, .type = kVp8PayloadType + 1, .payload = "0027"}).has_value());
    const auto filler = line.receive({.ssrc = 10, .sequence = 41, .payload = ""});
    REQUIRE(filler.has_value());
    CHECK(filler->packet.filler);
    CHECK(filler->packet.sequence == first->packet.sequence + 1);
}

}  // namespace earshot::rtc
