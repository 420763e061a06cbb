#include "media/forwarder.hpp"

#include <algorithm>
#include <utility>

#include "base/check.hpp"

namespace earshot::media {
namespace {

Leg new_leg(Random& random) { return Leg{static_cast<std::uint16_t>(1 + random.below(32767)), random.u32()}; }

}  // namespace

SeatId Forwarder::add(MemberId member, std::uint32_t handle, Random& random) {
    const SeatId id = free_seat(random);
    seats_[id] = Seat{.member = member, .handle = handle, .taken = true};
    slots_.add(id);
    ++count_;
    return id;
}

// A seat's legs belong to its listener's SSRCs, so a seat given anew gets new ones.
SeatId Forwarder::free_seat(Random& random) {
    const auto found = std::find_if(seats_.begin(), seats_.end(), [](const Seat& seat) { return !seat.taken; });
    const auto id = static_cast<SeatId>(found - seats_.begin());
    if (found != seats_.end()) {
        for (auto& legs : legs_) legs[id] = new_leg(random);
        return id;
    }
    seats_.emplace_back();
    for (auto& legs : legs_) legs.push_back(new_leg(random));
    return id;
}

void Forwarder::remove(SeatId id) {
    ENSURE(seats_[id].taken);
    slots_.remove(id);
    if (seats_[id].told_speaking) changes_.push_back({seats_[id].member, false});
    std::erase(speaking_, id);
    seats_[id] = Seat{};
    --count_;
}

void Forwarder::set_listening(SeatId id, bool listening) {
    if (listening && !seats_[id].listening) {
        for (auto& legs : legs_) legs[id].pause();
    }
    seats_[id].listening = listening;
}

void Forwarder::set_accepted(SeatId id, const std::vector<bool>& accepted) {
    SlotMask mask = 0;
    for (std::size_t slot = 0; slot < std::min(accepted.size(), kHeardSlots); ++slot) {
        if (accepted[slot]) mask = static_cast<SlotMask>(mask | 1u << slot);
    }
    seats_[id].accepted = mask;
}

void Forwarder::set_muted(SeatId id, bool muted) {
    if (muted && !seats_[id].muted) slots_.release(id);
    seats_[id].muted = muted;
}

void Forwarder::restart(SeatId id) { slots_.release(id); }

Earlier Forwarder::earlier(const Packet& packet) const {
    const auto slot = slots_.slot_of(packet.seat);
    return slot ? recent_[*slot].before(packet, slots_.slots()[*slot].tenure) : Earlier{};
}

void Forwarder::note_speaking(SeatId id, Time now) {
    if (!slots_.update_speaking(id, now) || !slots_.speaking(id)) return;
    if (std::find(speaking_.begin(), speaking_.end(), id) == speaking_.end()) speaking_.push_back(id);
}

std::vector<Forwarder::SpeakingChange> Forwarder::take_speaking(Time now) {
    for (const SeatId id : speaking_) slots_.update_speaking(id, now);
    for (const SeatId id : speaking_) {
        if (slots_.speaking(id) == seats_[id].told_speaking) continue;
        seats_[id].told_speaking = slots_.speaking(id);
        changes_.push_back({seats_[id].member, seats_[id].told_speaking});
    }
    std::erase_if(speaking_, [&](SeatId id) { return !slots_.speaking(id); });
    return std::exchange(changes_, {});
}

RoomSlots Forwarder::slots() const {
    RoomSlots members{};
    for (std::size_t slot = 0; slot < kRoomSlots; ++slot) {
        const auto& holder = slots_.slots()[slot];
        if (holder.tenure != 0) members[slot] = seats_[holder.seat].member;
    }
    return members;
}

Time Forwarder::quiet_at() const {
    Time at = kNever;
    for (const SeatId id : speaking_) at = std::min(at, slots_.quiet_at(id));
    return at;
}

}  // namespace earshot::media
