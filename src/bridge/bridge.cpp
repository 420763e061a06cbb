#include "bridge/bridge.hpp"

namespace earshot::bridge {

void Bridge::add(const Member& member) {
    remove(member.peer);
    members_[member.peer] = std::make_unique<Seat>(Seat{member, VoiceSender{member.peer}});
    auto& room = rooms_[member.room];
    if (!room) room = std::make_unique<Room>();
    ++room->members;
}

void Bridge::remove(PeerId peer) {
    const auto found = members_.find(peer);
    if (found == members_.end()) return;
    const auto room = rooms_.find(found->second->who.room);
    members_.erase(found);
    if (--room->second->members == 0) rooms_.erase(room);
}

void Bridge::set_voice(PeerId peer, bool muted, bool deafened) {
    const auto found = members_.find(peer);
    if (found == members_.end()) return;
    found->second->who.muted = muted;
    found->second->who.deafened = deafened;
    if (muted) found->second->sender.stop();
}

void Bridge::say(Time due, PeerId peer, MonoFrame& frame) {
    const auto found = members_.find(peer);
    if (found == members_.end() || found->second->who.muted) return;
    if (!found->second->sender.send(due, frame, to_shard_)) counters_.add(Counter::bare_packets_lost);
}

void Bridge::step(Time now) {
    from_shard_.take_each([&](const engine::TappedPacket& packet) {
        if (const auto room = rooms_.find(packet.room); room != rooms_.end()) room->second->mix.hear(packet);
    });
    for (auto& [id, room] : rooms_)
        if (!room->mix.step(now)) room->mix.rest(now);
}

const StereoFrame* Bridge::heard_by(PeerId peer) {
    const auto found = members_.find(peer);
    if (found == members_.end() || found->second->who.deafened) return nullptr;
    return rooms_.at(found->second->who.room)->mix.heard_by(found->second->who.member);
}

std::size_t Bridge::decoders() const {
    std::size_t count = 0;
    for (const auto& [id, room] : rooms_) count += room->mix.decoders();
    return count;
}

}  // namespace earshot::bridge
