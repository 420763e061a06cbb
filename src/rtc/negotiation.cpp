#include "rtc/negotiation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace earshot::rtc {
namespace {

using wire::Direction;
using wire::MediaDescription;
using wire::SessionDescription;
using wire::Setup;

constexpr std::string_view kOpusParameters = "minptime=10;useinbandfec=1";
constexpr std::size_t kMaxSourcesOfMic = 8;

// Where RED stands among a line's formats. A browser sends the first of them; where it receives, it takes what comes.
enum class RedPlace : std::uint8_t { kNone, kFirst, kLast };

template <typename... Args>
std::unexpected<std::string> refuse(fmt::format_string<Args...> form, Args&&... args) {
    return std::unexpected(fmt::format(form, std::forward<Args>(args)...));
}

// --- reading ---

std::optional<crypto::Fingerprint> sha256_value(std::string_view text) {
    crypto::Fingerprint out{};
    if (text.size() != out.size() * 3 - 1) return std::nullopt;
    const auto digit = [](char c) { return static_cast<std::uint8_t>(c <= '9' ? c - '0' : c - 'A' + 10); };
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<std::uint8_t>(digit(text[i * 3]) << 4 | digit(text[i * 3 + 1]));
    return out;
}

// Several may be offered, with several hashes (RFC 8122 section 5): all of the one hash that we compare.
std::expected<std::vector<crypto::Fingerprint>, std::string> sha256_of(const std::vector<wire::SdpFingerprint>& all) {
    std::vector<crypto::Fingerprint> out;
    std::string others;
    for (const auto& f : all) {
        if (f.algorithm != "sha-256") {
            others += (others.empty() ? "" : ", ") + f.algorithm;
        } else if (const auto value = sha256_value(f.value)) {
            out.push_back(*value);
        } else {
            return refuse("A sha-256 fingerprint does not have 32 bytes.");
        }
    }
    if (!out.empty()) return out;
    if (others.empty()) return refuse("There is no certificate fingerprint.");
    return refuse("There is no sha-256 fingerprint, only {}.", others);
}

// What all bundled lines share: it stands in the first of them (RFC 8843 section 7.1).
struct Transport {
    std::string ufrag, pwd;
    std::vector<crypto::Fingerprint> fingerprints;
    Setup setup = Setup::kActpass;
};
std::expected<Transport, std::string> transport_of(const SessionDescription& d, const MediaDescription& tagged, Setup by_default) {
    Transport out{std::string(d.ufrag_of(tagged)), std::string(d.password_of(tagged)), {}, d.setup_of(tagged).value_or(by_default)};
    if (out.ufrag.empty() || out.pwd.empty()) return refuse("The ICE name or password (ice-ufrag, ice-pwd) is missing.");
    auto fingerprints = sha256_of(d.fingerprints_of(tagged));
    if (!fingerprints) return std::unexpected(std::move(fingerprints.error()));
    out.fingerprints = std::move(*fingerprints);
    return out;
}

bool bundled(const SessionDescription& d, const MediaDescription& m) {
    const auto* group = d.bundle();
    return group && std::find(group->mids.begin(), group->mids.end(), m.mid) != group->mids.end();
}

// The payload type of stereo-declared Opus (RFC 7587 section 7 has no other form), 0 when the line does not list it.
std::uint8_t opus_of(const MediaDescription& m) {
    for (const auto& r : m.rtpmaps) {
        const bool opus = r.clock_rate == 48000 && r.channels == 2 && (r.encoding == "opus" || r.encoding == "OPUS" || r.encoding == "Opus");
        if (opus && std::find(m.formats.begin(), m.formats.end(), std::to_string(r.payload_type)) != m.formats.end()) return r.payload_type;
    }
    return 0;
}

// The payload type of RED for Opus (RFC 2198), 0 when the line does not list it.
std::uint8_t red_of(const MediaDescription& m) {
    for (const auto& r : m.rtpmaps) {
        const bool red = r.clock_rate == 48000 && r.channels == 2 && r.encoding == "red";
        if (red && std::find(m.formats.begin(), m.formats.end(), std::to_string(r.payload_type)) != m.formats.end()) return r.payload_type;
    }
    return 0;
}

// A 1..14 id, so that the one-byte form can carry it.
std::uint8_t extension_of(const MediaDescription& m, std::string_view uri) {
    const auto id = m.extension(uri);
    return id <= 14 ? id : std::uint8_t{0};
}

std::vector<std::uint32_t> ssrcs_of(const MediaDescription& m) {
    std::vector<std::uint32_t> out;
    for (const auto& s : m.sources)
        if (out.size() < kMaxSourcesOfMic) out.push_back(s.ssrc);
    return out;
}

// --- writing ---

wire::SdpTransport transport_text(const std::string& ufrag, const std::string& pwd, const crypto::Fingerprint& fingerprint, Setup setup) {
    return {.ufrag = ufrag, .password = pwd, .ice_options = {}, .fingerprints = {{"sha-256", crypto::fingerprint_text(fingerprint)}}, .setup = setup};
}

void add_red(MediaDescription& m, std::uint8_t red, std::uint8_t opus, RedPlace place) {
    if (red == 0 || place == RedPlace::kNone) return;
    const auto at = place == RedPlace::kFirst ? m.formats.begin() : m.formats.end();
    m.formats.insert(at, std::to_string(red));
    m.rtpmaps.push_back({red, "red", 48000, 2});
    m.fmtps.push_back({red, fmt::format("{}/{}", opus, opus)});
}

MediaDescription opus_line(std::string mid, Direction direction, std::uint8_t payload_type) {
    MediaDescription m;
    m.kind = "audio";
    m.formats = {std::to_string(payload_type)};
    m.mid = std::move(mid);
    m.direction = direction;
    m.rtpmaps = {{payload_type, "opus", 48000, 2}};
    m.fmtps = {{payload_type, std::string(kOpusParameters)}};
    m.rtcp_mux = m.rtcp_reduced_size = true;
    return m;
}

void add_extensions(MediaDescription& m, std::uint8_t level, std::uint8_t mid) {
    if (level != 0) m.extensions.push_back({level, {}, std::string(kLevelUri)});
    if (mid != 0) m.extensions.push_back({mid, {}, std::string(kMidUri)});
}

void add_slot(MediaDescription& m, std::size_t slot, std::uint32_t ssrc, const std::string& cname) {
    const auto stream = fmt::format("slot-{}", slot);
    m.msids = {{stream, stream}};
    m.sources = {{ssrc, cname, stream, stream}};
}

// Candidates are said once, in the line that the bundle lives on.
void add_candidates(MediaDescription& m, const std::vector<wire::Candidate>& candidates) {
    m.candidates = candidates;
    m.end_of_candidates = true;
}

// RFC 8829 section 5.3.1: the rejected line keeps its place, mid and a format of the offer.
MediaDescription rejected_line(const MediaDescription& offered) {
    MediaDescription m;
    m.kind = offered.kind;
    m.port = 0;
    m.protocol = offered.protocol;
    m.formats = {offered.formats.front()};
    m.mid = offered.mid;
    m.direction = Direction::kInactive;
    return m;
}

SessionDescription session(std::uint64_t id, std::uint64_t version) {
    SessionDescription d;
    d.id = id;
    d.version = version;
    d.msid_semantic = "WMS *";
    return d;
}

// Where both want it to go: we send only where he receives and we can, and the other way round.
Direction direction_from(bool send, bool receive) {
    return send && receive ? Direction::kSendRecv : send ? Direction::kSendOnly : receive ? Direction::kRecvOnly : Direction::kInactive;
}

bool is_video_line(const MediaDescription& m) {
    for (std::size_t line = 0; line < kVideoLines; ++line)
        if (m.kind == "video" && m.mid == video_mid(line)) return true;
    return false;
}

// Answers every line of an offer; `line` makes the usable ones, `video` those of a server of ours, where they are wanted.
template <typename Line>
std::string answer_lines(SessionDescription d, const RemoteOffer& offer, Line line, const wire::SdpTransport* video = nullptr) {
    wire::SdpGroup bundle{"BUNDLE", {}};
    for (std::size_t i = 0; i < offer.lines.size(); ++i) {
        const auto& offered = offer.lines[i];
        const auto& described = offer.description.media[i];
        if (!offered.usable && video && is_video_line(described)) {
            d.media.push_back(answer_video_line(described));
            d.media.back().transport = *video;
            bundle.mids.push_back(offered.mid);
            continue;
        }
        if (!offered.usable) {
            d.media.push_back(rejected_line(described));
            continue;
        }
        d.media.push_back(line(i));
        add_extensions(d.media.back(), offered.level_extension, offered.mid_extension);
        if (!offered.mid.empty()) bundle.mids.push_back(offered.mid);
    }
    if (offer.description.bundle()) d.groups = {std::move(bundle)};
    return wire::write_sdp(d);
}

}  // namespace

std::string make_offer(const LocalDescription& local) {
    auto d = session(local.session_id, local.session_version);
    d.ice_lite = true;
    wire::SdpGroup bundle{"BUNDLE", {}};
    for (std::size_t i = 0; i <= local.slot_ssrcs.size(); ++i) {
        auto m = opus_line(std::to_string(i), i == 0 ? Direction::kRecvOnly : Direction::kSendOnly, kOpusPayloadType);
        m.transport = transport_text(local.ufrag, local.pwd, local.fingerprint, Setup::kActpass);
        add_red(m, kRedPayloadType, kOpusPayloadType, i == 0 ? RedPlace::kFirst : RedPlace::kLast);
        add_extensions(m, kLevelExtension, kMidExtension);
        if (i == 0) add_candidates(m, local.candidates);
        else add_slot(m, i - 1, local.slot_ssrcs[i - 1], local.cname);
        bundle.mids.push_back(m.mid);
        d.media.push_back(std::move(m));
    }
    if (local.video) {
        for (auto& m : video_lines(*local.video, local.cname, kMidExtension)) {
            m.transport = transport_text(local.ufrag, local.pwd, local.fingerprint, Setup::kActpass);
            bundle.mids.push_back(m.mid);
            d.media.push_back(std::move(m));
        }
    }
    d.groups = {std::move(bundle)};
    return wire::write_sdp(d);
}

namespace {

// Checks one answered line against the rules that hold for all; gives whether it is in use.
std::expected<bool, std::string> in_use(const SessionDescription& d, std::size_t index) {
    const auto& m = d.media[index];
    if (m.kind != "audio" || m.mid != std::to_string(index)) return refuse("Media line {} must be audio with mid {}, as it was offered.", index + 1, index);
    if (m.rejected() || !bundled(d, m)) return false;
    if (!m.rtcp_mux) return refuse("Media line {} does not agree to rtcp-mux.", index + 1);
    const auto opus = opus_of(m);
    if (opus != 0 && opus != kOpusPayloadType) return refuse("Media line {} gives Opus the payload type {}; it was offered as {}.", index + 1, opus, kOpusPayloadType);
    return opus != 0;
}

// We are ICE-lite and never begin anything (RFC 8842 section 5.3): he must be the DTLS client.
std::expected<void, std::string> check_setup(const SessionDescription& d, Setup setup) {
    if (d.ice_lite) return refuse("Both sides are ICE-lite, so nobody would check the paths.");
    if (setup == Setup::kPassive) return refuse("The answer says setup:passive, but this server waits for the DTLS handshake: answer setup:active.");
    if (setup == Setup::kHoldConnection) return refuse("The answer says setup:holdconn; there would be no connection.");
    return {};
}

void take_mic(const SessionDescription& d, const MediaDescription& m, RemoteDescription& out) {
    if (!wire::sends(d.direction_of(m))) return;
    out.mic_mid = m.mid;
    out.mic_red = red_of(m) == kRedPayloadType;
    out.mic_ssrcs = ssrcs_of(m);
    // An id that is not the offered one agrees to nothing (RFC 8285 section 6).
    out.level_extension = m.extension(kLevelUri) == kLevelExtension ? kLevelExtension : std::uint8_t{0};
    out.mid_extension = m.extension(kMidUri) == kMidExtension ? kMidExtension : std::uint8_t{0};
}

}  // namespace

std::expected<RemoteDescription, std::string> read_answer(const LocalDescription& local, std::string_view sdp) {
    const auto d = wire::parse_sdp(sdp);
    if (!d) return std::unexpected(wire::text(d.error()));
    const std::size_t audio_lines = local.slot_ssrcs.size() + 1, lines = audio_lines + (local.video ? kVideoLines : 0);
    if (d->media.size() != lines) return refuse("The answer has {} media lines; the offer had {}.", d->media.size(), lines);
    RemoteDescription out;
    out.opus_payload_type = kOpusPayloadType;
    const MediaDescription* tagged = nullptr;
    std::optional<bool> slots_red;  // of all that he takes
    for (std::size_t i = 0; i < audio_lines; ++i) {
        const auto& m = d->media[i];
        const auto used = in_use(*d, i);
        if (!used) return std::unexpected(used.error());
        if (*used && !tagged) tagged = &m;
        if (i == 0 && *used) take_mic(*d, m, out);
        if (i == 0) continue;
        out.accepted_slots.push_back(*used && wire::receives(d->direction_of(m)));
        if (out.accepted_slots.back()) slots_red = slots_red.value_or(true) && red_of(m) == kRedPayloadType;
    }
    out.slots_red = slots_red.value_or(false);
    if (!tagged) return refuse("The answer accepts no media line with Opus in one bundle.");
    if (local.video) out.video.emplace();
    for (std::size_t i = audio_lines; i < lines; ++i) {
        const auto& m = d->media[i];
        const bool used = !m.rejected() && bundled(*d, m);
        if (auto read = read_video_line(m, d->direction_of(m), i - audio_lines, used, *out.video); !read) return std::unexpected(std::move(read.error()));
    }
    auto transport = transport_of(*d, *tagged, Setup::kActive);
    if (!transport) return std::unexpected(std::move(transport.error()));
    if (auto fine = check_setup(*d, transport->setup); !fine) return std::unexpected(std::move(fine.error()));
    out.ufrag = std::move(transport->ufrag);
    out.pwd = std::move(transport->pwd);
    out.fingerprints = std::move(transport->fingerprints);
    return out;
}

namespace {

// Without a bundle only one line can be had on the one transport.
OfferedLine offered_line(const SessionDescription& d, const MediaDescription& m, bool have_one) {
    OfferedLine line;
    line.mid = m.mid;
    line.direction = d.direction_of(m);
    line.opus_payload_type = opus_of(m);
    line.red_payload_type = red_of(m);
    const bool on_transport = d.bundle() ? bundled(d, m) : !have_one;
    line.usable = m.kind == "audio" && line.opus_payload_type != 0 && m.rtcp_mux && !m.rejected() && on_transport;
    line.level_extension = extension_of(m, kLevelUri);
    line.mid_extension = extension_of(m, kMidUri);
    line.ssrcs = ssrcs_of(m);
    return line;
}

// The line that carries the bundle's transport: its first that is not rejected (bundle-only lines carry none of their own).
const MediaDescription* tagged_line(const SessionDescription& d, const RemoteOffer& offer) {
    for (const auto& m : d.media)
        if (m.port != 0 && bundled(d, m)) return &m;
    for (std::size_t i = 0; i < d.media.size(); ++i)
        if (offer.lines[i].usable) return &d.media[i];
    return nullptr;
}

}  // namespace

std::expected<RemoteOffer, std::string> read_offer(std::string_view sdp) {
    auto d = wire::parse_sdp(sdp);
    if (!d) return std::unexpected(wire::text(d.error()));
    RemoteOffer out;
    bool have_one = false;
    for (const auto& m : d->media) {
        const auto index = out.lines.size();
        auto line = offered_line(*d, m, have_one);
        have_one = have_one || line.usable;
        if (line.usable && wire::receives(line.direction) && !out.mic) out.mic = index;
        if (line.usable && wire::sends(line.direction)) {
            out.slots.push_back(index);
            out.slot_ssrcs.push_back(line.ssrcs.empty() ? 0 : line.ssrcs.front());
        }
        out.lines.push_back(std::move(line));
        const bool video_slot = is_video_line(m) && wire::sends(d->direction_of(m)) && !m.sources.empty();
        if (video_slot) out.video_ssrcs.push_back(m.sources.front().ssrc);
    }
    if (!have_one) return refuse("The offer has no audio line with Opus and rtcp-mux.");
    const auto* tagged = tagged_line(*d, out);
    auto transport = transport_of(*d, *tagged, Setup::kActpass);
    if (!transport) return std::unexpected(std::move(transport.error()));
    out.ufrag = std::move(transport->ufrag);
    out.pwd = std::move(transport->pwd);
    out.fingerprints = std::move(transport->fingerprints);
    out.candidates = tagged->candidates;
    out.ice_lite = d->ice_lite;
    out.description = std::move(*d);
    return out;
}

std::string make_answer(const RemoteOffer& offer, const LocalAnswer& local) {
    auto d = session(local.session_id, local.session_version);
    const auto transport = transport_text(local.ufrag, local.pwd, local.fingerprint, Setup::kActive);
    const auto line = [&](std::size_t i) {
        const auto& offered = offer.lines[i];
        const bool speaks = offer.mic == i && local.mic_ssrc != 0;
        auto m = opus_line(offered.mid, direction_from(speaks, wire::sends(offered.direction)), offered.opus_payload_type);
        m.transport = transport;
        m.transport.ice_options = {"trickle"};
        if (local.red) add_red(m, offered.red_payload_type, offered.opus_payload_type, RedPlace::kLast);
        if (!speaks) return m;
        m.msids = {{"microphone", "microphone"}};
        m.sources = {{local.mic_ssrc, local.cname, "microphone", "microphone"}};
        return m;
    };
    return answer_lines(std::move(d), offer, line, local.video ? &transport : nullptr);
}

std::string make_answer_to_browser_offer(const RemoteOffer& offer, const LocalDescription& local) {
    auto d = session(local.session_id, local.session_version);
    d.ice_lite = true;
    std::size_t slot = 0;
    bool first = true;
    return answer_lines(std::move(d), offer, [&](std::size_t i) {
        const auto& offered = offer.lines[i];
        const bool send = wire::receives(offered.direction) && slot < local.slot_ssrcs.size();
        auto m = opus_line(offered.mid, direction_from(send, wire::sends(offered.direction)), offered.opus_payload_type);
        m.transport = transport_text(local.ufrag, local.pwd, local.fingerprint, Setup::kPassive);
        if (std::exchange(first, false)) add_candidates(m, local.candidates);
        if (send) {
            add_slot(m, slot, local.slot_ssrcs[slot], local.cname);
            ++slot;
        }
        return m;
    });
}

}  // namespace earshot::rtc
