#include "rtc/ice_client.hpp"

#include <algorithm>
#include <array>

#include "crypto/hmac.hpp"

namespace earshot::rtc {
namespace {

constexpr std::uint32_t kPriority = 2130706431;  // RFC 8445 section 5.1.2: a host candidate of the first component

}  // namespace

IceClient::IceClient(IceCredentials local, IceCredentials remote, Random& random)
    : local_(std::move(local)), remote_(std::move(remote)), random_(&random), tie_breaker_(random.u64()) {}

void IceClient::add_path(Time now, const port::Path& path, Outbox& out) {
    if (checks_.size() == kMaxPaths) checks_.erase(checks_.begin());
    send(now, checks_.emplace_back(Check{.path = path}), out);
}

void IceClient::restart(Time now, IceCredentials local, IceCredentials remote, Outbox& out) {
    local_ = std::move(local);
    remote_ = std::move(remote);
    for (auto& check : checks_) {
        check.answered = check.waiting = false;
        send(now, check, out);
    }
}

void IceClient::send(Time now, Check& check, Outbox& out) {
    if (!check.waiting) {
        random_->fill(check.transaction);
        check.wait = kResend;
        check.waiting = true;
    }
    std::array<std::uint8_t, 256> memory;
    const auto request = wire::write_binding_request(memory,
                                                     {.transaction = check.transaction,
                                                      .remote_ufrag = remote_.ufrag,
                                                      .local_ufrag = local_.ufrag,
                                                      .priority = kPriority,
                                                      .tie_breaker = tie_breaker_,
                                                      .controlling = true,
                                                      .use_candidate = true},
                                                     as_bytes(remote_.pwd), crypto::hmac_sha1);
    out.send(check.path, request);
    check.next = now + check.wait;
    check.wait = std::min(check.wait * 2, kLongestResend);
}

bool IceClient::receive(Time now, const wire::StunMessage& message) {
    const auto check = std::find_if(checks_.begin(), checks_.end(), [&](const auto& each) { return each.transaction == message.transaction; });
    if (check == checks_.end() || !check->waiting || !message.is_binding(wire::StunClass::kSuccess)) return false;
    if (!wire::stun_integrity_ok(message, as_bytes(remote_.pwd), crypto::hmac_sha1)) return false;
    if (!check->answered) selected_ = check->path;
    check->answered = true;
    check->waiting = false;
    check->next = now + consent_wait();
    last_answer_ = now;
    return true;
}

// RFC 7675 section 5.1: 0.8 to 1.2 of five seconds, by chance.
Duration IceClient::consent_wait() {
    const auto interval = static_cast<std::uint64_t>(kConsentInterval.count());
    return Duration{static_cast<std::int64_t>(interval * 8 / 10 + random_->below(interval * 4 / 10))};
}

void IceClient::tick(Time now, Outbox& out) {
    // A path that is not the one in use needs no consent; one that never answered is tried on.
    std::erase_if(checks_, [&](const auto& check) { return check.answered && check.path != *selected_ && check.next <= now; });
    for (auto& check : checks_) {
        if (check.next <= now) send(now, check, out);
    }
}

Deadline IceClient::deadline() const {
    Deadline next;
    for (const auto& check : checks_) next.sooner({check.next, "ice check"});
    return next;
}

}  // namespace earshot::rtc
