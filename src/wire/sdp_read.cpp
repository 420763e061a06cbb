#include <algorithm>
#include <array>

#include "wire/sdp.hpp"
#include "wire/text_fields.hpp"

namespace earshot::wire {
namespace {

using namespace std::string_view_literals;

// An empty sentence says that all is well.
using Sentence = std::string_view;
constexpr Sentence kFine{};
constexpr std::size_t kMaxFormats = 128;
constexpr std::size_t kMaxFingerprints = 16;

bool ice_text(std::string_view text, std::size_t least) {
    constexpr auto kIceChars = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"sv;
    return text.size() >= least && text.size() <= 256 && text.find_first_not_of(kIceChars) == std::string_view::npos;
}

// RFC 8866 section 9: visible ASCII without separators.
bool is_token(std::string_view text, std::size_t most) {
    return !text.empty() && text.size() <= most && std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f && !R"("(),/:;<=>?@[\])"sv.contains(c); });
}

bool hex_pairs(std::string_view text) {
    const auto hex = [](char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F'); };
    if (text.empty() || text.size() % 3 != 2 || text.size() > 64 * 3) return false;
    for (std::size_t i = 0; i < text.size(); ++i)
        if (i % 3 == 2 ? text[i] != ':' : !hex(text[i])) return false;
    return true;
}

std::string mapped(std::string_view text, char from, char to, int shift) {
    std::string out(text);
    for (auto& c : out)
        if (c >= from && c <= to) c = static_cast<char>(c + shift);
    return out;
}

std::optional<std::uint8_t> payload_type(std::string_view text) {
    const auto number = whole_number<std::uint8_t>(text);
    return number && *number < 128 ? number : std::nullopt;
}

std::optional<Direction> direction_of(std::string_view text) {
    for (const auto d : {Direction::kSendRecv, Direction::kSendOnly, Direction::kRecvOnly, Direction::kInactive})
        if (name(d) == text) return d;
    return std::nullopt;
}

std::vector<std::string> words(std::string_view text) {
    std::vector<std::string> out;
    for (auto word = take_word(text); !word.empty(); word = take_word(text)) out.emplace_back(word);
    return out;
}

class Reader {
public:
    std::expected<SessionDescription, SdpError> read(std::string_view text) {
        if (text.size() > kMaxSdpSize) return std::unexpected(SdpError{0, "The description is larger than 64 KiB."});
        while (!text.empty()) {
            ++line_;
            auto line = take_until(text, '\n');
            if (line.ends_with('\r')) line.remove_suffix(1);
            if (line.empty()) continue;
            if (const auto wrong = read_line(line); !wrong.empty()) return std::unexpected(SdpError{line_, std::string(wrong)});
        }
        if (!seen_version_) return std::unexpected(SdpError{0, "There is no description here: v=0 is missing."});
        return std::move(out_);
    }

private:
    Sentence read_line(std::string_view line) {
        if (line_ > kMaxSdpLines) return "The description has more than 4096 lines.";
        if (line.size() > kMaxSdpLine) return "The line is longer than 4096 bytes.";
        if (line.size() < 2 || line[1] != '=' || line[0] < 'a' || line[0] > 'z') return "A line must begin with a letter and '='.";
        if (std::any_of(line.begin(), line.end(), [](char c) { return (c >= 0 && c < 0x20 && c != '\t') || c == 0x7f; })) return "The line holds a control character.";
        if (!seen_version_ && line[0] != 'v') return "A description begins with v=0.";
        const auto value = line.substr(2);
        switch (line[0]) {
            case 'v': return version(value);
            case 'o': return origin(value);
            case 'm': return media_line(value);
            case 'a': return attribute(value);
            default: return kFine;  // names, times, bandwidth and connection lines say nothing to WebRTC
        }
    }

    Sentence version(std::string_view value) {
        if (value != "0" || seen_version_) return "The version must be 0, and stand once.";
        seen_version_ = true;
        return kFine;
    }

    Sentence origin(std::string_view value) {
        out_.username = take_word(value);
        const auto id = whole_number<std::uint64_t>(take_word(value));
        const auto version = whole_number<std::uint64_t>(take_word(value));
        if (out_.username.empty() || !id || !version) return "The origin must have a name, an id and a version.";
        out_.id = *id;
        out_.version = *version;
        return kFine;
    }

    Sentence media_line(std::string_view value) {
        if (out_.media.size() == kMaxSdpMedia) return "The description has more than 64 media lines.";
        MediaDescription m;
        m.kind = take_word(value);
        auto port_text = take_word(value);
        const auto port = whole_number<std::uint16_t>(take_until(port_text, '/'));
        m.protocol = take_word(value);
        m.formats = words(value);
        if (!is_token(m.kind, 32) || !port || m.protocol.empty() || m.protocol.size() > 64) return "The media line lacks a kind, a port or a protocol.";
        if (m.formats.empty() || m.formats.size() > kMaxFormats) return "The media line must name 1 to 128 formats.";
        const bool rtp = m.protocol.find("RTP/") != std::string::npos;
        if (rtp && !std::all_of(m.formats.begin(), m.formats.end(), [](const auto& f) { return payload_type(f).has_value(); })) return "A payload type is not a number from 0 to 127.";
        m.port = *port;
        out_.media.push_back(std::move(m));
        return kFine;
    }

    // --- attributes ---
    using Handler = Sentence (Reader::*)(std::string_view value);
    struct Row {
        std::string_view name;
        Handler handler;
        bool media_only;
    };
    static const Row kRows[];

    Sentence attribute(std::string_view value) {
        const auto attribute_name = take_until(value, ':');
        if (const auto d = direction_of(attribute_name)) return direction(*d);
        for (const auto* row = kRows; !row->name.empty(); ++row)
            if (row->name == attribute_name) return row->media_only && out_.media.empty() ? kFine : (this->*row->handler)(value);
        return kFine;
    }

    MediaDescription& media() { return out_.media.back(); }
    SdpTransport& transport() { return out_.media.empty() ? out_.transport : media().transport; }

    Sentence direction(Direction d) {
        (out_.media.empty() ? out_.direction : media().direction) = d;
        return kFine;
    }
    Sentence ufrag(std::string_view value) {
        if (!ice_text(value, 4)) return "ice-ufrag must be 4 to 256 letters, digits, '+' or '/'.";
        transport().ufrag = value;
        return kFine;
    }
    Sentence password(std::string_view value) {
        if (!ice_text(value, 22)) return "ice-pwd must be 22 to 256 letters, digits, '+' or '/'.";
        transport().password = value;
        return kFine;
    }
    Sentence ice_options(std::string_view value) {
        transport().ice_options = words(value);
        return kFine;
    }
    Sentence ice_lite(std::string_view) {
        if (out_.media.empty()) out_.ice_lite = true;
        return kFine;
    }
    Sentence fingerprint(std::string_view value) {
        SdpFingerprint f{mapped(take_word(value), 'A', 'Z', 32), mapped(take_word(value), 'a', 'z', -32)};
        if (!is_token(f.algorithm, 32) || !hex_pairs(f.value)) return "A fingerprint is the name of a hash and pairs of hexadecimal digits.";
        if (transport().fingerprints.size() == kMaxFingerprints) return "There are more than 16 fingerprints.";
        transport().fingerprints.push_back(std::move(f));
        return kFine;
    }
    Sentence setup(std::string_view value) {
        constexpr std::array kSetups{"actpass"sv, "active"sv, "passive"sv, "holdconn"sv};
        const auto at = std::find(kSetups.begin(), kSetups.end(), value);
        if (at == kSetups.end()) return "setup must be actpass, active, passive or holdconn.";
        transport().setup = static_cast<Setup>(at - kSetups.begin());
        return kFine;
    }
    Sentence group(std::string_view value) {
        if (!out_.media.empty()) return kFine;
        SdpGroup g{std::string(take_word(value)), words(value)};
        if (g.semantics.empty() || out_.groups.size() == 16) return "A group must have a meaning, and there may be 16.";
        out_.groups.push_back(std::move(g));
        return kFine;
    }
    Sentence msid_semantic(std::string_view value) {
        value.remove_prefix(std::min(value.size(), value.find_first_not_of(' ')));
        if (out_.media.empty()) out_.msid_semantic = value;
        return kFine;
    }
    Sentence allow_mixed(std::string_view) {
        (out_.media.empty() ? out_.extmap_allow_mixed : media().extmap_allow_mixed) = true;
        return kFine;
    }
    Sentence mid(std::string_view value) {
        if (!is_token(value, 32)) return "mid must be 1 to 32 visible characters.";
        if (std::any_of(out_.media.begin(), out_.media.end() - 1, [&](const auto& m) { return m.mid == value; })) return "Two media lines have the same mid.";
        media().mid = value;
        return kFine;
    }
    Sentence rtcp_mux(std::string_view) { return flag(media().rtcp_mux); }
    Sentence rtcp_rsize(std::string_view) { return flag(media().rtcp_reduced_size); }
    Sentence bundle_only(std::string_view) { return flag(media().bundle_only); }
    Sentence end_of_candidates(std::string_view) { return flag(media().end_of_candidates); }
    static Sentence flag(bool& field) {
        field = true;
        return kFine;
    }
    Sentence candidate(std::string_view value) {
        auto c = parse_candidate(value);
        if (c && media().candidates.size() < kMaxSdpCandidates) media().candidates.push_back(std::move(*c));
        return kFine;
    }
    Sentence rtpmap(std::string_view value) {
        const auto type = payload_type(take_word(value));
        auto codec = take_word(value);
        const auto encoding = take_until(codec, '/');
        const auto rate = whole_number<std::uint32_t>(take_until(codec, '/'));
        const auto channels = codec.empty() ? std::optional<std::uint8_t>{1} : whole_number<std::uint8_t>(codec);
        if (!type || !is_token(encoding, 64) || !rate || !channels || *channels == 0) return "An rtpmap is a payload type, a name and a clock rate.";
        media().rtpmaps.push_back({*type, std::string(encoding), *rate, *channels});
        return kFine;
    }
    Sentence fmtp(std::string_view value) {
        const auto type = payload_type(take_word(value));
        if (!type || value.empty()) return "An fmtp is a payload type and its parameters.";
        media().fmtps.push_back({*type, std::string(value)});
        return kFine;
    }
    Sentence ssrc(std::string_view value) {
        const auto number = whole_number<std::uint32_t>(take_word(value));
        if (!number) return "An ssrc is not a number below 2^32.";
        auto& sources = media().sources;
        auto at = std::find_if(sources.begin(), sources.end(), [&](const auto& s) { return s.ssrc == *number; });
        if (at == sources.end()) {
            if (sources.size() == kMaxSdpSources) return "The media line has more than 64 sources.";
            at = sources.insert(at, SdpSource{.ssrc = *number});
        }
        const auto what = take_until(value, ':');
        if (what == "cname") at->cname = value;
        if (what == "msid") at->stream = take_word(value), at->track = take_word(value);
        return kFine;
    }
    Sentence sctp_port(std::string_view value) {
        media().sctp_port = whole_number<std::uint16_t>(value);
        return media().sctp_port ? kFine : "sctp-port is not a port.";
    }
    Sentence max_message_size(std::string_view value) {
        media().max_message_size = whole_number<std::uint32_t>(value);
        return kFine;
    }

    // --- those that are left out when broken ---
    Sentence extmap(std::string_view value) {
        auto number_text = take_word(value);
        const auto id = whole_number<std::uint8_t>(take_until(number_text, '/'));
        const auto direction = direction_of(number_text);
        const auto uri = take_word(value);
        auto& all = media().extensions;
        // Id 15 ends the one-byte form; 0 is padding (RFC 8285 section 4).
        const bool fits = id && *id != 0 && *id != 15 && (number_text.empty() || direction) && !uri.empty();
        if (fits && std::none_of(all.begin(), all.end(), [&](const auto& e) { return e.id == *id; })) all.push_back({*id, direction, std::string(uri)});
        return kFine;
    }
    Sentence rtcp_fb(std::string_view value) {
        const auto target = take_word(value);
        const auto type = payload_type(target);
        if ((type || target == "*") && !value.empty()) media().feedback.push_back({type, std::string(value)});
        return kFine;
    }
    Sentence ssrc_group(std::string_view value) {
        SdpSourceGroup g{std::string(take_word(value)), {}};
        for (auto word = take_word(value); !word.empty(); word = take_word(value)) {
            const auto number = whole_number<std::uint32_t>(word);
            if (!number || g.ssrcs.size() == 16) return kFine;
            g.ssrcs.push_back(*number);
        }
        if (!g.semantics.empty() && !g.ssrcs.empty() && media().source_groups.size() < kMaxSdpSources) media().source_groups.push_back(std::move(g));
        return kFine;
    }
    Sentence msid(std::string_view value) {
        SdpMsid m{std::string(take_word(value)), std::string(take_word(value))};
        if (!m.stream.empty() && media().msids.size() < 16) media().msids.push_back(std::move(m));
        return kFine;
    }
    Sentence rid(std::string_view value) {
        const auto id = take_word(value), way = take_word(value);
        const bool fits = is_token(id, 255) && (way == "send" || way == "recv") && media().rids.size() < 16;
        if (fits) media().rids.push_back({std::string(id), way == "send", std::string(value)});
        return kFine;
    }
    Sentence simulcast(std::string_view value) {
        for (int i = 0; i < 2; ++i) {
            const auto way = take_word(value), layers = take_word(value);
            if (way == "send") media().simulcast_send = layers;
            if (way == "recv") media().simulcast_receive = layers;
        }
        return kFine;
    }

    SessionDescription out_;
    std::size_t line_ = 0;
    bool seen_version_ = false;
};

const Reader::Row Reader::kRows[] = {
    {"candidate", &Reader::candidate, true},
    {"rtpmap", &Reader::rtpmap, true},
    {"fmtp", &Reader::fmtp, true},
    {"rtcp-fb", &Reader::rtcp_fb, true},
    {"extmap", &Reader::extmap, true},
    {"ssrc", &Reader::ssrc, true},
    {"ssrc-group", &Reader::ssrc_group, true},
    {"ice-ufrag", &Reader::ufrag, false},
    {"ice-pwd", &Reader::password, false},
    {"ice-options", &Reader::ice_options, false},
    {"ice-lite", &Reader::ice_lite, false},
    {"fingerprint", &Reader::fingerprint, false},
    {"setup", &Reader::setup, false},
    {"group", &Reader::group, false},
    {"msid-semantic", &Reader::msid_semantic, false},
    {"extmap-allow-mixed", &Reader::allow_mixed, false},
    {"mid", &Reader::mid, true},
    {"msid", &Reader::msid, true},
    {"rtcp-mux", &Reader::rtcp_mux, true},
    {"rtcp-rsize", &Reader::rtcp_rsize, true},
    {"bundle-only", &Reader::bundle_only, true},
    {"end-of-candidates", &Reader::end_of_candidates, true},
    {"rid", &Reader::rid, true},
    {"simulcast", &Reader::simulcast, true},
    {"sctp-port", &Reader::sctp_port, true},
    {"max-message-size", &Reader::max_message_size, true},
    {"", nullptr, false},
};

}  // namespace

std::expected<SessionDescription, SdpError> parse_sdp(std::string_view text) { return Reader().read(text); }

}  // namespace earshot::wire
