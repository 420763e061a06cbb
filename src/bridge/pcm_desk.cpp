#include "bridge/pcm_desk.hpp"

#include <algorithm>
#include <cstring>

#include "base/check.hpp"
#include "engine/limits.hpp"

namespace earshot::bridge {
namespace {

namespace limits = engine::limits;

constexpr std::size_t kOnTheWay = 3;  // pieces handed to the connection and not written yet; the others can still be dropped
constexpr std::size_t kMostPieces = static_cast<std::size_t>(limits::kSoundBehindMost / kStep);
constexpr Duration kMixStall = 200ms;  // later than this the missed pieces are not made up for
constexpr Duration kFlush = 1s;        // of the sound of one who left
constexpr engine::PcmFormat kTalkFormat{.rate = audio::kRate, .channels = 1};

ConnectionId connection_of(engine::VoiceId voice) { return {voice.value}; }
engine::VoiceId voice_of(ConnectionId id) { return {id.value}; }

}  // namespace

struct PcmDesk::Socket {
    explicit Socket(const engine::PcmFormat& format) : intake(format), output(format) {}

    PcmIntake intake;
    PcmOutput output;
    PeerId peer;  // 0: nobody's yet
    bool paused = false;
    bool closing = false;   // we closed it; nothing more is said or heard
    Time bury_at = kNever;  // the peer closed it: what he said last is still to be heard
    std::size_t on_the_way = 0, bytes_on_the_way = 0;
    std::deque<SharedText> waiting;
    std::deque<std::size_t> sizes;  // of what is on the way
};

struct PcmDesk::Talk {
    PcmIntake intake{kTalkFormat};
    PcmOutput output{kTalkFormat};
};

PcmDesk::PcmDesk(std::vector<engine::PcmFormat> formats, DeskParts parts)
    : formats_(std::move(formats)), parts_(parts), bridge_(parts.to_shard, parts.from_shard, parts.counters) {}
PcmDesk::~PcmDesk() = default;

// --- connections

void PcmDesk::opened(Now, ConnectionId id, const port::Opened& opened, port::ControlOutbox& out) {
    ENSURE(opened.pair < formats_.size());
    if (sockets_.size() >= limits::kVoiceSockets) {
        parts_.counters.add(Counter::voice_sockets_full);
        return out.close(id, 1000, "full");
    }
    sockets_[id] = std::make_unique<Socket>(formats_[opened.pair]);
    parts_.counters.set(Counter::voice_sockets, sockets_.size());
    tell(engine::VoiceOpened{voice_of(id), opened.remote.ip, opened.remote.port, opened.pair});
}

void PcmDesk::received(Now now, ConnectionId id, Bytes bytes, port::ControlOutbox& out) {
    const auto found = sockets_.find(id);
    if (found == sockets_.end() || found->second->closing) return;
    found->second->intake.receive(now.at, bytes);
    watch_pace(now, id, *found->second, out);
}

void PcmDesk::wrote(Now, ConnectionId id, std::size_t size, port::ControlOutbox& out) {
    const auto found = sockets_.find(id);
    if (found == sockets_.end()) return;
    auto& socket = *found->second;
    ENSURE(socket.bytes_on_the_way >= size);
    socket.bytes_on_the_way -= size;
    for (; size > 0 && !socket.sizes.empty(); socket.sizes.pop_front()) {
        const auto of_this = std::min(size, socket.sizes.front());
        size -= of_this;
        socket.sizes.front() -= of_this;
        if (socket.sizes.front() > 0) break;
    }
    pump(id, socket, out);
}

// What he said last is still heard; who had nothing more to say is gone at once.
void PcmDesk::closed(Now now, ConnectionId id, port::ControlOutbox&) {
    const auto found = sockets_.find(id);
    if (found == sockets_.end()) return;
    auto& socket = *found->second;
    socket.waiting.clear();
    if (socket.closing) return static_cast<void>(sockets_.erase(found)), parts_.counters.set(Counter::voice_sockets, sockets_.size());
    if (!socket.peer || socket.intake.due() == kNever) return bury(id);
    socket.bury_at = now.at + kFlush;
}

void PcmDesk::bury(ConnectionId id) {
    tell(engine::VoiceClosed{voice_of(id), engine::VoiceEnd::kLeft});
    sockets_.erase(id);
    parts_.counters.set(Counter::voice_sockets, sockets_.size());
}

void PcmDesk::finish(Now, ConnectionId id, Socket& socket, engine::VoiceEnd why, port::ControlOutbox& out) {
    if (std::exchange(socket.closing, true)) return;
    if (socket.bury_at != kNever) return bury(id);
    tell(engine::VoiceClosed{voice_of(id), why});
    while (!socket.waiting.empty()) {
        out.send(id, socket.waiting.front());
        socket.bytes_on_the_way += socket.waiting.front()->size();
        socket.waiting.pop_front();
    }
    out.close(id, 1000, "goodbye");
}

// --- orders

void PcmDesk::drain(Now now, port::ControlOutbox& out) {
    for (const auto& order : parts_.orders.take()) std::visit([&](const auto& each) { obey(now, each, out); }, order);
    hear_talks(now);
    tell_later();
}

void PcmDesk::obey(Now now, const engine::AddBareMember& order, port::ControlOutbox&) {
    if (order.voice) {
        const auto found = sockets_.find(connection_of(order.voice));
        if (found == sockets_.end() || found->second->closing) return;  // the news of its end is on the way
        found->second->peer = order.peer;
    } else {
        talks_[order.peer] = std::make_unique<Talk>();
    }
    bridge_.add({.peer = order.peer, .room = order.room, .member = order.member, .muted = order.muted, .deafened = order.deafened});
    if (next_mix_ == kNever) next_mix_ = now.at + kStep;
}

void PcmDesk::obey(Now, const engine::RemoveBareMember& order, port::ControlOutbox&) {
    bridge_.remove(order.peer);
    talks_.erase(order.peer);
    for (auto& [id, socket] : sockets_)
        if (socket->peer == order.peer) socket->peer = {};
}

void PcmDesk::obey(Now, const engine::SetBareVoice& order, port::ControlOutbox&) { bridge_.set_voice(order.peer, order.muted, order.deafened); }

void PcmDesk::obey(Now now, const engine::CloseVoice& order, port::ControlOutbox& out) {
    const auto id = connection_of(order.voice);
    if (const auto found = sockets_.find(id); found != sockets_.end()) finish(now, id, *found->second, engine::VoiceEnd::kLeft, out);
}

void PcmDesk::obey(Now now, const engine::CloseAllVoices&, port::ControlOutbox& out) { shutdown(now, out); }

void PcmDesk::shutdown(Now now, port::ControlOutbox& out) {
    std::vector<ConnectionId> all;
    for (const auto& [id, socket] : sockets_) all.push_back(id);
    std::ranges::sort(all);
    for (const auto id : all) finish(now, id, *sockets_.at(id), engine::VoiceEnd::kLeft, out);
}

void PcmDesk::hear_talks(Now now) {
    if (!parts_.from_talks) return;
    parts_.from_talks->take_each([&](const engine::TalkFrame& frame) {
        if (const auto found = talks_.find(frame.peer); found != talks_.end()) found->second->intake.receive(now.at, frame.bytes);
    });
}

// --- time

void PcmDesk::tick(Now now, port::ControlOutbox& out) {
    hear_talks(now);
    std::vector<ConnectionId> silent;
    for (auto& [id, socket] : sockets_) {
        if (!socket->closing) say_due(now, id, *socket, out);
        const bool said = socket->intake.due() == kNever || socket->bury_at <= now.at;
        if (socket->bury_at != kNever && said) silent.push_back(id);
    }
    for (const auto id : silent) bury(id);
    for (auto& [peer, talk] : talks_) say_due(now, peer, *talk);
    if (now.at >= next_mix_) mix_due(now, out);
    tell_later();
}

void PcmDesk::say_due(Now now, ConnectionId id, Socket& socket, port::ControlOutbox& out) {
    MonoFrame frame;
    while (socket.intake.due() <= now.at) {
        const auto due = socket.intake.due();
        socket.intake.take(frame);
        if (socket.peer) bridge_.say(due, socket.peer, frame);
    }
    watch_pace(now, id, socket, out);
}

void PcmDesk::say_due(Now now, PeerId peer, Talk& talk) {
    MonoFrame frame;
    while (talk.intake.due() <= now.at) {
        const auto due = talk.intake.due();
        talk.intake.take(frame);
        bridge_.say(due, peer, frame);
    }
}

void PcmDesk::watch_pace(Now now, ConnectionId id, Socket& socket, port::ControlOutbox& out) {
    const bool gone = socket.closing || socket.bury_at != kNever;
    if (gone) return;
    if (socket.intake.ahead_since() != kNever && now.at - socket.intake.ahead_since() > limits::kSoundAheadPatience) {
        parts_.counters.add(Counter::voice_too_fast);
        return finish(now, id, socket, engine::VoiceEnd::kTooFast, out);
    }
    if (socket.intake.wants_pause() == socket.paused) return;
    socket.paused = !socket.paused;
    out.pause_reading(id, socket.paused);
}

void PcmDesk::mix_due(Now now, port::ControlOutbox& out) {
    if (!anybody()) {
        next_mix_ = kNever;
        return;
    }
    if (now.at - next_mix_ > kMixStall) next_mix_ = now.at;
    for (; next_mix_ <= now.at; next_mix_ += kStep) {
        bridge_.step(now.at);
        for (auto& [id, socket] : sockets_) {
            if (!socket->peer || socket->closing || socket->bury_at != kNever) continue;
            const auto* mix = bridge_.heard_by(socket->peer);
            send(id, *socket, mix ? socket->output.convert(*mix) : socket->output.silence(), out);
        }
        for (auto& [peer, talk] : talks_) send(peer, *talk);
    }
}

bool PcmDesk::anybody() const { return bridge_.members() > 0; }

// --- sound out

// A reader who does not read loses the oldest, and what he reads then is fresh.
void PcmDesk::send(ConnectionId id, Socket& socket, SharedText block, port::ControlOutbox& out) {
    socket.waiting.push_back(std::move(block));
    if (socket.waiting.size() > kMostPieces) {
        socket.waiting.pop_front();
        parts_.counters.add(Counter::voice_sound_lost);
    }
    pump(id, socket, out);
}

void PcmDesk::pump(ConnectionId id, Socket& socket, port::ControlOutbox& out) {
    while (!socket.closing && socket.bury_at == kNever && !socket.waiting.empty() && socket.sizes.size() < kOnTheWay) {
        auto& block = socket.waiting.front();
        socket.bytes_on_the_way += block->size();
        socket.sizes.push_back(block->size());
        out.send(id, std::move(block));
        socket.waiting.pop_front();
    }
}

void PcmDesk::send(PeerId peer, Talk& talk) {
    const auto* mix = bridge_.heard_by(peer);
    if (!mix || !parts_.to_talks) return;
    const auto bytes = talk.output.convert(*mix);
    if (bytes->size() != engine::kTalkFrameBytes) return;
    const bool taken = parts_.to_talks->push([&](engine::TalkFrame& frame) {
        frame.peer = peer;
        std::memcpy(frame.bytes.data(), bytes->data(), frame.bytes.size());
    });
    if (!taken) parts_.counters.add(Counter::bare_packets_lost);
}

// --- news

void PcmDesk::tell(engine::BridgeNews news) {
    if (untold_.empty() && parts_.news.push(std::move(news))) return;
    parts_.counters.add(Counter::mailbox_full);
    untold_.push_back(std::move(news));  // at most two for each socket that there was meanwhile
}

void PcmDesk::tell_later() {
    while (!untold_.empty() && parts_.news.push(std::move(untold_.front()))) untold_.pop_front();
}

Deadline PcmDesk::deadline() const {
    Deadline due{next_mix_, "the next 20 ms"};
    for (const auto& [id, socket] : sockets_) {
        if (!socket->closing) due.sooner({socket->intake.due(), "a frame of a voice socket"});
        due.sooner({socket->bury_at, "the last words of one who left"});
    }
    for (const auto& [peer, talk] : talks_) due.sooner({talk->intake.due(), "a frame of a talk"});
    return due;
}

std::size_t PcmDesk::waiting_bytes(ConnectionId id) const {
    const auto found = sockets_.find(id);
    if (found == sockets_.end()) return 0;
    std::size_t size = found->second->bytes_on_the_way;
    for (const auto& block : found->second->waiting) size += block->size();
    return size;
}

Duration PcmDesk::waiting_sound(ConnectionId id) const {
    const auto found = sockets_.find(id);
    return found == sockets_.end() ? Duration{} : found->second->intake.waiting();
}

}  // namespace earshot::bridge
