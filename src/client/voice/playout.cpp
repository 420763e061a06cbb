#include "client/voice/playout.hpp"

#include <algorithm>

#include "base/check.hpp"

namespace earshot::client {
namespace {
constexpr std::size_t kLongest = 8 * Playout::kStep * 2;  // 20 ms are mixed at a time
float gain_of(int percent) { return static_cast<float>(percent) / 100.f; }
}  // namespace

Playout::Playout(std::size_t slots, const audio::JitterSettings& jitter) : scratch_(kLongest), spare_(2 * kStep), spare_at_(2 * kStep) {
    ENSURE(slots <= kMaxSlots);
    slots_.reserve(slots);
    for (std::size_t i = 0; i < slots; ++i) slots_.push_back({.jitter = audio::JitterBuffer{jitter}});
}

void Playout::receive(Time now, std::size_t slot, const audio::Packet& packet) {
    // Who is deafened decodes nothing; what came meanwhile is not caught up with.
    if (slot >= slots_.size() || (deafened_ && master_.silent())) return;
    slots_[slot].jitter.insert(now, packet);
}

bool Playout::play(Time now, audio::Samples out) {
    bool sounds = false;
    const auto take_spare = [&] {
        const std::size_t size = std::min(out.size(), spare_.size() - spare_at_);
        std::copy_n(spare_.begin() + static_cast<std::ptrdiff_t>(spare_at_), size, out.begin());
        sounds |= size > 0 && !spare_silent_;
        spare_at_ += size;
        out = out.subspan(size);
    };
    take_spare();
    while (out.size() >= 2 * kStep) {
        const std::size_t size = std::min(out.size() / (2 * kStep) * (2 * kStep), kLongest);
        sounds |= mix(now, out.first(size));
        out = out.subspan(size);
    }
    if (out.empty()) return sounds;
    spare_silent_ = !mix(now, spare_);
    spare_at_ = 0;
    take_spare();
    return sounds;
}

bool Playout::mix(Time now, audio::Samples out) {
    std::ranges::fill(out, 0.f);
    bool sounds = false;
    const auto scratch = audio::Samples{scratch_}.first(out.size());
    for (auto& slot : slots_) {
        if (!slot.jitter.active()) continue;
        slot.jitter.play(now, scratch);
        slot.meter.add(now, scratch);
        slot.gain.apply(scratch);
        audio::add_to(out, scratch);
        sounds = true;
    }
    if (!sounds) return false;
    master_.apply(out);
    limiter_.process(out);
    return !master_.silent();
}

void Playout::set_slot(std::size_t slot, MemberId member) {
    if (slot >= slots_.size() || slots_[slot].member == member) return;
    auto& place = slots_[slot];
    // Who leaves a slot empty is heard to his end; his last packets may still be on their way.
    if (member) {
        if (place.member) place.jitter.reset();
        place.gain.jump(gain_of(volume(member)));
    }
    if (member || !place.jitter.active()) place.member = member;
}

void Playout::set_volume(MemberId member, int percent) {
    percent = std::clamp(percent, 0, kMaxPercent);
    if (percent == 100)
        volumes_.erase(member);
    else if (volumes_.contains(member) || volumes_.size() < kMaxVolumes)
        volumes_[member] = percent;
    for (auto& slot : slots_)
        if (slot.member == member) slot.gain.set(gain_of(percent));
}

bool Playout::active() const {
    return !(deafened_ && master_.silent()) && std::ranges::any_of(slots_, [](const Slot& slot) { return slot.jitter.active(); });
}

int Playout::volume(MemberId member) const {
    const auto found = volumes_.find(member);
    return found == volumes_.end() ? 100 : found->second;
}

void Playout::set_master(int percent) {
    master_percent_ = std::clamp(percent, 0, kMaxPercent);
    tell_master();
}

void Playout::deafen(bool on) {
    if (deafened_ && !on)
        for (auto& slot : slots_) slot.jitter.reset();
    deafened_ = on;
    tell_master();
}

void Playout::tell_master() { master_.set(deafened_ ? 0.f : gain_of(master_percent_)); }

}  // namespace earshot::client
