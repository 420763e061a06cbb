#include "wire/candidate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "wire/text_fields.hpp"

namespace earshot::wire {
namespace {

using namespace std::string_view_literals;

constexpr std::array kTypes{"host"sv, "srflx"sv, "prflx"sv, "relay"sv};
constexpr std::array kTcpTypes{""sv, "active"sv, "passive"sv, "so"sv};

template <typename E, std::size_t N>
std::optional<E> named(const std::array<std::string_view, N>& names, std::string_view text) {
    const auto at = std::find(names.begin(), names.end(), text);
    if (text.empty() || at == names.end()) return std::nullopt;
    return static_cast<E>(at - names.begin());
}

std::optional<CandidateTransport> transport_of(std::string_view text) {
    // Chromium writes lower case, RFC 8839 upper case.
    if (text == "udp" || text == "UDP") return CandidateTransport::kUdp;
    if (text == "tcp" || text == "TCP") return CandidateTransport::kTcp;
    return std::nullopt;
}

// Name and value pairs: tcptype, raddr, rport, generation, ufrag and what comes after our time.
void read_extensions(std::string_view rest, Candidate& out) {
    while (!rest.empty()) {
        const auto name = take_word(rest), value = take_word(rest);
        if (name == "tcptype") out.tcp_type = named<TcpType>(kTcpTypes, value).value_or(TcpType::kNone);
    }
}

}  // namespace

std::optional<SocketAddress> Candidate::socket_address() const {
    const auto ip = IpAddress::parse(address);
    if (!ip) return std::nullopt;
    return SocketAddress{*ip, port};
}

std::expected<Candidate, std::string> parse_candidate(std::string_view text) {
    Candidate out;
    out.foundation = take_word(text);
    const auto component = whole_number<std::uint16_t>(take_word(text));
    const auto transport = transport_of(take_word(text));
    const auto priority = whole_number<std::uint32_t>(take_word(text));
    out.address = take_word(text);
    const auto port = whole_number<std::uint16_t>(take_word(text));
    const bool typ = take_word(text) == "typ";
    const auto type = named<CandidateType>(kTypes, take_word(text));
    if (out.foundation.empty() || out.foundation.size() > 32) return std::unexpected("The candidate has no foundation of 1 to 32 characters.");
    if (!component || *component == 0 || *component > 256) return std::unexpected("The candidate's component is not a number from 1 to 256.");
    if (!transport) return std::unexpected("The candidate's transport is neither UDP nor TCP.");
    if (!priority || !port || out.address.empty()) return std::unexpected("The candidate lacks a priority, an address or a port.");
    if (!typ || !type) return std::unexpected("The candidate's type is not host, srflx, prflx or relay.");
    out.component = *component;
    out.transport = *transport;
    out.priority = *priority;
    out.port = *port;
    out.type = *type;
    read_extensions(text, out);
    return out;
}

std::string write_candidate(const Candidate& candidate) {
    auto out = fmt::format("candidate:{} {} {} {} {} {} typ {}", candidate.foundation, candidate.component, candidate.transport == CandidateTransport::kUdp ? "udp" : "tcp",
                           candidate.priority, candidate.address, candidate.port, kTypes[static_cast<std::size_t>(candidate.type)]);
    // Related addresses are not kept; a reflexive or relayed candidate must show one, so it shows none worth knowing.
    if (candidate.type != CandidateType::kHost) out += " raddr 0.0.0.0 rport 0";
    if (candidate.tcp_type != TcpType::kNone) out += fmt::format(" tcptype {}", kTcpTypes[static_cast<std::size_t>(candidate.tcp_type)]);
    return out;
}

std::uint32_t host_priority(CandidateTransport transport, std::uint16_t preference) {
    constexpr std::uint32_t kUdpType = 126, kTcpType = 99;  // 99 as browsers have it: below every UDP kind but relay
    constexpr std::uint32_t kPassiveDirection = 4;          // the top three bits of the local preference
    if (transport == CandidateTransport::kUdp) return kUdpType << 24 | std::uint32_t{preference} << 8 | 255;
    return kTcpType << 24 | (kPassiveDirection << 13 | preference >> 3) << 8 | 255;
}

Candidate host_candidate(const SocketAddress& address, CandidateTransport transport, std::uint16_t preference) {
    const bool udp = transport == CandidateTransport::kUdp;
    // Same base address and transport, same foundation (RFC 8445 section 5.1.1.3).
    const auto hash = std::hash<SocketAddress>{}({address.ip, static_cast<std::uint16_t>(udp ? 1 : 2)}) & 0xffffffff;
    return {.foundation = fmt::format("{}", hash), .transport = transport, .priority = host_priority(transport, preference),
            .address = address.ip.text(), .port = address.port, .tcp_type = udp ? TcpType::kNone : TcpType::kPassive};
}

}  // namespace earshot::wire
