// `earshot host`: a daemon of one's own, found beside this program, started as a child on free ports and ended when one leaves. It dies
// with us, however we die.
#pragma once
#include <sys/types.h>

#include <expected>
#include <memory>
#include <string>
#include <vector>

#include "base/random.hpp"
#include "base/time.hpp"
#include "client/shell/hosted_folder.hpp"
#include "io/net/socket.hpp"

namespace earshot::client {

class Hosted {
public:
    static constexpr Duration kReadyWithin = 10s;

    // `data`: its directory; empty: one that is removed afterwards. The error is a sentence.
    static std::expected<std::unique_ptr<Hosted>, std::string> start(const std::string& data, Random& random);
    ~Hosted();

    // Now and then: what the daemon logs is read away, or it would wait for us one day.
    void drain();

    std::uint16_t web_port() const { return web_port_; }
    const std::string& room() const { return room_; }
    // To be sent to others: https links of this machine's addresses, and the fingerprint that they will be shown.
    const std::vector<std::string>& links() const { return links_; }
    const std::string& fingerprint() const { return fingerprint_; }
    // Whoever hosts is the operator.
    const std::string& operator_key_file() const { return operator_key_file_; }

private:
    Hosted() = default;
    std::expected<void, std::string> launch(const std::string& daemon, const std::string& data);
    std::expected<void, std::string> wait_until_ready();
    void hear(std::string_view line);
    void read_fingerprint_of(const std::string& data);

    pid_t child_ = -1;
    io::Descriptor log_;
    HostedFolder folder_;  // when no other was named
    std::uint16_t web_port_ = 0, tls_port_ = 0;
    bool ready_ = false;
    std::string last_line_;
    std::string room_, fingerprint_, operator_key_file_;
    std::vector<std::string> links_;
};

}  // namespace earshot::client
