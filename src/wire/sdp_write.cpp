#include <fmt/format.h>

#include <array>

#include "wire/sdp.hpp"

namespace earshot::wire {
namespace {

using namespace std::string_view_literals;

class Writer {
public:
    std::string write(const SessionDescription& d) {
        line("v=0");
        line("o={} {} {} IN IP4 127.0.0.1", d.username, d.id, d.version);
        line("s=-");
        line("t=0 0");
        for (const auto& g : d.groups) line("a=group:{}{}", g.semantics, joined(g.mids));
        if (d.ice_lite) line("a=ice-lite");
        if (d.extmap_allow_mixed) line("a=extmap-allow-mixed");
        if (!d.msid_semantic.empty()) line("a=msid-semantic:{}", d.msid_semantic);
        transport(d.transport);
        if (d.direction) line("a={}", name(*d.direction));
        for (const auto& m : d.media) media(m);
        return std::move(out_);
    }

private:
    template <typename... Args>
    void line(fmt::format_string<Args...> form, Args&&... args) {
        fmt::format_to(std::back_inserter(out_), form, std::forward<Args>(args)...);
        out_ += "\r\n";
    }
    static std::string joined(const std::vector<std::string>& words) {
        std::string out;
        for (const auto& word : words) (out += ' ') += word;
        return out;
    }

    void transport(const SdpTransport& t) {
        constexpr std::array kSetups{"actpass"sv, "active"sv, "passive"sv, "holdconn"sv};
        if (!t.ufrag.empty()) line("a=ice-ufrag:{}", t.ufrag);
        if (!t.password.empty()) line("a=ice-pwd:{}", t.password);
        if (!t.ice_options.empty()) line("a=ice-options:{}", std::string_view(joined(t.ice_options)).substr(1));
        for (const auto& f : t.fingerprints) line("a=fingerprint:{} {}", f.algorithm, f.value);
        if (t.setup) line("a=setup:{}", kSetups[static_cast<std::size_t>(*t.setup)]);
    }

    void media(const MediaDescription& m) {
        line("m={} {} {}{}", m.kind, m.port, m.protocol, joined(m.formats));
        line("c=IN IP4 0.0.0.0");
        if (!m.mid.empty()) line("a=mid:{}", m.mid);
        if (m.bundle_only) line("a=bundle-only");
        transport(m.transport);
        if (m.direction) line("a={}", name(*m.direction));
        if (m.extmap_allow_mixed) line("a=extmap-allow-mixed");
        for (const auto& e : m.extensions) line("a=extmap:{}{}{} {}", e.id, e.direction ? "/" : "", e.direction ? name(*e.direction) : "", e.uri);
        for (const auto& id : m.msids) line("a=msid:{}{}{}", id.stream, id.track.empty() ? "" : " ", id.track);
        if (m.rtcp_mux) line("a=rtcp-mux");
        if (m.rtcp_reduced_size) line("a=rtcp-rsize");
        codecs(m);
        layers(m);
        sources(m);
        if (m.sctp_port) line("a=sctp-port:{}", *m.sctp_port);
        if (m.max_message_size) line("a=max-message-size:{}", *m.max_message_size);
        for (const auto& c : m.candidates) line("a={}", write_candidate(c));
        if (m.end_of_candidates) line("a=end-of-candidates");
    }

    void codecs(const MediaDescription& m) {
        for (const auto& r : m.rtpmaps) line("a=rtpmap:{} {}/{}{}", r.payload_type, r.encoding, r.clock_rate, r.channels > 1 ? fmt::format("/{}", r.channels) : "");
        for (const auto& f : m.fmtps) line("a=fmtp:{} {}", f.payload_type, f.text);
        for (const auto& f : m.feedback) line("a=rtcp-fb:{} {}", f.payload_type ? fmt::format("{}", *f.payload_type) : "*", f.text);
    }

    void layers(const MediaDescription& m) {
        for (const auto& r : m.rids) line("a=rid:{} {}{}{}", r.id, r.send ? "send" : "recv", r.restrictions.empty() ? "" : " ", r.restrictions);
        if (m.simulcast_send.empty() && m.simulcast_receive.empty()) return;
        const auto send = m.simulcast_send.empty() ? std::string{} : "send " + m.simulcast_send;
        const auto receive = m.simulcast_receive.empty() ? std::string{} : "recv " + m.simulcast_receive;
        line("a=simulcast:{}{}{}", send, send.empty() || receive.empty() ? "" : " ", receive);
    }

    void sources(const MediaDescription& m) {
        for (const auto& g : m.source_groups) {
            std::string ssrcs;
            for (const auto ssrc : g.ssrcs) ssrcs += fmt::format(" {}", ssrc);
            line("a=ssrc-group:{}{}", g.semantics, ssrcs);
        }
        for (const auto& s : m.sources) {
            // A source without a name is still a source.
            if (!s.cname.empty() || s.stream.empty()) line("a=ssrc:{} cname:{}", s.ssrc, s.cname);
            if (!s.stream.empty()) line("a=ssrc:{} msid:{}{}{}", s.ssrc, s.stream, s.track.empty() ? "" : " ", s.track);
        }
    }

    std::string out_;
};

}  // namespace

std::string write_sdp(const SessionDescription& description) { return Writer().write(description); }

}  // namespace earshot::wire
