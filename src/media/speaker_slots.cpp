#include "media/speaker_slots.hpp"

#include <algorithm>

#include "base/check.hpp"

namespace earshot::media {

void SpeakerSlots::add(SeatId seat) {
    if (seat >= voices_.size()) voices_.resize(seat + 1);
    voices_[seat] = Voice{};
}

void SpeakerSlots::remove(SeatId seat) { release(seat); }

void SpeakerSlots::release(SeatId seat) {
    ENSURE(seat < voices_.size());
    if (voices_[seat].slot >= 0) vacate(static_cast<std::size_t>(voices_[seat].slot));
    const bool speaking = voices_[seat].speaking;
    voices_[seat] = Voice{};
    voices_[seat].speaking = speaking;  // update_speaking ends it, and says so
}

std::optional<std::size_t> SpeakerSlots::hear(SeatId seat, std::uint8_t level, Time now) {
    ENSURE(seat < voices_.size());
    auto& voice = voices_[seat];
    note_level(voice, level, now);
    const bool well_placed = voice.slot >= 0 && static_cast<std::size_t>(voice.slot) < kHeardSlots;
    if (!well_placed && level < kSilence) {
        if (const auto slot = find_place(voice, level, now)) {
            place(seat, *slot);
        } else if (level <= kSpeech) {
            const std::size_t against = quietest(voice.slot >= 0 ? kHeardSlots : kRoomSlots);
            if (wins_challenge(voice, against, now)) place(seat, against);
        }
    }
    return slot_of(seat);
}

bool SpeakerSlots::may_be_heard(SeatId seat, std::uint8_t level, Time now) const {
    if (voices_[seat].slot >= 0 || free_slot(0, kRoomSlots)) return true;
    if (level > kSpeech) return false;
    const float loudness = -static_cast<float>(level);
    return most_silent(0, kRoomSlots, now) || loudness >= voices_[slots_[quietest(kRoomSlots)].seat].loudness + kLouder;
}

bool SpeakerSlots::update_speaking(SeatId seat, Time now) {
    auto& voice = voices_[seat];
    // One loud packet may be a click; a second one is speech (within 40 ms at the usual 20 ms a packet).
    const bool speaks = !silent(voice, now) && (voice.speaking || voice.last_speech > voice.speech_since);
    if (speaks == voice.speaking) return false;
    voice.speaking = speaks;
    return true;
}

Time SpeakerSlots::quiet_at(SeatId seat) const { return voices_[seat].speaking ? voices_[seat].last_speech + kRelease : kNever; }

void SpeakerSlots::note_level(Voice& voice, std::uint8_t level, Time now) {
    // The smoothing begins anew after a second of nothing; otherwise it forgets in about 100 ms.
    const float loudness = -static_cast<float>(level);
    voice.loudness = voice.last_heard + 1s < now ? loudness : voice.loudness + 0.2f * (loudness - voice.loudness);
    voice.last_heard = now;
    if (level > kSpeech) return;
    if (voice.last_speech + kChallengeGap < now) voice.speech_since = now;
    voice.last_speech = now;
}

// A place that costs nobody who speaks his: free, or held by the one silent longest.
std::optional<std::size_t> SpeakerSlots::find_place(const Voice& voice, std::uint8_t level, Time now) const {
    const bool speech = level <= kSpeech;
    if (const auto slot = free_slot(0, kHeardSlots)) return slot;
    if (const auto slot = most_silent(0, kHeardSlots, now); slot && speech) return slot;
    if (voice.slot >= 0) return std::nullopt;  // on the ninth already
    if (const auto slot = free_slot(kHeardSlots, kRoomSlots)) return slot;
    if (const auto slot = most_silent(kHeardSlots, kRoomSlots, now); slot && speech) return slot;
    return std::nullopt;
}

std::optional<std::size_t> SpeakerSlots::free_slot(std::size_t begin, std::size_t end) const {
    for (std::size_t slot = begin; slot < end; ++slot) {
        if (slots_[slot].tenure == 0) return slot;
    }
    return std::nullopt;
}

std::optional<std::size_t> SpeakerSlots::most_silent(std::size_t begin, std::size_t end, Time now) const {
    std::optional<std::size_t> found;
    for (std::size_t slot = begin; slot < end; ++slot) {
        if (slots_[slot].tenure == 0) continue;
        const auto& voice = voices_[slots_[slot].seat];
        if (silent(voice, now) && (!found || voice.last_speech < voices_[slots_[*found].seat].last_speech)) found = slot;
    }
    return found;
}

// Of slots that are all taken.
std::size_t SpeakerSlots::quietest(std::size_t end) const {
    std::size_t found = 0;
    for (std::size_t slot = 1; slot < end; ++slot) {
        if (voices_[slots_[slot].seat].loudness < voices_[slots_[found].seat].loudness) found = slot;
    }
    return found;
}

bool SpeakerSlots::wins_challenge(Voice& voice, std::size_t against, Time now) {
    if (voice.loudness < voices_[slots_[against].seat].loudness + kLouder) return false;
    if (voice.last_challenge + kChallengeGap < now) voice.challenge_since = now;
    voice.last_challenge = now;
    return now - voice.challenge_since >= kChallenge;
}

// Whoever held `slot` goes to the ninth if that is free or the newcomer leaves it, else he loses his place.
void SpeakerSlots::place(SeatId seat, std::size_t slot) {
    if (voices_[seat].slot >= 0) vacate(static_cast<std::size_t>(voices_[seat].slot));
    const Holder displaced = slots_[slot];
    if (displaced.tenure != 0) vacate(slot);
    put(seat, slot);
    if (displaced.tenure != 0 && slots_[kHeardSlots].tenure == 0) put(displaced.seat, kHeardSlots);
}

void SpeakerSlots::put(SeatId seat, std::size_t slot) {
    slots_[slot] = {.seat = seat, .tenure = ++last_tenure_};
    voices_[seat].slot = static_cast<std::int8_t>(slot);
    ++version_;
}

void SpeakerSlots::vacate(std::size_t slot) {
    voices_[slots_[slot].seat].slot = -1;
    slots_[slot] = Holder{};
    ++version_;
}

}  // namespace earshot::media
