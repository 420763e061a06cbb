#include "wire/sdp.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <iterator>

namespace earshot::wire {
namespace {

std::string captured(const std::string& file) {
    std::ifstream in(EARSHOT_SOURCE_DIR "/tests/data/sdp/" + file, std::ios::binary);
    REQUIRE(in.good());
    return {std::istreambuf_iterator<char>(in), {}};
}

SessionDescription parsed(const std::string& file) {
    const auto description = parse_sdp(captured(file));
    if (!description) FAIL(file << ": " << text(description.error()));
    return *description;
}

// A description with one audio line and these lines behind it.
std::expected<SessionDescription, SdpError> with(const std::string& lines) {
    return parse_sdp("v=0\r\no=- 1 2 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\n" + lines);
}

constexpr auto kLevel = "urn:ietf:params:rtp-hdrext:ssrc-audio-level";
constexpr auto kMid = "urn:ietf:params:rtp-hdrext:sdes:mid";
constexpr auto kTransportWide = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01";

}  // namespace

TEST_CASE("every captured description is understood and survives being written") {
    int files = 0;
    for (const auto& entry : std::filesystem::directory_iterator(EARSHOT_SOURCE_DIR "/tests/data/sdp")) {
        const auto first = parsed(entry.path().filename().string());
        CHECK(first.media.size() >= 2);
        CHECK(first.bundle() != nullptr);
        for (const auto& m : first.media) {
            CHECK_FALSE(m.rejected());
            const bool rtp = m.kind != "application";
            CHECK(m.rtcp_mux == rtp);
            CHECK((m.protocol == "UDP/TLS/RTP/SAVPF") == rtp);
            CHECK(m.rtpmaps.size() == (rtp ? m.formats.size() : 0));
            CHECK(first.fingerprints_of(m).size() == 1);
            CHECK(first.fingerprints_of(m)[0].algorithm == "sha-256");
            CHECK(first.fingerprints_of(m)[0].value.size() == 32 * 3 - 1);
            CHECK(first.ufrag_of(m).size() >= 4);
            CHECK(first.password_of(m).size() >= 22);
        }
        const auto again = parse_sdp(write_sdp(first));
        REQUIRE(again.has_value());
        CHECK(*again == first);
        ++files;
    }
    CHECK(files == 14);
}

TEST_CASE("what Chromium offers is read") {
    const auto d = parsed("chromium-plain-offer.sdp");
    CHECK(d.id == 1033745467853615023);
    CHECK(d.version == 2);
    CHECK(d.extmap_allow_mixed);
    CHECK(d.bundle()->mids == std::vector<std::string>{"0", "1"});
    REQUIRE(d.media.size() == 2);
    const auto& audio = d.media[0];
    CHECK(audio.kind == "audio");
    CHECK(audio.mid == "0");
    CHECK(audio.formats.size() == 8);
    CHECK(*audio.encoding("opus", 48000) == RtpMap{111, "opus", 48000, 2});
    CHECK(audio.fmtp(111) == "minptime=10;useinbandfec=1");
    CHECK(audio.extension(kLevel) == 1);
    CHECK(audio.extension(kTransportWide) == 3);
    CHECK(audio.extension(kMid) == 4);
    CHECK(audio.extension("no:such") == 0);
    CHECK(d.direction_of(audio) == Direction::kSendOnly);
    CHECK(d.setup_of(audio) == Setup::kActpass);
    CHECK(audio.transport.ufrag == "Nt50");
    CHECK(audio.transport.password == "HT2f3Dp9EYVl+jnXSNE2fzPY");
    CHECK(audio.transport.ice_options == std::vector<std::string>{"trickle"});
    REQUIRE(audio.sources.size() == 1);
    CHECK(audio.sources[0] == SdpSource{376263060, "B5gJCJXEGwvK2j5a", "157fbad9-6ac2-4dbd-84fe-4c112807b195", "737d676d-07d9-468e-92ad-5741d2183f7f"});
    CHECK(audio.msids.size() == 1);
    CHECK(audio.rtcp_reduced_size);
    const auto& video = d.media[1];
    CHECK(video.formats.size() == 23);
    CHECK(video.rtpmap(39)->encoding == "H264");
    CHECK(video.feedback.size() == 5 * 10);
    CHECK(video.source_groups == std::vector<SdpSourceGroup>{{"FID", {3190561258, 3048942428}}});
}

TEST_CASE("what Firefox offers is read: session fingerprint, bundle-only, extensions with a direction") {
    const auto d = parsed("firefox-simulcast-offer.sdp");
    REQUIRE(d.media.size() == 2);
    CHECK(d.direction == Direction::kSendRecv);
    CHECK(d.transport.fingerprints.size() == 1);
    CHECK(d.media[0].transport.fingerprints.empty());
    CHECK(d.media[0].encoding("OPUS", 48000)->payload_type == 109);
    CHECK(d.media[0].extension(kMid) == 3);
    CHECK(d.media[0].extensions[1].direction == Direction::kRecvOnly);
    CHECK(d.media[0].transport.ufrag == "f7e1e159");
    const auto& video = d.media[1];
    CHECK(video.port == 0);
    CHECK(video.bundle_only);
    CHECK_FALSE(video.rejected());
    CHECK(video.simulcast_send == "q;h;f");
    CHECK(video.rids == std::vector<SdpRid>{{"q", true, ""}, {"h", true, ""}, {"f", true, ""}});
    CHECK(video.sources.size() == 6);
    CHECK(video.source_groups.size() == 3);
}

TEST_CASE("what aiortc offers is read: candidates, and a transport of its own on each line") {
    const auto d = parsed("aiortc-offer.sdp");
    const auto& audio = d.media.at(0);
    CHECK(audio.port == 52798);
    REQUIRE(audio.candidates.size() == 2);
    CHECK(audio.candidates[0].socket_address() == SocketAddress::parse("192.0.2.2:52798").value());
    CHECK(audio.candidates[1].socket_address() == SocketAddress::parse("[fd00::2]:51380").value());
    CHECK(audio.candidates[0].priority == 2130706431);
    CHECK(audio.end_of_candidates);
    CHECK(audio.transport.ufrag == "r8dC");
    CHECK(d.media.at(1).transport.ufrag == "VFae");
    CHECK(audio.encoding("opus", 48000)->payload_type == 96);
}

TEST_CASE("answers are read: active, and their directions") {
    for (const auto* file : {"chromium-plain-answer.sdp", "firefox-plain-answer.sdp"}) {
        const auto d = parsed(file);
        for (const auto& m : d.media) {
            CHECK(d.setup_of(m) == Setup::kActive);
            CHECK(d.direction_of(m) == Direction::kRecvOnly);
        }
    }
    CHECK(parsed("chromium-simulcast-answer.sdp").media.at(1).kind == "video");
}

TEST_CASE("a broken line is an error with its number") {
    const std::pair<const char*, std::size_t> cases[] = {
        {"a=ice-ufrag:abc\r\n", 6},       {"a=ice-ufrag:ab:cd\r\n", 6},     {"a=mid:0\r\na=ice-pwd:short\r\n", 7},
        {"a=setup:maybe\r\n", 6},         {"a=fingerprint:sha-256 A:B\r\n", 6}, {"a=fingerprint:sha-256\r\n", 6},
        {"a=rtpmap:128 opus/48000\r\n", 6}, {"a=rtpmap:111 opus\r\n", 6},   {"a=ssrc:4294967296 cname:x\r\n", 6},
        {"a=mid:a b\r\n", 6},             {"m=audio x RTP/AVP 0\r\n", 6},   {"m=audio 9 RTP/AVP\r\n", 6},
        {"m=audio 9 RTP/AVP 128\r\n", 6}, {"hello\r\n", 6},                 {"a=x:\x01\r\n", 6},
        {"v=0\r\n", 6},                   {"a=mid:0\r\nm=audio 9 RTP/AVP 0\r\na=mid:0\r\n", 8},
    };
    for (const auto& [lines, number] : cases) {
        const auto d = with(lines);
        CAPTURE(lines);
        REQUIRE_FALSE(d.has_value());
        CHECK(d.error().line == number);
        CHECK(d.error().sentence.ends_with('.'));
    }
    CHECK_FALSE(parse_sdp("").has_value());
    CHECK(parse_sdp("o=- 1 1 IN IP4 0\r\n").error().line == 1);
}

TEST_CASE("one bad extension, candidate or feedback line costs only itself") {
    const auto d = with(
        "a=extmap:0 urn:zero\r\na=extmap:15 urn:fifteen\r\na=extmap:300 urn:large\r\na=extmap:x urn:x\r\na=extmap:3/sideways urn:y\r\na=extmap:4\r\n"
        "a=extmap:1 urn:good\r\na=extmap:1 urn:again\r\na=extmap\r\n"
        "a=candidate:1 1 udp\r\na=candidate:1 1 sctp 1 1.2.3.4 5 typ host\r\na=rtcp-fb:x nack\r\na=rid:!\r\na=simulcast:\r\na=ssrc-group:FID x\r\na=msid:\r\n"
        "a=never-heard-of:this\r\nz=0\r\nb=AS:30\r\na=mid:7");
    REQUIRE(d.has_value());
    const auto& m = d->media[0];
    CHECK(m.extensions == std::vector<ExtensionMap>{{1, {}, "urn:good"}});
    CHECK(m.candidates.empty());
    CHECK(m.feedback.empty());
    CHECK(m.rids.empty());
    CHECK(m.source_groups.empty());
    CHECK(m.msids.empty());
    CHECK(m.mid == "7");
}

TEST_CASE("port 0 rejects unless the line is bundle-only") {
    const auto head = std::string("v=0\r\nm=audio 0 UDP/TLS/RTP/SAVPF 0\r\n");
    CHECK(parse_sdp(head)->media[0].rejected());
    CHECK_FALSE(parse_sdp(head + "a=bundle-only\r\n")->media[0].rejected());
}

TEST_CASE("what is too much is refused") {
    CHECK(with(std::string(kMaxSdpSize, 'x')).error().line == 0);
    CHECK(with("a=x:" + std::string(kMaxSdpLine, 'x')).error().line == 6);
    std::string lines, sources;
    for (int i = 0; i < 5000; ++i) lines += "a=x\n";
    CHECK_FALSE(with(lines).has_value());
    std::string media;
    for (int i = 0; i < 63; ++i) media += "m=audio 9 RTP/AVP 0\r\n";
    CHECK(with(media)->media.size() == 64);
    CHECK_FALSE(with(media + "m=audio 9 RTP/AVP 0\r\n").has_value());
    for (int i = 0; i < 65; ++i) sources += fmt::format("a=ssrc:{} cname:x\r\n", i);
    CHECK_FALSE(with(sources).has_value());
    std::string candidates;
    for (int i = 0; i < 100; ++i) candidates += fmt::format("a=candidate:{} 1 udp 1 1.2.3.4 5 typ host\r\n", i);
    CHECK(with(candidates)->media[0].candidates.size() == kMaxSdpCandidates);
}

TEST_CASE("data channels are read") {
    const auto d = parse_sdp("v=0\nm=application 9 UDP/DTLS/SCTP webrtc-datachannel\na=sctp-port:5000\na=max-message-size:262144\n");
    REQUIRE(d.has_value());
    CHECK(d->media[0].sctp_port == 5000);
    CHECK(parse_sdp(write_sdp(*d)) .value() == *d);
}

TEST_CASE("candidates go out and come back the same") {
    for (const auto* line : {"1 1 udp 2130706431 192.0.2.1 8444 typ host", "f957a 1 udp 1 fd00::2 1 typ host", "a 2 udp 77 x-y.local 9 typ host",
                             "3 1 tcp 1671430143 192.0.2.1 8444 typ host tcptype passive", "3 1 tcp 1 192.0.2.1 9 typ host tcptype active"})
        CHECK(write_candidate(parse_candidate(line).value()) == std::string("candidate:") + line);
    const auto reflexive = parse_candidate("842 1 UDP 1677729535 203.0.113.1 5000 typ srflx raddr 10.0.0.1 rport 9 generation 0 ufrag ab network-cost 999");
    CHECK(reflexive->type == CandidateType::kServerReflexive);
    CHECK(parse_candidate(write_candidate(*reflexive).substr(10)) == reflexive);
    CHECK_FALSE(parse_candidate("1 1 udp 1 x-y.local 9 typ host")->socket_address().has_value());
}

TEST_CASE("broken candidates are told with a sentence") {
    for (const auto* line : {"", "1 0 udp 1 1.2.3.4 5 typ host", "1 257 udp 1 1.2.3.4 5 typ host", "1 1 dccp 1 1.2.3.4 5 typ host", "1 1 udp x 1.2.3.4 5 typ host",
                             "1 1 udp 1 1.2.3.4 65536 typ host", "1 1 udp 1 1.2.3.4 5 typ", "1 1 udp 1 1.2.3.4 5 type host", "1 1 udp -1 1.2.3.4 5 typ host",
                             "123456789012345678901234567890123 1 udp 1 1.2.3.4 5 typ host"}) {
        CAPTURE(line);
        const auto candidate = parse_candidate(line);
        REQUIRE_FALSE(candidate.has_value());
        CHECK(candidate.error().ends_with('.'));
    }
}

TEST_CASE("our own candidates rank as RFC 8445 and RFC 6544 say") {
    CHECK(host_priority(CandidateTransport::kUdp, 0xffff) == 2130706431);
    CHECK(host_priority(CandidateTransport::kTcp, 0xffff) == 1671430143);
    const auto address = SocketAddress::parse("192.0.2.1:8444").value();
    const auto udp = host_candidate(address, CandidateTransport::kUdp), tcp = host_candidate(address, CandidateTransport::kTcp);
    CHECK(udp.tcp_type == TcpType::kNone);
    CHECK(tcp.tcp_type == TcpType::kPassive);
    CHECK(udp.foundation != tcp.foundation);
    CHECK(udp.socket_address() == address);
    CHECK(parse_candidate(write_candidate(tcp).substr(10)) == tcp);
}

}  // namespace earshot::wire
