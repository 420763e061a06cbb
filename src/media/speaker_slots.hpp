// Who of a room is heard: few slots, many who may speak. A slot is taken by the first sound, kept through silence
// while nobody else needs it, and changes hands only when its holder has been silent for a while or somebody is
// clearly louder for a while. Decided once a room; every listener's view follows (base/room_slots.hpp).
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/time.hpp"
#include "media/leg.hpp"
#include "media/packet.hpp"
#include "base/room_slots.hpp"

namespace earshot::media {

class SpeakerSlots {
public:
    // At or louder than this it is speech rather than the noise of a room (-dBov).
    static constexpr std::uint8_t kSpeech = 55;
    // A holder silent so long may be replaced at once; also how long "speaks" outlives the last sound.
    static constexpr Duration kRelease = 300ms;
    // How much louder, and how long, to push out a holder who speaks.
    static constexpr int kLouder = 6;
    static constexpr Duration kChallenge = 300ms;
    // A challenge is over when nothing loud enough came for so long.
    static constexpr Duration kChallengeGap = 200ms;

    struct Holder {
        SeatId seat = 0;
        Tenure tenure = 0;  // 0: the slot is free
    };
    using Slots = std::array<Holder, kRoomSlots>;

    void add(SeatId seat);
    void remove(SeatId seat);
    // Gives the seat's slot back and forgets how loud it was: muted, or its stream begins anew.
    void release(SeatId seat);

    // A sound of `seat` came; which slot it goes out on, if any.
    std::optional<std::size_t> hear(SeatId seat, std::uint8_t level, Time now);
    // Before the packet is authenticated, by its clear level alone: false when hear() could only say no (RFC 6464 section 2
    // puts the level outside the encryption). Changes nothing.
    bool may_be_heard(SeatId seat, std::uint8_t level, Time now) const;

    // Where he is now, if anywhere; takes nothing.
    std::optional<std::size_t> slot_of(SeatId seat) const {
        const auto slot = voices_[seat].slot;
        return slot >= 0 ? std::optional{static_cast<std::size_t>(slot)} : std::nullopt;
    }
    const Slots& slots() const { return slots_; }
    // Grows whenever a slot changes hands.
    std::uint64_t version() const { return version_; }

    // Starts or ends "speaks" by what was heard; true when it changed.
    bool update_speaking(SeatId seat, Time now);
    bool speaking(SeatId seat) const { return voices_[seat].speaking; }
    // When update_speaking may end somebody's speech next; kNever when nobody speaks.
    Time quiet_at(SeatId seat) const;

private:
    // Long past, yet far from the clock's end, so that differences do not overflow.
    static constexpr Time kLongAgo = Time{-24h};
    struct Voice {
        Time last_speech = kLongAgo;        // the last packet at kSpeech or louder
        Time speech_since = kLongAgo;       // of the present run of such packets
        Time challenge_since = kLongAgo;
        Time last_challenge = kLongAgo;
        Time last_heard = kLongAgo;
        float loudness = -127;     // smoothed, dBov
        std::int8_t slot = -1;
        bool speaking = false;
    };

    void note_level(Voice& voice, std::uint8_t level, Time now);
    std::optional<std::size_t> find_place(const Voice& voice, std::uint8_t level, Time now) const;
    std::optional<std::size_t> free_slot(std::size_t begin, std::size_t end) const;
    std::optional<std::size_t> most_silent(std::size_t begin, std::size_t end, Time now) const;
    std::size_t quietest(std::size_t end) const;
    bool wins_challenge(Voice& voice, std::size_t against, Time now);
    void place(SeatId seat, std::size_t slot);
    void put(SeatId seat, std::size_t slot);
    void vacate(std::size_t slot);
    static bool silent(const Voice& voice, Time now) { return voice.last_speech + kRelease <= now; }

    std::vector<Voice> voices_;
    Slots slots_{};
    Tenure last_tenure_ = 0;
    std::uint64_t version_ = 0;
};

}  // namespace earshot::media
