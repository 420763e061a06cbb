// Our half of ICE (RFC 8445 section 2.5, lite): we never check, we answer checks. A peer is whoever knows the password
// of a name that we gave out; everybody else gets silence. Nothing is ever sent to a path that has not shown it.
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"
#include "port/media.hpp"
#include "rtc/outbox.hpp"
#include "wire/stun.hpp"

namespace earshot::rtc {

struct IceCredentials {
    std::string ufrag;
    std::string pwd;
};

class IceLite {
public:
    static constexpr std::size_t kMaxPaths = 8;
    static constexpr std::size_t kRecentChecks = 32;

    explicit IceLite(IceCredentials credentials) : current_(std::move(credentials)) {}

    // A second name; it replaces the first once a path is nominated under it. One that was waiting is forgotten and returned.
    std::optional<std::string> restart(IceCredentials credentials);

    struct Verdict {
        bool valid = false;                   // integrity and name are right: the path is his, and was answered
        std::optional<port::Path> forgotten;  // a path dropped to make room
        std::string retired_ufrag;            // a name that is no longer good; empty: none
    };
    // Answers a Binding request; anything not entirely right gets no answer and is counted.
    Verdict receive(Time now, const port::Path& path, const wire::StunMessage& message, Outbox& out);

    // Where to send: the path nominated last, before that the first that was validated.
    const std::optional<port::Path>& selected() const { return selected_; }
    bool nominated() const { return nominated_; }
    bool knows(const port::Path& path) const;
    // A TCP connection ended.
    void forget(const port::Path& path);
    std::vector<port::Path> paths() const;
    std::vector<std::string> ufrags() const;
    // The last valid check on any path (RFC 7675: consent).
    std::optional<Time> last_check() const { return last_check_; }

private:
    struct KnownPath {
        port::Path path;
        Time last_check{};
    };

    bool replayed(const port::Path& path, const wire::StunTransactionId& transaction);
    const IceCredentials* find(std::string_view ufrag) const;
    bool answer(const port::Path& path, const wire::StunMessage& request, const IceCredentials& credentials, Outbox& out) const;
    std::optional<port::Path> remember(Time now, const port::Path& path);
    void nominate(const port::Path& path, bool renewed, Verdict& verdict);

    IceCredentials current_;
    std::optional<IceCredentials> next_;  // given out by a restart, nothing nominated under it yet
    std::vector<KnownPath> paths_;
    std::optional<port::Path> selected_;
    std::optional<Time> last_check_;
    bool nominated_ = false;

    // A check that was overheard and is sent again from elsewhere is as authentic as the first time; believed, it would
    // turn the peer's streams on a victim. Its transaction gives it away.
    struct Seen {
        wire::StunTransactionId transaction{};
        std::size_t path = 0;  // hashed
    };
    std::array<Seen, kRecentChecks> recent_{};
    std::size_t next_recent_ = 0;
};

}  // namespace earshot::rtc
