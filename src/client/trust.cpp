#include "client/trust.hpp"

#include <fmt/format.h>

namespace earshot::client {

std::string shown_fingerprint(const std::string& hexadecimal) {
    std::string out;
    for (std::size_t i = 0; i < hexadecimal.size(); i += 2) out += fmt::format("{}{}", i == 0 ? "" : ":", hexadecimal.substr(i, 2));
    return out;
}

Verdict judge(const std::string& host, const Proof& proof, const std::string& accepted, const std::string& known, bool can_ask) {
    using Kind = Verdict::Kind;
    const auto shown = shown_fingerprint(proof.fingerprint);
    if (proof.fingerprint.empty()) return {Kind::kRefused, fmt::format("{} shows no certificate.", host)};
    if (!accepted.empty()) {
        if (proof.fingerprint == accepted) return {Kind::kTrusted, {}};
        return {Kind::kRefused, fmt::format("{} is not who you asked for: its certificate has the fingerprint {}.", host, shown)};
    }
    if (proof.verified || proof.fingerprint == known) return {Kind::kTrusted, {}};
    if (!known.empty())
        return {Kind::kRefused,
                fmt::format("THE CERTIFICATE OF {} HAS CHANGED. Somebody may be listening in between, or the server has a new one. It was {}, it is {}. If its "
                            "operator confirms the new one, run earshot again with --accept-fingerprint {}",
                            host, shown_fingerprint(known), shown, proof.fingerprint)};
    if (can_ask)
        return {Kind::kAsk, fmt::format("No authority vouches for {} ({}). The fingerprint of its certificate is\n  {}\nDoes its operator say the same?", host,
                                        proof.why, shown)};
    return {Kind::kRefused, fmt::format("No authority vouches for {} ({}). If its operator says that the fingerprint is right, add --accept-fingerprint {}",
                                        host, proof.why, proof.fingerprint)};
}

}  // namespace earshot::client
