// One room's call: packets of whoever speaks in, rewritten headers for every listener out. It decides who is heard
// and numbers every listener's streams; what a number looks like on the wire, and to whom it goes, is the caller's.
// All arrays are contiguous and nothing is allocated per packet.
#pragma once
#include <array>
#include <cstdint>
#include <vector>

#include "base/random.hpp"
#include "media/leg.hpp"
#include "media/redundancy.hpp"
#include "media/speaker_slots.hpp"

namespace earshot::media {

class Forwarder {
public:
    // `handle` is the caller's name for the listener, given back with every packet for him.
    SeatId add(MemberId member, std::uint32_t handle, Random& random);
    void remove(SeatId seat);
    // Whether he is sent anything now: connected and not deafened. Starting again leaves no gap in his streams.
    void set_listening(SeatId seat, bool listening);
    // Which of his slots he takes; all, until said otherwise. Those beyond the end: not.
    void set_accepted(SeatId seat, const std::vector<bool>& accepted);
    void set_muted(SeatId seat, bool muted);
    // His stream begins anew (another SSRC): sequence numbers of before mean nothing now.
    void restart(SeatId seat);

    MemberId member(SeatId seat) const { return seats_[seat].member; }
    bool muted(SeatId seat) const { return seats_[seat].muted; }
    bool may_be_heard(SeatId seat, std::uint8_t level, Time now) const { return slots_.may_be_heard(seat, level, now); }

    // The room slot that a packet's speaker holds, 0 to 8. Tenure 0: none, nobody hears it.
    struct Heard {
        std::size_t slot = 0;
        Tenure tenure = 0;
        explicit operator bool() const { return tenure != 0; }
    };
    // Calls emit(handle, heard slot, Rewritten) for every listener the packet goes to. Each packet starts with another listener, so
    // that nobody is always the last.
    template <typename Emit>
    Heard forward(const Packet& packet, Time now, Emit&& emit);

    // What was forwarded right before `packet`, of the same stay on his slot: copies for listeners who lose much.
    Earlier earlier(const Packet& packet) const;

    // Changes of who speaks since the last call, and of who is on the slots.
    struct SpeakingChange {
        MemberId member;
        bool speaking = false;
    };
    std::vector<SpeakingChange> take_speaking(Time now);
    RoomSlots slots() const;
    std::uint64_t slots_version() const { return slots_.version(); }
    // When take_speaking may have something to say without any packet: somebody fell silent.
    Time quiet_at() const;

    const Leg& leg(SeatId seat, std::size_t slot) const { return legs_[slot][seat]; }
    std::size_t size() const { return count_; }

private:
    using SlotMask = std::uint8_t;
    struct Seat {
        MemberId member;
        std::uint32_t handle = 0;
        SlotMask accepted = 0xff;
        bool listening = false;
        bool muted = false;
        bool taken = false;
        bool told_speaking = false;
    };
    static_assert(kHeardSlots == 8, "a SlotMask has a bit a slot");

    SeatId free_seat(Random& random);
    void note_speaking(SeatId seat, Time now);
    template <typename Emit>
    void emit_to(SeatId listener, std::size_t slot, const Packet& packet, Tenure tenure, Time now, Emit& emit);

    std::vector<Seat> seats_;
    std::array<std::vector<Leg>, kHeardSlots> legs_;  // by slot, then by seat: one packet walks one array
    SpeakerSlots slots_;
    std::array<RecentVoice, kRoomSlots> recent_;
    std::vector<SeatId> speaking_;  // whose speech may end
    std::vector<SpeakingChange> changes_;
    std::size_t first_listener_ = 0;
    std::size_t count_ = 0;
};

template <typename Emit>
Forwarder::Heard Forwarder::forward(const Packet& packet, Time now, Emit&& emit) {
    if (seats_[packet.seat].muted) return {};
    const auto slot = packet.recovered ? slots_.slot_of(packet.seat) : slots_.hear(packet.seat, packet.level, now);
    if (!packet.recovered) note_speaking(packet.seat, now);
    if (!slot) return {};
    const auto& holders = slots_.slots();
    const Tenure tenure = holders[*slot].tenure;
    recent_[*slot].keep(packet, tenure);
    if (*slot == kHeardSlots) {  // only those hear the ninth who would otherwise hear themselves
        for (std::size_t other = 0; other < kHeardSlots; ++other) {
            if (holders[other].tenure != 0) emit_to(holders[other].seat, other, packet, tenure, now, emit);
        }
        return {*slot, tenure};
    }
    if (++first_listener_ >= seats_.size()) first_listener_ = 0;
    const auto end = static_cast<SeatId>(seats_.size());
    const auto first = static_cast<SeatId>(first_listener_);
    for (SeatId listener = first; listener < end; ++listener) emit_to(listener, *slot, packet, tenure, now, emit);
    for (SeatId listener = 0; listener < first; ++listener) emit_to(listener, *slot, packet, tenure, now, emit);
    return {*slot, tenure};
}

template <typename Emit>
void Forwarder::emit_to(SeatId listener, std::size_t slot, const Packet& packet, Tenure tenure, Time now, Emit& emit) {
    const Seat& seat = seats_[listener];
    if (!seat.listening || listener == packet.seat || !(seat.accepted >> slot & 1)) return;
    if (const auto rewritten = legs_[slot][listener].rewrite(packet, tenure, now)) emit(seat.handle, slot, *rewritten);
}

}  // namespace earshot::media
