// Whether the one who answers is the server that was meant: by the system's store, by the fingerprint that the command line names, or by
// the one that was accepted before.
#pragma once
#include <optional>
#include <string>

namespace earshot::client {

struct Proof {
    bool verified = false;      // by the system's store
    std::string why{};          // when not
    std::string fingerprint{};  // 64 hexadecimal digits; empty: no certificate
};

struct Verdict {
    enum class Kind { kTrusted, kAsk, kRefused };
    Kind kind = Kind::kRefused;
    std::string sentence{};  // what to ask, or why not
};

// `accepted`: from --accept-fingerprint, which then alone counts. `known`: from the settings. `can_ask`: somebody is there.
Verdict judge(const std::string& host, const Proof& proof, const std::string& accepted, const std::string& known, bool can_ask);
// "ab:cd:..." in eight groups that one can read aloud.
std::string shown_fingerprint(const std::string& hexadecimal);

}  // namespace earshot::client
