#include "engine/shard.hpp"

#include <algorithm>
#include <iterator>

#include "base/check.hpp"
#include "base/overloaded.hpp"
#include "engine/shard_peer.hpp"
#include "wire/demultiplex.hpp"
#include "wire/stun.hpp"

namespace earshot::engine {
namespace {

constexpr Duration kNewsRetry = 10ms;
constexpr std::size_t kJobs = 1024;


LostReason reason(rtc::Loss loss) {
    switch (loss) {
        case rtc::Loss::kNone: break;
        case rtc::Loss::kConsent: return LostReason::kConsent;
        case rtc::Loss::kDtlsFailed: return LostReason::kDtlsFailed;
        case rtc::Loss::kFingerprintMismatch: return LostReason::kFingerprintMismatch;
        case rtc::Loss::kClosed: return LostReason::kClosed;
    }
    return LostReason::kConsent;
}

template <typename Pointer>
std::uint32_t free_index(std::vector<Pointer>& table) {
    const auto index = static_cast<std::uint32_t>(std::find(table.begin(), table.end(), nullptr) - table.begin());
    if (index == table.size()) table.emplace_back();
    return index;
}

}  // namespace

Shard::Shard(const crypto::Identity& identity, OrderBox& orders, NewsBox& news, Counters& counters, Random& random, ShardLine* bridge)
    : identity_(identity), orders_(orders), news_(news), counters_(counters), random_(random), bridge_(bridge) {
    jobs_.reserve(kJobs);
}

Shard::~Shard() = default;

// --- the world's verbs ---

void Shard::drain(Now now, port::SendArena& arena) {
    rtc::Outbox out{arena, jobs_, counters_};
    for (auto& order : orders_.take()) {
        std::visit([&](auto& each) { obey(now, std::move(each), out); }, order);
    }
    if (bridge_) bridge_->to_shard.take_each([&](const BarePacket& packet) { forward(now, packet, out); });
    flush_news(now.at);
}

void Shard::receive(Now now, std::span<port::Datagram> batch, port::SendArena& arena) {
    rtc::Outbox out{arena, jobs_, counters_};
    std::uint64_t bytes = 0;
    for (auto& datagram : batch) {
        bytes += datagram.bytes.size();
        receive_one(now, *datagram.path, datagram.bytes, out);
    }
    counters_.add(Counter::packets_in, batch.size());
    counters_.add(Counter::media_bytes_in, bytes);
    flush_news(now.at);
}

void Shard::tcp_receive(Now now, const port::Path& path, Bytes bytes, port::SendArena& arena) {
    rtc::Outbox out{arena, jobs_, counters_};
    streams_.receive(now.at, path, bytes, [&](MutableBytes frame, bool stranger) {
        counters_.add(Counter::packets_in);
        counters_.add(Counter::media_bytes_in, frame.size());
        const bool right = receive_one(now, path, frame, out);
        out.finish();  // the frame's memory is used again
        return right || !stranger;
    });
    flush_news(now.at);
}

void Shard::tcp_closed(Now now, const port::Path& path) {
    streams_.closed(path.tcp);
    const auto handle = table_.by_path(path);
    if (!handle) return;
    peers_[*handle]->session.ice().forget(path);
    table_.unbind(path, *handle);
    update_listening(*peers_[*handle]);
    flush_news(now.at);
}

void Shard::tick(Now now, port::SendArena& arena) {
    rtc::Outbox out{arena, jobs_, counters_};
    while (const auto key = timers_.pop(now.at)) {
        const std::uint32_t which = *key / kTimerKinds;
        if (*key == peer_key(which)) tick_peer(now, which, out);
        if (*key == room_key(which)) tell_room(now.at, which);
        if (*key == pictures_key(which)) serve_pictures(now, which, out);
    }
    streams_.tick(now.at);
    flush_news(now.at);
}

Deadline Shard::deadline() const {
    Deadline next{timers_.next(), "a peer or a room"};
    next.sooner({streams_.deadline(), "a stranger's patience"});
    next.sooner({news_again_, "news that found the mailbox full"});
    return next;
}

// --- orders ---

void Shard::obey(Now now, AddPeer&& order, rtc::Outbox&) {
    if (refuse(order)) return tell(PeerLost{order.peer, LostReason::kRefused});
    const Handle handle = free_handle();
    ENSURE(table_.add_ufrag(order.ufrag, handle));
    const auto room = room_index(order.room);
    auto& forwarder = rooms_[room]->forwarder();
    const auto seat = forwarder.add(order.member, handle, random_);
    peers_[handle] = std::make_unique<Peer>(Peer{.session{identity_,
                                                          rtc::SessionConfig{.credentials = {std::move(order.ufrag), std::move(order.pwd)},
                                                                             .slot_ssrcs = std::move(order.slot_ssrcs),
                                                                             .own_rtcp_ssrc = order.own_rtcp_ssrc,
                                                                             .cname = std::move(order.cname)},
                                                          random_, now.at},
                                                 .id = order.peer,
                                                 .handle = handle,
                                                 .room = room,
                                                 .seat = seat,
                                                 .listen_only = order.listen_only,
                                                 .deafened = order.deafened});
    forwarder.set_muted(seat, order.muted || order.listen_only);
    rooms_[room]->video().add(seat, order.member, handle);
    handles_[order.peer] = handle;
    counters_.add(Counter::peers);
    timers_.schedule(peer_key(handle), peers_[handle]->session.deadline(now.at).at);
}

bool Shard::refuse(const AddPeer& order) {
    return full(order.peer, order.room) || order.ufrag.empty() || order.pwd.empty() || table_.by_ufrag(order.ufrag).has_value();
}

// No place for one more, or he has one.
bool Shard::full(PeerId peer, RoomId id) const {
    const auto room = room_of_.find(id);
    const std::size_t in_room = room == room_of_.end() ? 0 : rooms_[room->second]->forwarder().size();
    return handles_.size() + bares_.size() >= limits::kPeers || in_room >= limits::kPeersPerRoom || handles_.contains(peer) || bares_.contains(peer);
}

void Shard::obey(Now, AddBare&& order, rtc::Outbox&) {
    if (!bridge_ || full(order.peer, order.room)) return tell(PeerLost{order.peer, LostReason::kRefused});
    const auto index = room_index(order.room);
    auto& room = *rooms_[index];
    const auto seat = room.forwarder().add(order.member, 0, random_);  // never listening: nothing is emitted to him
    room.forwarder().set_muted(seat, order.muted);
    ++room.bare_members;
    bares_[order.peer] = {index, seat};
}

void Shard::obey(Now now, SetRemote&& order, rtc::Outbox& out) {
    auto* peer = find(order.peer);
    if (!peer) return;
    rooms_[peer->room]->forwarder().set_accepted(peer->seat, order.media.accepted_slots);
    if (const auto& video = order.media.video) rooms_[peer->room]->video().set_accepted(peer->seat, video->slots, video->codecs);
    peer->session.set_remote(now.at, std::move(order.media), out);
    settle(now, *peer, out);
}

void Shard::obey(Now, RestartIce&& order, rtc::Outbox&) {
    auto* peer = find(order.peer);
    if (!peer || order.ufrag.empty() || order.pwd.empty() || !table_.add_ufrag(order.ufrag, peer->handle)) return;
    if (const auto forgotten = peer->session.ice().restart({std::move(order.ufrag), std::move(order.pwd)})) table_.remove_ufrag(*forgotten);
}

void Shard::obey(Now now, RemovePeer&& order, rtc::Outbox& out) {
    if (auto* peer = find(order.peer)) return remove(*peer, now, out);
    remove_bare(now, order.peer);
}

void Shard::obey(Now now, SetVoice&& order, rtc::Outbox&) {
    if (const auto bare = bares_.find(order.peer); bare != bares_.end()) {
        rooms_[bare->second.room]->forwarder().set_muted(bare->second.seat, order.muted);
        return tell_room(now.at, bare->second.room);
    }
    auto* peer = find(order.peer);
    if (!peer) return;
    peer->deafened = order.deafened;
    rooms_[peer->room]->forwarder().set_muted(peer->seat, order.muted || peer->listen_only);
    update_listening(*peer);
    tell_room(now.at, peer->room);
}

void Shard::obey(Now now, Shutdown&&, rtc::Outbox& out) {
    for (const auto& peer : peers_) {
        if (peer) remove(*peer, now, out);
    }
    while (!bares_.empty()) remove_bare(now, bares_.begin()->first);
}

Shard::Peer* Shard::find(PeerId id) {
    const auto found = handles_.find(id);
    return found == handles_.end() ? nullptr : peers_[found->second].get();
}

// --- datagrams ---

bool Shard::receive_one(Now now, const port::Path& path, MutableBytes bytes, rtc::Outbox& out) {
    const auto kind = wire::classify(bytes);
    if (kind == wire::Kind::kStun) return receive_stun(now, path, bytes, out);
    const auto handle = kind == wire::Kind::kUnknown ? std::nullopt : table_.by_path(path);
    if (!handle) {  // only a valid check makes a path known
        counters_.add(Counter::dropped_unknown_path);
        return false;
    }
    Peer& peer = *peers_[*handle];
    if (kind == wire::Kind::kRtp) return receive_rtp(now, peer, bytes, out);
    if (kind == wire::Kind::kDtls) return receive_dtls(now, peer, path, bytes, out);
    receive_rtcp(now, peer, bytes, out);
    return true;
}

bool Shard::receive_stun(Now now, const port::Path& path, Bytes bytes, rtc::Outbox& out) {
    const auto message = wire::parse_stun(bytes);
    const auto handle = message ? table_.by_ufrag(wire::stun_local_ufrag(*message)) : std::nullopt;
    if (!handle) {
        counters_.add(Counter::dropped_stun);
        return false;
    }
    Peer& peer = *peers_[*handle];
    const auto verdict = peer.session.receive_stun(now.at, path, *message, out);
    if (!verdict.valid) return false;
    if (const auto before = table_.bind(path, *handle)) {
        peers_[*before]->session.ice().forget(path);
        update_listening(*peers_[*before]);
    }
    if (verdict.forgotten) drop_path(*verdict.forgotten, *handle);
    if (!verdict.retired_ufrag.empty()) table_.remove_ufrag(verdict.retired_ufrag);
    settle(now, peer, out);
    return true;
}

bool Shard::receive_dtls(Now now, Peer& peer, const port::Path& path, Bytes bytes, rtc::Outbox& out) {
    peer.session.receive_dtls(now.at, path, bytes, out);
    settle(now, peer, out);
    return true;
}

bool Shard::receive_rtp(Now now, Peer& peer, MutableBytes bytes, rtc::Outbox& out) {
    if (rtc::is_picture(bytes)) return receive_picture(now, peer, bytes, out);
    auto* in = peer.session.voice();
    const auto incoming = in ? in->inspect(now.at, bytes) : std::unexpected(Counter::dropped_rtp_auth);
    if (!incoming) {
        counters_.add(incoming.error());
        return false;
    }
    if (!rtc::VoiceIn::must_open(*incoming) && !worth_opening(now, peer, *incoming)) {
        in->skip(*incoming);
        return true;
    }
    auto voice = peer.session.open_voice(now.at, *incoming, bytes);
    if (!voice) {
        counters_.add(voice.error());
        return false;
    }
    forward(now, peer, *voice, out);
    if (peer.quiet) settle(now, peer, out);  // last: it may find that he is lost
    return true;
}

void Shard::receive_rtcp(Now now, Peer& peer, MutableBytes bytes, rtc::Outbox& out) {
    const auto& forwarder = rooms_[peer.room]->forwarder();
    for (std::size_t slot = 0; slot < kHeardSlots; ++slot) peer.session.note_passed_over(slot, forwarder.leg(peer.seat, slot).passed_over());
    const auto feedback = peer.session.receive_rtcp(now.at, bytes, counters_);
    auto& video = rooms_[peer.room]->video();
    for (std::size_t slot = 0; feedback.pictures_lost >> slot != 0; ++slot) {
        if (feedback.pictures_lost >> slot & 1) video.picture_lost(peer.seat, slot);
    }
    if (video.restless()) serve_pictures(now, peer.room, out);
    if (peer.quiet) settle(now, peer, out);
}

// The level stands in the clear (RFC 6464): what nobody would hear is not decrypted.
bool Shard::worth_opening(Now now, const Peer& peer, const rtc::VoiceIn::Incoming& incoming) {
    const auto& forwarder = rooms_[peer.room]->forwarder();
    if (forwarder.muted(peer.seat)) {
        counters_.add(Counter::dropped_rtp_muted);
        return false;
    }
    if (forwarder.may_be_heard(peer.seat, incoming.level.level, now.at)) return true;
    counters_.add(Counter::dropped_rtp_silent);
    return false;
}

void Shard::forward(Now now, Peer& peer, rtc::VoiceIn::Voice& voice, rtc::Outbox& out) {
    auto& forwarder = rooms_[peer.room]->forwarder();
    if (voice.new_source) forwarder.restart(peer.seat);
    if (voice.packet.payload.empty()) return;
    for (std::size_t i = 0; i < voice.recovered_count; ++i) {
        voice.recovered[i].seat = peer.seat;
        spread(now, peer.room, voice.recovered[i], out);
    }
    voice.packet.seat = peer.seat;
    if (!spread(now, peer.room, voice.packet, out)) counters_.add(forwarder.muted(peer.seat) ? Counter::dropped_rtp_muted : Counter::dropped_rtp_silent);
    tell_room(now.at, peer.room);
}

bool Shard::spread(Now now, std::uint32_t index, const media::Packet& packet, rtc::Outbox& out) {
    auto& room = *rooms_[index];
    auto& forwarder = room.forwarder();
    const auto heard = forwarder.forward(packet, now.at, [&](Handle listener, std::size_t slot, const media::Rewritten& rewritten) {
        auto& session = peers_[listener]->session;
        if (session.copies() == 0) [[likely]] return session.send_voice(slot, rewritten, packet, out);
        session.send_with_copies(slot, rewritten, packet, forwarder.earlier(packet), out);
    });
    if (heard && room.bare_members > 0) [[unlikely]] tap(now, room, packet, heard);
    return static_cast<bool>(heard);
}

void Shard::forward(Now now, const BarePacket& bare, rtc::Outbox& out) {
    const auto found = bares_.find(bare.peer);
    if (found == bares_.end()) return;  // he left while it was on its way
    spread(now, found->second.room,
           {.payload = bare.payload(),
             .seat = found->second.seat,
             .sequence = bare.sequence,
             .timestamp = bare.timestamp,
             .level = bare.level,
             .voice = bare.level <= media::SpeakerSlots::kSpeech,
             .marker = bare.marker},
            out);
    out.finish();  // the packet's memory is used again
    tell_room(now.at, found->second.room);
}

// Once for all bare members of the room, however many they are.
void Shard::tap(Now now, const CallRoom& room, const media::Packet& packet, media::Forwarder::Heard heard) {
    if (packet.payload.size() > kTappedPayload) return;
    const bool taken = bridge_->from_shard.push([&](TappedPacket& tapped) {
        tapped.room = room.id();
        tapped.member = room.member_of(packet.seat);
        tapped.at = now.at;
        tapped.sequence = packet.sequence;
        tapped.timestamp = packet.timestamp;
        tapped.tenure = heard.tenure;
        tapped.slot = static_cast<std::uint8_t>(heard.slot);
        tapped.marker = packet.marker;
        tapped.size = static_cast<std::uint16_t>(packet.payload.size());
        std::ranges::copy(packet.payload, tapped.bytes.begin());
    });
    if (!taken) counters_.add(Counter::bare_packets_lost);
}

// --- what follows ---

void Shard::settle(Now now, Peer& peer, rtc::Outbox& out) {
    note_connected(peer);
    note_quiet(now, peer);
    if (const auto loss = peer.session.loss(now.at); loss != rtc::Loss::kNone) {
        tell(PeerLost{peer.id, reason(loss)});
        return remove(peer, now, out);
    }
    // Never within this very turn, whatever a machine says: a turn must end.
    timers_.schedule(peer_key(peer.handle), std::max(peer.session.deadline(now.at).at, now.at + 1ms));
}

void Shard::note_connected(Peer& peer) {
    update_listening(peer);
    if (peer.connected || !peer.session.ready()) return;
    peer.connected = true;
    counters_.add(Counter::peers_connected);
    tell(PeerConnected{peer.id});
}

void Shard::note_quiet(Now now, Peer& peer) {
    const bool quiet = peer.session.quiet(now.at);
    if (quiet == peer.quiet) return;
    peer.quiet = quiet;
    tell(PeerQuiet{peer.id, quiet});
}

void Shard::update_listening(Peer& peer) {
    auto& room = *rooms_[peer.room];
    room.forwarder().set_listening(peer.seat, peer.session.ready() && !peer.deafened);
    room.video().set_ready(peer.seat, peer.session.ready());
}

void Shard::drop_path(const port::Path& path, Handle handle) {
    table_.unbind(path, handle);
    if (path.transport == port::Transport::kTcp) streams_.close(path.tcp);
}

void Shard::remove(Peer& peer, Now now, rtc::Outbox& out) {
    peer.session.close(now.at, out);
    out.finish();  // packets for him may wait for his keys
    for (const auto& path : peer.session.ice().paths()) drop_path(path, peer.handle);
    for (const auto& ufrag : peer.session.ice().ufrags()) table_.remove_ufrag(ufrag);
    rooms_[peer.room]->video().remove(peer.seat);
    leave_room(now, peer.room, peer.seat);
    counters_.subtract(Counter::peers);
    if (peer.connected) counters_.subtract(Counter::peers_connected);
    handles_.erase(peer.id);
    timers_.cancel(peer_key(peer.handle));
    peers_[peer.handle].reset();
}

void Shard::remove_bare(Now now, PeerId peer) {
    const auto found = bares_.find(peer);
    if (found == bares_.end()) return;
    const auto bare = found->second;
    bares_.erase(found);
    --rooms_[bare.room]->bare_members;
    leave_room(now, bare.room, bare.seat);
}

void Shard::leave_room(Now now, std::uint32_t index, media::SeatId seat) {
    auto& room = *rooms_[index];
    room.forwarder().remove(seat);
    room.tell_news(now.at, [&](ShardNews news) { tell(std::move(news)); });
    if (room.forwarder().size() > 0) return;
    timers_.cancel(room_key(index));
    timers_.cancel(pictures_key(index));
    room_of_.erase(room.id());
    rooms_[index].reset();
}

void Shard::tick_peer(Now now, Handle handle, rtc::Outbox& out) {
    Peer& peer = *peers_[handle];
    peer.session.tick(now.at, out);
    if (peer.session.report_due(now.at)) report(now, peer, out);
    settle(now, peer, out);
}

void Shard::report(Now now, Peer& peer, rtc::Outbox& out) {
    std::array<rtc::SentStream, kHeardSlots> streams;
    for (std::size_t slot = 0; slot < streams.size(); ++slot) {
        const auto& leg = rooms_[peer.room]->forwarder().leg(peer.seat, slot);
        streams[slot] = {.packets = leg.packets(), .octets = leg.octets(), .last_timestamp = leg.last_timestamp(), .last_sent = leg.last_sent()};
    }
    peer.session.report(now, streams, out);
    report_pictures(now, peer, out);
}

void Shard::tell_room(Time now, std::uint32_t index) {
    auto& room = *rooms_[index];
    if (now < room.next_news()) return timers_.schedule(room_key(index), room.next_news());
    room.tell_news(now, [&](ShardNews news) { tell(std::move(news)); });
    timers_.schedule(room_key(index), std::max(room.forwarder().quiet_at(), room.next_news()));
}

// --- tables and news ---

std::uint32_t Shard::room_index(RoomId id) {
    const auto [entry, fresh] = room_of_.try_emplace(id, 0);
    if (fresh) {
        entry->second = free_index(rooms_);
        rooms_[entry->second] = std::make_unique<CallRoom>(id);
    }
    return entry->second;
}

Shard::Handle Shard::free_handle() { return free_index(peers_); }

void Shard::tell(ShardNews news) {
    if (untold_.empty() && news_.push(std::move(news))) return;
    counters_.add(Counter::mailbox_full);
    if (untold_.size() < limits::kShardNews) untold_.push_back(std::move(news));
}

void Shard::flush_news(Time now) {
    if (untold_.empty()) [[likely]]
        return;
    auto next = untold_.begin();
    while (next != untold_.end() && news_.push(std::move(*next))) ++next;
    untold_.erase(untold_.begin(), next);
    news_again_ = untold_.empty() ? kNever : now + kNewsRetry;
}

}  // namespace earshot::engine
