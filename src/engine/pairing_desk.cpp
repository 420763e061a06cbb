#include "engine/pairing_desk.hpp"

#include "engine/limits.hpp"

namespace earshot::engine {
namespace {

// Of those who wait for a partner at `place`, the one who came last: as nobody comes after `now`, he came nearest to it.
template <typename Waiting>
auto nearest(std::map<typename Waiting::key_type, typename Waiting::mapped_type>& all, const PairingDesk::Place& place, auto&& waits) {
    auto best = all.end();
    for (auto it = all.begin(); it != all.end(); ++it)
        if (it->second.place == place && waits(it->second) && (best == all.end() || it->second.since >= best->second.since)) best = it;
    return best;
}

}  // namespace

VoiceId PairingDesk::text_opened(Time now, ConnectionId text, const Place& place) {
    if (texts_.size() >= limits::kPairableTexts || texts_.contains(text)) return {};
    auto& entry = texts_[text] = {place, now, {}};
    const auto voice = nearest<decltype(voices_)>(voices_, place, [](const Voice& v) { return !v.partner && !v.alone; });
    if (voice == voices_.end()) return {};
    voice->second.partner = text;
    return entry.partner = voice->first;
}

ConnectionId PairingDesk::voice_opened(Time now, VoiceId voice, const Place& place) {
    if (voices_.contains(voice)) return {};
    auto& entry = voices_[voice] = {place, now, {}, false};
    const auto text = nearest<decltype(texts_)>(texts_, place, [](const Text& t) { return !t.partner; });
    if (text == texts_.end()) return {};
    text->second.partner = voice;
    return entry.partner = text->first;
}

VoiceId PairingDesk::text_closed(ConnectionId text) {
    const auto found = texts_.find(text);
    if (found == texts_.end()) return {};
    const auto partner = found->second.partner;
    texts_.erase(found);
    voices_.erase(partner);
    return partner;
}

ConnectionId PairingDesk::voice_closed(VoiceId voice) {
    const auto found = voices_.find(voice);
    if (found == voices_.end()) return {};
    const auto partner = found->second.partner;
    voices_.erase(found);
    texts_.erase(partner);
    return partner;
}

VoiceId PairingDesk::voice_of(ConnectionId text) const {
    const auto found = texts_.find(text);
    return found == texts_.end() ? VoiceId{} : found->second.partner;
}

ConnectionId PairingDesk::text_of(VoiceId voice) const {
    const auto found = voices_.find(voice);
    return found == voices_.end() ? ConnectionId{} : found->second.partner;
}

std::vector<VoiceId> PairingDesk::due(Time now) {
    std::vector<VoiceId> over;
    for (auto& [id, voice] : voices_) {
        if (voice.partner || voice.alone || voice.since + limits::kPairingGrace > now) continue;
        voice.alone = true;
        over.push_back(id);
    }
    return over;
}

Deadline PairingDesk::deadline() const {
    Deadline soonest;
    for (const auto& [id, voice] : voices_)
        if (!voice.partner && !voice.alone) soonest.sooner({voice.since + limits::kPairingGrace, "a voice socket without a partner"});
    return soonest;
}

}  // namespace earshot::engine
