#include "rtc/ice_lite.hpp"

#include <algorithm>
#include <utility>

#include "crypto/hmac.hpp"
#include "rtc/path_hash.hpp"

namespace earshot::rtc {

std::optional<std::string> IceLite::restart(IceCredentials credentials) {
    std::optional<std::string> forgotten;
    if (next_) forgotten = std::move(next_->ufrag);
    next_ = std::move(credentials);
    return forgotten;
}

IceLite::Verdict IceLite::receive(Time now, const port::Path& path, const wire::StunMessage& message, Outbox& out) {
    Verdict verdict;
    const auto* credentials = find(wire::stun_local_ufrag(message));
    const bool right = credentials && message.is_binding(wire::StunClass::kRequest) && message.has_fingerprint && message.unknown_count == 0 &&
                       wire::stun_integrity_ok(message, as_bytes(credentials->pwd), crypto::hmac_sha1);
    if (!right || replayed(path, message.transaction)) {
        out.counters().add(Counter::dropped_stun);
        return verdict;
    }
    if (!answer(path, message, *credentials, out)) return verdict;
    verdict.valid = true;
    last_check_ = now;
    verdict.forgotten = remember(now, path);
    if (message.use_candidate) nominate(path, next_ && credentials == &*next_, verdict);
    return verdict;
}

bool IceLite::replayed(const port::Path& path, const wire::StunTransactionId& transaction) {
    const std::size_t hash = PathHash{}(path) | 1u;  // 0: an unused entry
    const auto seen = std::find_if(recent_.begin(), recent_.end(), [&](const auto& each) { return each.path != 0 && each.transaction == transaction; });
    if (seen != recent_.end()) return seen->path != hash;
    recent_[next_recent_++ % kRecentChecks] = {transaction, hash};
    return false;
}

const IceCredentials* IceLite::find(std::string_view ufrag) const {
    if (ufrag == current_.ufrag) return &current_;
    return next_ && ufrag == next_->ufrag ? &*next_ : nullptr;
}

// Never longer than the request, so that a forged sender address gains nothing.
bool IceLite::answer(const port::Path& path, const wire::StunMessage& request, const IceCredentials& credentials, Outbox& out) const {
    std::array<std::uint8_t, 128> memory;
    const auto response = wire::write_binding_success(memory, request.transaction, path.remote, as_bytes(credentials.pwd), crypto::hmac_sha1);
    if (response.empty() || response.size() > request.bytes.size()) {
        out.counters().add(Counter::dropped_stun);
        return false;
    }
    out.send(path, response);
    return true;
}

std::optional<port::Path> IceLite::remember(Time now, const port::Path& path) {
    if (!selected_) selected_ = path;
    const auto known = std::find_if(paths_.begin(), paths_.end(), [&](const auto& other) { return other.path == path; });
    if (known != paths_.end()) {
        known->last_check = now;
        return std::nullopt;
    }
    paths_.push_back({path, now});
    if (paths_.size() <= kMaxPaths) return std::nullopt;
    // The one not checked for longest goes; never the one in use, never the newcomer.
    auto oldest = paths_.end();
    for (auto each = paths_.begin(); each != paths_.end() - 1; ++each) {
        if (each->path != *selected_ && (oldest == paths_.end() || each->last_check < oldest->last_check)) oldest = each;
    }
    const auto forgotten = oldest->path;
    paths_.erase(oldest);
    return forgotten;
}

// Some browsers nominate several; the latest wins. The keys stay: they belong to the peer, not to the path.
void IceLite::nominate(const port::Path& path, bool renewed, Verdict& verdict) {
    selected_ = path;
    nominated_ = true;
    if (!renewed) return;
    verdict.retired_ufrag = std::exchange(current_.ufrag, std::move(next_->ufrag));
    current_.pwd = std::move(next_->pwd);
    next_.reset();
}

bool IceLite::knows(const port::Path& path) const {
    return std::any_of(paths_.begin(), paths_.end(), [&](const auto& known) { return known.path == path; });
}

void IceLite::forget(const port::Path& path) {
    std::erase_if(paths_, [&](const auto& known) { return known.path == path; });
    if (!selected_ || *selected_ != path) return;
    selected_.reset();
    nominated_ = false;
    const auto latest = std::max_element(paths_.begin(), paths_.end(), [](const auto& a, const auto& b) { return a.last_check < b.last_check; });
    if (latest != paths_.end()) selected_ = latest->path;
}

std::vector<port::Path> IceLite::paths() const {
    std::vector<port::Path> all;
    for (const auto& known : paths_) all.push_back(known.path);
    return all;
}

std::vector<std::string> IceLite::ufrags() const {
    std::vector<std::string> all{current_.ufrag};
    if (next_) all.push_back(next_->ufrag);
    return all;
}

}  // namespace earshot::rtc
