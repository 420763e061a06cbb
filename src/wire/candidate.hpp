// One ICE candidate as a=candidate has it (RFC 8839 section 5.1, RFC 6544 section 4.5), both ways.
#pragma once
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "base/address.hpp"

namespace earshot::wire {

enum class CandidateTransport : std::uint8_t { kUdp, kTcp };
enum class CandidateType : std::uint8_t { kHost, kServerReflexive, kPeerReflexive, kRelay };
enum class TcpType : std::uint8_t { kNone, kActive, kPassive, kSimultaneous };

struct Candidate {
    std::string foundation{};
    std::uint16_t component = 1;
    CandidateTransport transport = CandidateTransport::kUdp;
    std::uint32_t priority = 0;
    std::string address{};  // an IP address, or a name that hides one (mDNS)
    std::uint16_t port = 0;
    CandidateType type = CandidateType::kHost;
    TcpType tcp_type = TcpType::kNone;
    bool operator==(const Candidate&) const = default;

    // Null when the address is a name.
    std::optional<SocketAddress> socket_address() const;
};

// `text` begins behind "candidate:". The error is a sentence. Extensions that we do not know are skipped.
std::expected<Candidate, std::string> parse_candidate(std::string_view text);
// What stands behind "a=".
std::string write_candidate(const Candidate& candidate);

// RFC 8445 section 5.1.2.1, component 1. `preference` ranks our own addresses, higher is better. TCP ranks below
// every UDP candidate; its passive kind as RFC 6544 section 4.2 says.
std::uint32_t host_priority(CandidateTransport transport, std::uint16_t preference);
// A host candidate of ours; TCP ones are passive.
Candidate host_candidate(const SocketAddress& address, CandidateTransport transport, std::uint16_t preference = 0xffff);

}  // namespace earshot::wire
