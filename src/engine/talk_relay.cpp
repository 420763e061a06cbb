#include "engine/talk_relay.hpp"

#include <algorithm>
#include <cstring>

#include "base/overloaded.hpp"

namespace earshot::engine {
namespace {

constexpr std::string_view kSession = "TALKSESSION:";
constexpr std::string_view kError = "SESSIONERROR: There is no such talk.\n";

// The key that a TALKSESSION line names; nothing when it is none.
std::optional<std::string_view> session_key(Bytes bytes) {
    auto text = as_text(bytes);
    if (!text.starts_with(kSession)) return std::nullopt;
    text.remove_prefix(kSession.size());
    const auto is_edge = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '"' || c == '\0'; };
    while (!text.empty() && is_edge(text.front())) text.remove_prefix(1);
    while (!text.empty() && is_edge(text.back())) text.remove_suffix(1);
    return text;
}

}  // namespace

void TalkRelay::obey_orders() {
    for (const auto& order : orders_.take()) std::visit([this](const auto& o) { obey(o); }, order);
}

void TalkRelay::drain(Now, port::SendArena& out) {
    obey_orders();
    if (from_bridge_) from_bridge_->take_each([&](const TalkFrame& frame) { bring_mix(frame, out); });
}

// A mix that nobody waits for any more is let go.
void TalkRelay::bring_mix(const TalkFrame& frame, port::SendArena& out) {
    const auto found = bridged_.find(frame.peer);
    if (found == bridged_.end()) return;
    for (const auto& seat : talks_.at(found->second).seats)
        if (seat.bare == frame.peer && seat.path) send(*seat.path, frame.bytes, out);
}

void TalkRelay::obey(const SeatInTalk& order) {
    auto& seats = talks_[order.key].seats;
    if (std::ranges::none_of(seats, [&](const Seat& seat) { return seat.member == order.member; })) seats.push_back({.member = order.member, .ip = order.ip});
}

void TalkRelay::obey(const LeaveTalk& order) {
    const auto talk = talks_.find(order.key);
    if (talk == talks_.end()) return;
    std::erase_if(talk->second.seats, [&](Seat& seat) {
        if (seat.member != order.member) return false;
        leave(seat);
        part_from_bridge(seat);
        return true;
    });
    if (talk->second.seats.empty()) talks_.erase(talk);
}

void TalkRelay::obey(const BridgeTalk& order) {
    const auto talk = talks_.find(order.key);
    if (talk == talks_.end()) return;
    for (auto& seat : talk->second.seats) {
        if (seat.member != order.member) continue;
        part_from_bridge(seat);
        seat.bare = order.peer;
        if (order.peer) bridged_[order.peer] = order.key;
    }
}

void TalkRelay::part_from_bridge(Seat& seat) {
    if (seat.bare) bridged_.erase(seat.bare);
    seat.bare = {};
}

void TalkRelay::obey(const EndTalk& order) {
    const auto talk = talks_.find(order.key);
    if (talk == talks_.end()) return;
    for (auto& seat : talk->second.seats) {
        leave(seat);
        part_from_bridge(seat);
    }
    talks_.erase(talk);
}

void TalkRelay::leave(Seat& seat) {
    if (seat.path) places_.erase(seat.path->remote);
    seat.path.reset();
}

// Whoever was told of his talk by a line may be quicker than the bell: what was ordered comes first.
void TalkRelay::receive(Now now, std::span<port::Datagram> batch, port::SendArena& out) {
    obey_orders();
    for (const auto& datagram : batch) {
        counters_.add(Counter::packets_in);
        counters_.add(Counter::media_bytes_in, datagram.bytes.size());
        receive_one(now, *datagram.path, datagram.bytes, out);
    }
}

void TalkRelay::receive_one(Now now, const port::Path& path, Bytes bytes, port::SendArena& out) {
    if (bytes.empty() || bytes.size() >= kLongestDatagram) return;
    if (const auto key = session_key(bytes)) {
        if (!take_place(now, path, *key)) refuse(now, path, bytes.size(), out);
        return;
    }
    const auto place = places_.find(path.remote);
    if (place == places_.end()) return refuse(now, path, bytes.size(), out);
    auto& seats = talks_.find(place->second)->second.seats;
    const auto own = std::ranges::find_if(seats, [&](const Seat& seat) { return seat.path && seat.path->remote == path.remote; });
    if (!own->allowance.take(now.at)) return counters_.add(Counter::dropped_unknown_path);
    own->heard = now.at;
    const bool sound = bytes.size() == kTalkFrameBytes;
    if (sound && own->bare && !say_to_bridge(*own, bytes)) counters_.add(Counter::bare_packets_lost);
    for (const auto& seat : seats)
        if (seat.path && seat.member != own->member && !(sound && seat.bare)) send(*seat.path, bytes, out);  // who has a mix has one stream
}

bool TalkRelay::say_to_bridge(const Seat& own, Bytes bytes) {
    return to_bridge_ && to_bridge_->push([&](TalkFrame& frame) {
        frame.peer = own.bare;
        std::ranges::copy(bytes, frame.bytes.begin());
    });
}

// The place that was his already, one that is free, or the one that was silent longest: a key moves with its owner, who must be
// at the address by which he is connected.
bool TalkRelay::take_place(Now now, const port::Path& path, std::string_view key) {
    const auto talk = talks_.find(key);
    if (talk == talks_.end()) return false;
    Seat* chosen = nullptr;
    const auto rank = [&](const Seat& seat) { return seat.path && seat.path->remote == path.remote ? 0 : !seat.path ? 1 : 2; };
    for (auto& seat : talk->second.seats) {
        if (seat.ip != path.remote.ip) continue;
        if (!chosen || rank(seat) < rank(*chosen) || (rank(seat) == rank(*chosen) && seat.heard < chosen->heard)) chosen = &seat;
    }
    if (!chosen) return false;
    if (const auto before = places_.find(path.remote); before != places_.end()) {
        const auto old = talks_.find(before->second);
        for (auto& seat : old->second.seats)
            if (seat.path && seat.path->remote == path.remote) seat.path.reset();
    }
    leave(*chosen);
    chosen->path = path;
    chosen->heard = now.at;
    places_[path.remote] = talk->first;
    return true;
}

// Never more than what came, and at most once a second: nobody is flooded by a forged address.
void TalkRelay::refuse(Now now, const port::Path& path, std::size_t size, port::SendArena& out) {
    counters_.add(Counter::dropped_unknown_path);
    const auto known = strangers_.find(path.remote);
    if (known != strangers_.end() && now.at < known->second + kErrorInterval) return;
    if (strangers_.size() >= kStrangers) std::erase_if(strangers_, [&](const auto& stranger) { return stranger.second + kErrorInterval <= now.at; });
    if (strangers_.size() >= kStrangers && known == strangers_.end()) return;
    strangers_[path.remote] = now.at;
    send(path, as_bytes(kError.substr(0, std::min(size, kError.size()))), out);
}

void TalkRelay::send(const port::Path& path, Bytes bytes, port::SendArena& out) {
    auto room = out.reserve(bytes.size());
    if (room.empty() && out.flush()) room = out.reserve(bytes.size());
    if (room.empty()) return counters_.add(Counter::dropped_send_full);
    std::memcpy(room.data(), bytes.data(), bytes.size());
    out.commit(path, bytes.size());
    counters_.add(Counter::packets_out);
    counters_.add(Counter::media_bytes_out, bytes.size());
}

}  // namespace earshot::engine
