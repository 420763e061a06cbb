#include "media/retransmission.hpp"

#include <algorithm>

namespace earshot::media {

std::uint64_t PacketStore::keep(Time now, Bytes payload) {
    if (payload.size() > kLargest) return 0;
    if (!kept_) kept_ = std::make_unique<std::array<Kept, kPackets>>();
    auto& place = (*kept_)[++last_ % kPackets];
    place.ticket = last_;
    place.at = now;
    place.size = static_cast<std::uint16_t>(payload.size());
    std::copy(payload.begin(), payload.end(), place.bytes.begin());
    return last_;
}

Bytes PacketStore::find(Time now, std::uint64_t ticket) const {
    if (!kept_ || ticket == 0) return {};
    const auto& place = (*kept_)[ticket % kPackets];
    return place.ticket == ticket && now - place.at <= kKeptFor ? Bytes{place.bytes}.first(place.size) : Bytes{};
}

void SentBook::note(Time now, const Sent& sent) {
    if (!places_) places_ = std::make_unique<std::array<Place, kRemembered>>();
    (*places_)[sent.sequence % kRemembered] = {.sent = sent, .at = now, .last = now, .used = true};
}

std::optional<SentBook::Sent> SentBook::again(Time now, std::uint16_t sequence, Duration round_trip, double line) {
    auto* place = places_ ? &(*places_)[sequence % kRemembered] : nullptr;
    const bool known = place && place->used && place->sent.sequence == sequence && now - place->at <= kKeptFor;
    // The first may be asked for at once; what was sent again is under way for a round trip.
    const bool too_soon = known && place->times > 0 && now - place->last < std::max(kShortestWait, round_trip);
    if (!known || too_soon || place->times >= kMostTimes || !affordable(now, place->sent.size, line)) {
        ++refused_;
        return std::nullopt;
    }
    ++place->times;
    place->last = now;
    return place->sent;
}

bool SentBook::affordable(Time now, std::size_t bytes, double line) {
    const double most = std::max(line * kShare / 8 * 0.5, 3000.0);  // half a second of its share, or two packets
    const double span = std::chrono::duration<double>(now - filled_).count();
    budget_ = started_ ? std::min(most, budget_ + line * kShare / 8 * std::max(span, 0.0)) : most;
    started_ = true;
    filled_ = now;
    if (budget_ < static_cast<double>(bytes)) return false;
    budget_ -= static_cast<double>(bytes);
    return true;
}

}  // namespace earshot::media
