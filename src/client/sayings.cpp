#include "client/sayings.hpp"

#include <utility>

namespace earshot::client {

std::optional<std::uint64_t> Sayings::add(std::string room, std::uint64_t to, std::string text) {
    if (full()) return std::nullopt;
    waiting_.push_back({random_.hex(16), std::move(room), to, std::move(text), ++last_token_});
    return last_token_;
}

const Saying* Sayings::next(Time now) {
    if (on_its_way_ || waiting_.empty() || now < not_before_) return nullptr;
    on_its_way_ = true;
    return &waiting_.front();
}

std::optional<Saying> Sayings::finish() {
    if (!on_its_way_) return std::nullopt;
    on_its_way_ = false;
    auto done = std::move(waiting_.front());
    waiting_.pop_front();
    return done;
}

void Sayings::flooded(Time now) {
    on_its_way_ = false;
    not_before_ = now + kAfterFlood;
}

std::deque<Saying> Sayings::take_all() {
    on_its_way_ = false;
    return std::exchange(waiting_, {});
}

}  // namespace earshot::client
