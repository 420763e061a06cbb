#include "rtc/video_lines.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <iterator>

#include "rtc/negotiation.hpp"

namespace earshot::rtc {
namespace {

using wire::Direction;

LocalDescription server() {
    LocalDescription out{.ufrag = "1+serverAB", .pwd = "passwordOfTheServer1234/", .session_id = 9, .session_version = 2, .cname = "house"};
    for (std::uint32_t i = 0; i < 8; ++i) out.slot_ssrcs.push_back(1000 + i);
    out.video.emplace();
    for (std::uint32_t i = 0; i < kVideoSlots; ++i) {
        out.video->slot_ssrcs.push_back(2000 + i);
        out.video->repair_ssrcs.push_back(3000 + i);
    }
    return out;
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
    REQUIRE(text.find(from) != std::string::npos);
    for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) text.replace(at, from.size(), to);
    return text;
}

std::string answer(bool video) {
    const auto offer = read_offer(make_offer(server()));
    REQUIRE(offer.has_value());
    return make_answer(*offer, {.ufrag = "Me12", .pwd = "passwordOfTheBrowser+++1", .mic_ssrc = 77, .cname = "me", .session_id = 5, .video = video});
}

}  // namespace

TEST_CASE("the offer has a camera of three encodings, a share and 27 slots behind the voices") {
    const auto text = make_offer(server());
    CHECK(text.size() < 48 * 1024);
    const auto d = wire::parse_sdp(text).value();
    REQUIRE(d.media.size() == 9 + kVideoLines);
    CHECK(d.bundle()->mids.size() == d.media.size());
    const auto& camera = d.media[9];
    CHECK(camera.mid == "cam");
    CHECK(d.direction_of(camera) == Direction::kRecvOnly);
    CHECK(camera.simulcast_receive == "q;h;f");
    REQUIRE(camera.rids.size() == 3);
    CHECK_FALSE(camera.rids[0].send);
    CHECK(camera.extension(kRidUri) == kRidExtension);
    CHECK(camera.extension(kMidUri) == kMidExtension);
    CHECK(camera.sources.empty());
    CHECK(d.media[10].mid == "share");
    CHECK(d.media[10].rids.empty());
    const auto& slot = d.media[11];
    CHECK(slot.mid == "v0");
    CHECK(d.direction_of(slot) == Direction::kSendOnly);
    REQUIRE(slot.sources.size() == 2);
    CHECK(slot.sources[0].ssrc == 2000);
    REQUIRE(slot.source_groups.size() == 1);
    CHECK(slot.source_groups[0].ssrcs == std::vector<std::uint32_t>{2000, 3000});
    CHECK(slot.msids[0].stream == "v0");
    CHECK(d.media.back().mid == "s1");
    CHECK(d.media.back().sources[0].ssrc == 2026);
}

TEST_CASE("an answer that takes the video says so, one that rejects it leaves the voices") {
    const auto taken = read_answer(server(), answer(true));
    REQUIRE(taken.has_value());
    REQUIRE(taken->video);
    CHECK(taken->video->camera);
    CHECK(taken->video->share);
    CHECK(taken->video->slots == (1u << kVideoSlots) - 1);
    CHECK(taken->video->codecs == 0b111);
    CHECK(taken->video->mid_extension == kMidExtension);
    CHECK(taken->video->rid_extension == kRidExtension);
    CHECK(taken->video->repaired_rid_extension == kRepairedRidExtension);
    CHECK(taken->video->retransmission);
    CHECK(read_offer(make_offer(server()))->video_ssrcs.size() == kVideoSlots);

    const auto left = read_answer(server(), answer(false));
    REQUIRE(left.has_value());
    CHECK(left->mic_mid == "0");
    REQUIRE(left->video);
    CHECK(*left->video == RemoteVideo{});
}

TEST_CASE("Chromium takes all of it, from a re-offer in a call") {
    std::ifstream in(EARSHOT_SOURCE_DIR "/tests/data/sdp/chromium-video-answer.sdp", std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    const auto read = read_answer(server(), text);
    if (!read) FAIL(read.error());
    REQUIRE(read->video);
    CHECK(read->video->camera);
    CHECK(read->video->share);
    CHECK(read->video->share_ssrcs == std::array{3587799534u, 3340537648u});
    CHECK(read->video->slots == (1u << kVideoSlots) - 1);
    CHECK(read->video->codecs == 0b111);
    CHECK(read->video->rid_extension == kRidExtension);
    CHECK(read->video->repaired_rid_extension == kRepairedRidExtension);
}

TEST_CASE("an answer to another offer is refused, one with fewer codecs or other ids agrees to less") {
    auto without = server();
    without.video.reset();
    CHECK_FALSE(read_answer(without, answer(true)).has_value());
    CHECK_FALSE(read_answer(server(), replaced(answer(true), "a=mid:v3", "a=mid:v9")).has_value());
    const auto fewer = read_answer(server(), replaced(answer(true), "H264/90000", "H265/90000"));
    REQUIRE(fewer.has_value());
    CHECK(fewer->video->codecs == 0b011);
    const auto moved = read_answer(server(), replaced(answer(true), "a=extmap:10 ", "a=extmap:9 "));
    REQUIRE(moved.has_value());
    CHECK(moved->video->rid_extension == 0);
    const auto idle = read_answer(server(), replaced(answer(true), "a=sendonly", "a=inactive"));
    REQUIRE(idle.has_value());
    CHECK_FALSE(idle->video->camera);
    CHECK(idle->video->slots != 0);
}

}  // namespace earshot::rtc
