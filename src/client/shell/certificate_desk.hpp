// Whether a server's certificate is accepted: judges it (client/trust), asks the one at the terminal, and remembers the answer.
#pragma once
#include <optional>
#include <string>

#include "client/arguments.hpp"
#include "client/shell/settings_store.hpp"
#include "io/net/tls_client.hpp"

namespace earshot::client {

class CertificateDesk {
public:
    CertificateDesk(const Arguments& arguments, SettingsStore& store) : arguments_(arguments), store_(store) {}

    // The sentence says why not; nothing: trusted. `may_ask`: no screen is open yet.
    std::optional<std::string> distrust(const io::ServerProof& proof, bool may_ask);
    // The last one was neither trusted nor refused.
    bool has_question() const { return !question_.empty(); }
    // Asks, and waits for the answer. True: it is trusted from now on.
    bool ask();

private:
    void remember(const std::string& fingerprint);

    const Arguments& arguments_;
    SettingsStore& store_;
    std::string question_, asked_about_;
};

}  // namespace earshot::client
