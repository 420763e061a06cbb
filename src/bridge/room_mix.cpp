#include "bridge/room_mix.hpp"

#include <algorithm>

namespace earshot::bridge {

void RoomMix::hear(const engine::TappedPacket& packet) {
    if (packet.slot >= slots_.size()) return;
    auto& place = slots_[packet.slot];
    if (!place) {
        place = std::make_unique<Slot>();
        place->jitter = std::make_unique<audio::JitterBuffer>();
    }
    if (place->tenure != packet.tenure) {
        if (place->tenure != 0) place->jitter->reset();
        place->tenure = packet.tenure;
        place->member = packet.member;
    }
    place->heard = packet.at;
    place->jitter->insert(
        packet.at,
        {.payload = packet.payload(), .sequence = packet.sequence, .timestamp = static_cast<std::uint32_t>(packet.timestamp), .marker = packet.marker});
}

bool RoomMix::step(Time now) {
    any_ = mixed_ = false;
    for (auto& slot : slots_) {
        if (!slot) continue;
        slot->sounds = slot->jitter->active();
        if (!slot->sounds) continue;
        slot->jitter->play(now, slot->sound);
        any_ = true;
    }
    return any_;
}

const StereoFrame* RoomMix::heard_by(MemberId listener) {
    if (!any_) return nullptr;
    const auto own = std::ranges::find_if(slots_, [&](const auto& slot) { return slot && slot->sounds && slot->member == listener; });
    if (own != slots_.end()) return mix(listener, (*own)->limiter, without_);
    if (std::exchange(mixed_, true)) return &everybody_;
    return mix({}, limiter_, everybody_);
}

const StereoFrame* RoomMix::mix(MemberId without, audio::SoftLimiter& limiter, StereoFrame& into) {
    into.fill(0);
    bool sounds = false;
    for (const auto& slot : slots_) {
        if (!slot || !slot->sounds || slot->member == without) continue;
        audio::add_to(into, slot->sound);
        sounds = true;
    }
    if (!sounds) return nullptr;
    limiter.process(into);
    return &into;
}

void RoomMix::rest(Time now) {
    for (auto& slot : slots_)
        if (slot && !slot->jitter->active() && now - slot->heard > kKeepDecoder) slot.reset();
}

std::size_t RoomMix::decoders() const {
    return static_cast<std::size_t>(std::ranges::count_if(slots_, [](const auto& slot) { return slot != nullptr; }));
}

}  // namespace earshot::bridge
