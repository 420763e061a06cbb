// The other half of ICE, as far as a client of an ICE-lite server needs it (RFC 8445, controlling): a check with USE-CANDIDATE
// on every path, resent until answered; then consent checks on the one in use (RFC 7675).
#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include "base/deadline.hpp"
#include "base/random.hpp"
#include "rtc/ice_lite.hpp"
#include "rtc/outbox.hpp"
#include "wire/stun.hpp"

namespace earshot::rtc {

class IceClient {
public:
    static constexpr Duration kResend = 100ms;
    static constexpr Duration kLongestResend = 1600ms;
    static constexpr Duration kConsentInterval = 5s;
    static constexpr std::size_t kMaxPaths = 8;

    IceClient(IceCredentials local, IceCredentials remote, Random& random);

    // Starts checking `path`; the newest path that answers is the one in use.
    void add_path(Time now, const port::Path& path, Outbox& out);
    // The server gave new names: every path is checked again under them.
    void restart(Time now, IceCredentials local, IceCredentials remote, Outbox& out);
    // True when it answered a check of ours.
    bool receive(Time now, const wire::StunMessage& message);
    void tick(Time now, Outbox& out);
    Deadline deadline() const;

    const std::optional<port::Path>& selected() const { return selected_; }
    std::optional<Time> last_answer() const { return last_answer_; }

private:
    struct Check {
        port::Path path;
        wire::StunTransactionId transaction{};
        Time next{};
        Duration wait = kResend;
        bool waiting = false;   // the transaction has no answer yet; it is resent as it is (RFC 8489 section 6.2.1)
        bool answered = false;  // since these credentials
    };

    void send(Time now, Check& check, Outbox& out);
    Duration consent_wait();

    IceCredentials local_, remote_;
    Random* random_;
    std::uint64_t tie_breaker_;
    std::vector<Check> checks_;
    std::optional<port::Path> selected_;
    std::optional<Time> last_answer_;
};

}  // namespace earshot::rtc
