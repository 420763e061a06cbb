#include "sim/world.hpp"

namespace earshot::sim {

SeededRandom World::fork(std::string_view purpose) const {
    std::uint64_t hash = 0xcbf29ce484222325ull ^ seed_;
    for (const unsigned char c : purpose) hash = (hash ^ c) * 0x100000001b3ull;
    return SeededRandom{hash};
}

Duration World::between(Duration least, Duration most) {
    if (most <= least) return least;
    return least + Duration{static_cast<std::int64_t>(chance_.below(static_cast<std::uint64_t>((most - least).count()) + 1))};
}

bool World::step() {
    if (tasks_.empty() || !sound()) return false;
    // The queue shows its top as const only because moving a key would upset it; we pop at once.
    auto coming = std::move(const_cast<Coming&>(tasks_.top()));
    tasks_.pop();
    now_ = coming.at;
    coming.task();
    return true;
}

void World::run_for(Duration span) {
    const Time end = now_ + span;
    while (sound() && !tasks_.empty() && tasks_.top().at <= end) step();
    if (sound()) now_ = end;
}

bool World::run_until(const std::function<bool()>& done, Duration patience) {
    const Time end = now_ + patience;
    while (sound() && !done()) {
        if (tasks_.empty() || tasks_.top().at > end) return false;
        step();
    }
    return sound();
}

void World::broken(std::string invariant, std::string story) {
    note("INVARIANT", "{} is broken: {}", invariant, story);
    failures_.push_back({std::move(invariant), std::move(story), Time{elapsed()}});
}

std::string World::report() const {
    if (sound()) return fmt::format("seed {}: sound after {} lines, digest {:016x}\n", seed_, trace_.lines(), trace_.digest());
    return fmt::format("seed {}: the invariant \"{}\" is broken: {}\nThe last events:\n{}", seed_, failures_.front().invariant, failures_.front().story, trace_.last(60));
}

}  // namespace earshot::sim
