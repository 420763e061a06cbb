#include "client/shell/certificate_desk.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <utility>

#include "client/trust.hpp"
#include "client/words.hpp"

namespace earshot::client {

std::optional<std::string> CertificateDesk::distrust(const io::ServerProof& proof, bool may_ask) {
    const auto host = arguments_.address.shown();
    const auto known = store_.settings().servers.find(host);
    const auto kept = known == store_.settings().servers.end() ? std::string() : known->second.fingerprint;
    const bool somebody = ::isatty(STDIN_FILENO) != 0 && ::isatty(STDERR_FILENO) != 0;
    const bool can_ask = may_ask && somebody && arguments_.input && !arguments_.json && !arguments_.plain;
    const auto verdict = judge(host, {proof.verified, proof.why, proof.fingerprint}, arguments_.accept_fingerprint, kept, can_ask);
    question_ = verdict.kind == Verdict::Kind::kAsk ? verdict.sentence : "";
    asked_about_ = proof.fingerprint;
    if (verdict.kind != Verdict::Kind::kTrusted) return verdict.sentence;
    if (!arguments_.accept_fingerprint.empty() && !proof.verified) remember(proof.fingerprint);
    return std::nullopt;
}

bool CertificateDesk::ask() {
    fmt::print(stderr, "{}\nTrust it from now on? [y/N] ", std::exchange(question_, {}));
    constexpr std::size_t kLongest = 100;
    std::string answer;
    char c = 0;
    while (answer.size() < kLongest) {
        const auto size = ::read(STDIN_FILENO, &c, 1);
        if (size < 0 && errno == EINTR) continue;
        if (size != 1 || c == '\n') break;
        answer += c;
    }
    const auto word = lowered(trimmed(answer));
    if (word != "y" && word != "yes") return false;
    remember(asked_about_);
    return true;
}

void CertificateDesk::remember(const std::string& fingerprint) {
    auto& known = store_.settings().servers[arguments_.address.shown()].fingerprint;
    if (std::exchange(known, fingerprint) == fingerprint) return;
    if (const auto fault = store_.save(); !fault.empty()) fmt::print(stderr, "earshot: {}\n", fault);
}

}  // namespace earshot::client
