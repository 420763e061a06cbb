#include "rtc/negotiation.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

namespace earshot::rtc {
namespace {

using wire::Direction;
using wire::Setup;

std::string captured(const std::string& file) {
    std::ifstream in(EARSHOT_SOURCE_DIR "/tests/data/sdp/" + file, std::ios::binary);
    REQUIRE(in.good());
    return {std::istreambuf_iterator<char>(in), {}};
}

crypto::Fingerprint fingerprint(int seed) {
    crypto::Fingerprint out{};
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<std::uint8_t>(seed * 40 + static_cast<int>(i) * 7);
    return out;
}

LocalDescription server() {
    LocalDescription out{.ufrag = "1+serverAB", .pwd = "passwordOfTheServer1234/", .fingerprint = fingerprint(1), .session_id = 4611686018427387903, .session_version = 3, .cname = "house"};
    const auto address = SocketAddress::parse("192.0.2.9:8444").value();
    out.candidates = {wire::host_candidate(address, wire::CandidateTransport::kUdp), wire::host_candidate(address, wire::CandidateTransport::kTcp)};
    for (std::uint32_t i = 0; i < 8; ++i) out.slot_ssrcs.push_back(1000 + i);
    return out;
}

LocalAnswer browser() { return {.ufrag = "Me12", .pwd = "passwordOfTheBrowser+++1", .fingerprint = fingerprint(2), .mic_ssrc = 77, .cname = "me", .session_id = 5, .session_version = 2}; }

RemoteOffer offer_of(const std::string& sdp) {
    auto offer = read_offer(sdp);
    if (!offer) FAIL(offer.error());
    return *offer;
}

std::string honest_answer() { return make_answer(offer_of(make_offer(server())), browser()); }

std::string replaced(std::string text, const std::string& from, const std::string& to, bool everywhere = true) {
    REQUIRE(text.find(from) != std::string::npos);
    for (std::size_t at = text.find(from); at != std::string::npos; at = everywhere ? text.find(from, at + to.size()) : std::string::npos) text.replace(at, from.size(), to);
    return text;
}

std::string error_of(const std::string& answer) {
    const auto read = read_answer(server(), answer);
    REQUIRE_FALSE(read.has_value());
    return read.error();
}
bool says(const std::string& sentence, const std::string& part) {
    CAPTURE(sentence);
    return sentence.find(part) != std::string::npos && sentence.ends_with('.');
}

}  // namespace

TEST_CASE("our offer is a microphone and eight slots on one ICE-lite transport") {
    const auto sdp = make_offer(server());
    const auto d = wire::parse_sdp(sdp).value();
    CHECK(d.ice_lite);
    CHECK(d.id == 4611686018427387903);
    CHECK(d.version == 3);
    REQUIRE(d.media.size() == 9);
    CHECK(d.bundle()->mids == std::vector<std::string>{"0", "1", "2", "3", "4", "5", "6", "7", "8"});
    for (const auto& m : d.media) {
        CHECK(m.port == 9);
        CHECK(m.rtcp_mux);
        CHECK(m.rtcp_reduced_size);
        CHECK(m.transport.setup == Setup::kActpass);
        CHECK(m.transport.ufrag == "1+serverAB");
        // RED first where we receive, so that browsers send it; behind Opus where we send.
        CHECK(m.formats == (m.mid == "0" ? std::vector<std::string>{"63", "111"} : std::vector<std::string>{"111", "63"}));
        CHECK(m.fmtp(63) == "111/111");
        CHECK(m.fmtp(111) == "minptime=10;useinbandfec=1");
        CHECK(m.extension(kLevelUri) == 1);
        CHECK(m.extension(kMidUri) == 4);
        CHECK(m.extensions.size() == 2);
        CHECK(m.feedback.empty());
    }
    CHECK(d.media[0].direction == Direction::kRecvOnly);
    CHECK(d.media[0].candidates == server().candidates);
    CHECK(d.media[0].end_of_candidates);
    CHECK(d.media[0].sources.empty());
    CHECK(d.media[4].direction == Direction::kSendOnly);
    CHECK(d.media[4].sources == std::vector<wire::SdpSource>{{1003, "house", "slot-3", "slot-3"}});
    CHECK(d.media[4].msids == std::vector<wire::SdpMsid>{{"slot-3", "slot-3"}});
    CHECK(sdp.size() < 8000);
}

TEST_CASE("a client understands our offer") {
    const auto offer = offer_of(make_offer(server()));
    CHECK(offer.ice_lite);
    CHECK(offer.ufrag == server().ufrag);
    CHECK(offer.pwd == server().pwd);
    CHECK(offer.fingerprints == std::vector{fingerprint(1)});
    CHECK(offer.candidates == server().candidates);
    CHECK(offer.mic == 0u);
    CHECK(offer.slots == std::vector<std::size_t>{1, 2, 3, 4, 5, 6, 7, 8});
    CHECK(offer.slot_ssrcs == server().slot_ssrcs);
    CHECK(offer.lines[0].opus_payload_type == 111);
    CHECK(offer.lines[0].red_payload_type == 63);
    CHECK(offer.lines[8].red_payload_type == 63);
    CHECK(offer.lines[0].level_extension == 1);
    CHECK(offer.lines[0].mid_extension == 4);
}

TEST_CASE("an honest answer settles everything") {
    const auto remote = read_answer(server(), honest_answer());
    if (!remote) FAIL(remote.error());
    CHECK(remote->ufrag == "Me12");
    CHECK(remote->pwd == "passwordOfTheBrowser+++1");
    CHECK(remote->fingerprints == std::vector{fingerprint(2)});
    CHECK(remote->opus_payload_type == 111);
    CHECK(remote->level_extension == 1);
    CHECK(remote->mid_extension == 4);
    CHECK(remote->mic_mid == "0");
    CHECK(remote->mic_ssrcs == std::vector<std::uint32_t>{77});
    CHECK(remote->accepted_slots == std::vector<bool>(8, true));
    CHECK(remote->mic_red);
    CHECK(remote->slots_red);
    CHECK_FALSE(remote->listen_only());
}

TEST_CASE("RED is agreed where the answer lists it, under our number, on the microphone and on all slots that are taken") {
    auto firefox = browser();
    firefox.red = false;
    const auto without = read_answer(server(), make_answer(offer_of(make_offer(server())), firefox));
    REQUIRE(without.has_value());
    CHECK_FALSE(without->mic_red);
    CHECK_FALSE(without->slots_red);

    const std::string line = "a=rtpmap:63 red/48000/2\r\n";
    const auto no_mic = read_answer(server(), replaced(honest_answer(), line, "", false));
    REQUIRE(no_mic.has_value());
    CHECK_FALSE(no_mic->mic_red);
    CHECK(no_mic->slots_red);

    auto text = honest_answer();
    text.erase(text.rfind(line), line.size());
    const auto no_slot = read_answer(server(), text);
    REQUIRE(no_slot.has_value());
    CHECK(no_slot->mic_red);
    CHECK_FALSE(no_slot->slots_red);

    const auto renumbered = read_answer(server(), replaced(replaced(honest_answer(), "rtpmap:63", "rtpmap:64"), "SAVPF 111 63", "SAVPF 111 64"));
    REQUIRE(renumbered.has_value());
    CHECK_FALSE(renumbered->mic_red);
    CHECK_FALSE(renumbered->slots_red);
}

TEST_CASE("a client answers as browsers do: active, microphone sendonly, slots recvonly") {
    const auto d = wire::parse_sdp(honest_answer()).value();
    REQUIRE(d.media.size() == 9);
    CHECK_FALSE(d.ice_lite);
    for (const auto& m : d.media) CHECK(m.transport.setup == Setup::kActive);
    CHECK(d.media[0].direction == Direction::kSendOnly);
    CHECK(d.media[0].sources == std::vector<wire::SdpSource>{{77, "me", "microphone", "microphone"}});
    CHECK(d.media[8].direction == Direction::kRecvOnly);
    CHECK(d.media[8].sources.empty());
}

TEST_CASE("a microphone that is inactive, rejected or without Opus means listening only") {
    auto quiet = browser();
    quiet.mic_ssrc = 0;
    const auto inactive = make_answer(offer_of(make_offer(server())), quiet);
    const auto rejected = replaced(honest_answer(), "m=audio 9", "m=audio 0", false);
    const auto codecless = replaced(honest_answer(), "a=rtpmap:111 opus/48000/2\r\n", "a=rtpmap:111 pcm/8000\r\n", false);
    for (const auto& answer : {inactive, rejected, codecless}) {
        const auto remote = read_answer(server(), answer);
        if (!remote) FAIL(remote.error());
        CHECK(remote->listen_only());
        CHECK(remote->mic_ssrcs.empty());
        CHECK(remote->ufrag == "Me12");
        CHECK(remote->accepted_slots == std::vector<bool>(8, true));
    }
}

TEST_CASE("slots that are rejected, inactive or outside the bundle are not used") {
    auto d = wire::parse_sdp(honest_answer()).value();
    d.media[1].port = 0;
    d.media[3].direction = Direction::kInactive;
    d.media[8].port = 0, d.media[8].bundle_only = true;  // not a rejection
    d.groups[0].mids = {"0", "1", "2", "3", "4", "5", "6", "8"};
    const auto remote = read_answer(server(), wire::write_sdp(d));
    REQUIRE(remote.has_value());
    CHECK(remote->accepted_slots == std::vector<bool>{false, true, false, true, true, true, false, true});
}

TEST_CASE("transport attributes may stand at the session, or only in the line that carries the bundle") {
    auto d = wire::parse_sdp(honest_answer()).value();
    auto once = d;
    for (std::size_t i = 1; i < once.media.size(); ++i) once.media[i].transport = {};
    d.transport = d.media[0].transport;
    for (auto& m : d.media) m.transport = {};
    for (const auto& answer : {d, once}) {
        const auto remote = read_answer(server(), wire::write_sdp(answer));
        REQUIRE(remote.has_value());
        CHECK(remote->ufrag == "Me12");
        CHECK(remote->fingerprints == std::vector{fingerprint(2)});
    }
}

TEST_CASE("setup: actpass counts as active, passive and holdconn are refused, none is active") {
    CHECK(read_answer(server(), replaced(honest_answer(), "setup:active", "setup:actpass")).has_value());
    CHECK(read_answer(server(), replaced(honest_answer(), "a=setup:active\r\n", "")).has_value());
    CHECK(says(error_of(replaced(honest_answer(), "setup:active", "setup:passive")), "setup:passive"));
    CHECK(says(error_of(replaced(honest_answer(), "setup:active", "setup:holdconn")), "holdconn"));
    CHECK(says(error_of(replaced(honest_answer(), "s=-\r\n", "s=-\r\na=ice-lite\r\n")), "ICE-lite"));
}

TEST_CASE("all sha-256 fingerprints count, and their lack is told") {
    const auto line = "a=fingerprint:sha-256 " + crypto::fingerprint_text(fingerprint(2)) + "\r\n";
    const auto second = "a=fingerprint:SHA-256 " + crypto::fingerprint_text(fingerprint(3)) + "\r\n";
    const auto other = std::string("a=fingerprint:sha-512 AA:BB\r\n");
    CHECK(read_answer(server(), replaced(honest_answer(), line, other + line + second))->fingerprints == std::vector{fingerprint(2), fingerprint(3)});
    CHECK(says(error_of(replaced(honest_answer(), line, other)), "only sha-512"));
    CHECK(says(error_of(replaced(honest_answer(), line, "")), "no certificate fingerprint"));
    CHECK(says(error_of(replaced(honest_answer(), line, "a=fingerprint:sha-256 AA:BB\r\n")), "32 bytes"));
}

TEST_CASE("an answer that does not fit the offer is refused with a sentence") {
    auto d = wire::parse_sdp(honest_answer()).value();
    auto fewer = d, order = d, video = d, unmuxed = d, none = d;
    fewer.media.pop_back();
    std::swap(order.media[1].mid, order.media[2].mid);
    video.media[1].kind = "video";
    unmuxed.media[2].rtcp_mux = false;
    for (auto& m : none.media) m.port = 0;
    CHECK(says(error_of(wire::write_sdp(fewer)), "8 media lines"));
    CHECK(says(error_of(wire::write_sdp(order)), "mid 1"));
    CHECK(says(error_of(wire::write_sdp(video)), "must be audio"));
    CHECK(says(error_of(wire::write_sdp(unmuxed)), "rtcp-mux"));
    CHECK(says(error_of(wire::write_sdp(none)), "no media line"));
    CHECK(says(error_of(replaced(honest_answer(), "a=group:BUNDLE", "a=group:LS")), "no media line"));
    CHECK(says(error_of(replaced(replaced(honest_answer(), "SAVPF 111", "SAVPF 96"), ":111 ", ":96 ")), "payload type 96"));
    CHECK(says(error_of(replaced(honest_answer(), "a=ice-ufrag:Me12\r\n", "")), "ice-ufrag"));
    CHECK(says(error_of("v=1"), "Line 1"));
    CHECK(says(error_of(""), "v=0"));
}

TEST_CASE("an extension under another id is not agreed, and costs nothing else") {
    const auto moved = replaced(replaced(honest_answer(), "extmap:1 ", "extmap:9 "), "extmap:4 ", "extmap:nonsense ");
    const auto remote = read_answer(server(), moved);
    REQUIRE(remote.has_value());
    CHECK(remote->level_extension == 0);
    CHECK(remote->mid_extension == 0);
    CHECK(remote->mic_mid == "0");
}

TEST_CASE("every captured browser offer is answered line for line") {
    int offers = 0;
    for (const auto& entry : std::filesystem::directory_iterator(EARSHOT_SOURCE_DIR "/tests/data/sdp")) {
        const auto file = entry.path().filename().string();
        if (file.find("-offer") == std::string::npos) continue;
        CAPTURE(file);
        const auto offer = offer_of(captured(file));
        const auto d = wire::parse_sdp(make_answer_to_browser_offer(offer, server()));
        REQUIRE(d.has_value());
        CHECK(d->ice_lite);
        CHECK(d->bundle()->mids == std::vector<std::string>{"0"});
        REQUIRE(d->media.size() == offer.description.media.size());
        for (std::size_t i = 0; i < d->media.size(); ++i) {
            const auto &ours = d->media[i], &theirs = offer.description.media[i];
            CHECK(ours.mid == theirs.mid);
            CHECK(ours.kind == theirs.kind);
            CHECK(ours.protocol == theirs.protocol);
            CHECK(ours.rejected() == (theirs.kind != "audio"));
            CHECK_FALSE(ours.bundle_only);
            for (const auto& format : ours.formats) CHECK(std::find(theirs.formats.begin(), theirs.formats.end(), format) != theirs.formats.end());
            for (const auto& extension : ours.extensions) CHECK(theirs.extension(extension.uri) == extension.id);
            if (ours.rejected()) continue;
            CHECK(ours.transport.setup == Setup::kPassive);
            CHECK(ours.extensions.size() == 2);
            CHECK(ours.rtpmaps == std::vector<wire::RtpMap>{*theirs.encoding("opus", 48000)});
            CHECK(ours.candidates.size() == 2);
            CHECK(ours.rtcp_mux);
        }
        ++offers;
    }
    CHECK(offers == 7);
}

TEST_CASE("the captured offers say what their browsers meant") {
    const auto chromium = offer_of(captured("chromium-plain-offer.sdp")), firefox = offer_of(captured("firefox-plain-offer.sdp")), aiortc = offer_of(captured("aiortc-offer.sdp"));
    CHECK(chromium.lines[0].opus_payload_type == 111);
    CHECK(chromium.lines[0].mid_extension == 4);
    CHECK(chromium.lines[0].ssrcs == std::vector<std::uint32_t>{376263060});
    CHECK(chromium.ufrag == "Nt50");
    CHECK(firefox.lines[0].opus_payload_type == 109);
    CHECK(firefox.lines[0].mid_extension == 3);
    CHECK(firefox.fingerprints.size() == 1);
    CHECK_FALSE(firefox.mic.has_value());  // it only sends
    CHECK(firefox.slots == std::vector<std::size_t>{0});
    CHECK(aiortc.mic == 0u);
    CHECK(aiortc.candidates.size() == 2);
    CHECK(aiortc.lines.size() == 3);
    // A line that goes both ways gets a slot back.
    const auto d = wire::parse_sdp(make_answer_to_browser_offer(aiortc, server())).value();
    CHECK(d.media[0].direction == Direction::kSendRecv);
    CHECK(d.media[0].sources.at(0).ssrc == 1000);
    CHECK(d.media[2].formats == std::vector<std::string>{"5000"});
    CHECK(wire::parse_sdp(make_answer_to_browser_offer(chromium, server()))->media[0].direction == Direction::kRecvOnly);
}

TEST_CASE("an offer without a bundle gets its first audio line answered only") {
    auto d = wire::parse_sdp(make_offer(server())).value();
    d.groups.clear();
    const auto offer = offer_of(wire::write_sdp(d));
    CHECK(offer.lines[0].usable);
    CHECK_FALSE(offer.lines[1].usable);
    const auto answer = wire::parse_sdp(make_answer(offer, browser())).value();
    CHECK(answer.bundle() == nullptr);
    CHECK_FALSE(answer.media[0].rejected());
    CHECK(answer.media[1].rejected());
}

TEST_CASE("offers that we cannot use are refused with a sentence") {
    const auto error = [](const std::string& sdp) {
        const auto offer = read_offer(sdp);
        REQUIRE_FALSE(offer.has_value());
        return offer.error();
    };
    CHECK(says(error(replaced(captured("chromium-plain-offer.sdp"), "opus/48000/2", "opus/48000")), "no audio line"));
    CHECK(says(error(replaced(captured("chromium-plain-offer.sdp"), "a=rtcp-mux\r\n", "")), "no audio line"));
    CHECK(says(error(replaced(captured("chromium-plain-offer.sdp"), "sha-256", "sha-1")), "only sha-1"));
    CHECK(says(error("v=0\r\n"), "no audio line"));
}

}  // namespace earshot::rtc
