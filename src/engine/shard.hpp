// The media side of the house: peers, their paths, and the calls of the rooms bound to this shard. Datagrams come in batches, are
// told apart by their first bytes (RFC 7983), and leave encrypted in the arena; orders come and news goes through mailboxes. One thread.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "base/counters.hpp"
#include "base/random.hpp"
#include "crypto/dtls.hpp"
#include "engine/bridge_orders.hpp"
#include "engine/call_room.hpp"
#include "engine/media_streams.hpp"
#include "engine/shard_orders.hpp"
#include "engine/timers.hpp"
#include "port/media.hpp"
#include "rtc/peer_table.hpp"
#include "rtc/session.hpp"

namespace earshot::engine {

class Shard final : public port::MediaMachine {
public:
    // All outlive the shard. `counters` and `random` are this thread's alone. `bridge`: for rooms with bare members; a shard without
    // one refuses them.
    Shard(const crypto::Identity& identity, OrderBox& orders, NewsBox& news, Counters& counters, Random& random, ShardLine* bridge = nullptr);
    ~Shard() override;

    void drain(Now now, port::SendArena& out) override;
    void receive(Now now, std::span<port::Datagram> batch, port::SendArena& out) override;
    void tcp_receive(Now now, const port::Path& path, Bytes bytes, port::SendArena& out) override;
    void tcp_closed(Now now, const port::Path& path) override;
    std::vector<std::uint32_t> tcp_to_close() override { return streams_.take_to_close(); }
    void tick(Now now, port::SendArena& out) override;
    Deadline deadline() const override;

    std::size_t peer_count() const { return handles_.size(); }
    std::size_t bare_count() const { return bares_.size(); }
    std::size_t room_count() const { return room_of_.size(); }

private:
    using Handle = rtc::PeerTable::Handle;  // index of peers_
    struct Peer;

    // Orders.
    void obey(Now now, AddPeer&& order, rtc::Outbox& out);
    void obey(Now now, SetRemote&& order, rtc::Outbox& out);
    void obey(Now now, RestartIce&& order, rtc::Outbox& out);
    void obey(Now now, RemovePeer&& order, rtc::Outbox& out);
    void obey(Now now, SetVoice&& order, rtc::Outbox& out);
    void obey(Now now, OfferVideo&& order, rtc::Outbox& out);
    void obey(Now now, ShowVideo&& order, rtc::Outbox& out);
    void obey(Now now, SeeVideo&& order, rtc::Outbox& out);
    void obey(Now now, AddBare&& order, rtc::Outbox& out);
    void obey(Now now, Shutdown&& order, rtc::Outbox& out);
    bool refuse(const AddPeer& order);
    bool full(PeerId peer, RoomId room) const;
    Peer* find(PeerId id);

    // Datagrams. Each says whether it was from a peer and right.
    bool receive_one(Now now, const port::Path& path, MutableBytes bytes, rtc::Outbox& out);
    bool receive_stun(Now now, const port::Path& path, Bytes bytes, rtc::Outbox& out);
    bool receive_dtls(Now now, Peer& peer, const port::Path& path, Bytes bytes, rtc::Outbox& out);
    bool receive_rtp(Now now, Peer& peer, MutableBytes bytes, rtc::Outbox& out);
    void forward(Now now, Peer& peer, rtc::VoiceIn::Voice& voice, rtc::Outbox& out);
    // One packet to all who hear it; false when nobody may.
    bool spread(Now now, std::uint32_t room, const media::Packet& packet, rtc::Outbox& out);
    void forward(Now now, const BarePacket& packet, rtc::Outbox& out);
    void tap(Now now, const CallRoom& room, const media::Packet& packet, media::Forwarder::Heard heard);
    bool receive_picture(Now now, Peer& peer, MutableBytes bytes, rtc::Outbox& out);
    void receive_rtcp(Now now, Peer& peer, MutableBytes bytes, rtc::Outbox& out);
    bool worth_opening(Now now, const Peer& peer, const rtc::VoiceIn::Incoming& incoming);

    // What follows a change of a peer.
    void settle(Now now, Peer& peer, rtc::Outbox& out);
    void note_connected(Peer& peer);
    void note_quiet(Now now, Peer& peer);
    void update_listening(Peer& peer);
    void drop_path(const port::Path& path, Handle handle);
    void remove(Peer& peer, Now now, rtc::Outbox& out);
    void remove_bare(Now now, PeerId peer);
    void leave_room(Now now, std::uint32_t room, media::SeatId seat);
    void report(Now now, Peer& peer, rtc::Outbox& out);
    void report_pictures(Now now, Peer& peer, rtc::Outbox& out);
    // Encodings chosen, key frames asked for, whenever a room's pictures have something to decide.
    void serve_pictures(Now now, std::uint32_t room, rtc::Outbox& out);
    void tick_peer(Now now, Handle handle, rtc::Outbox& out);
    void tell_room(Time now, std::uint32_t room);

    std::uint32_t room_index(RoomId id);
    Handle free_handle();
    void tell(ShardNews news);
    void flush_news(Time now);

    const crypto::Identity& identity_;
    OrderBox& orders_;
    NewsBox& news_;
    Counters& counters_;
    Random& random_;
    ShardLine* bridge_;

    std::vector<std::unique_ptr<Peer>> peers_;
    std::unordered_map<PeerId, Handle> handles_;
    struct Bare {
        std::uint32_t room = 0;
        media::SeatId seat = 0;
    };
    std::unordered_map<PeerId, Bare> bares_;
    std::vector<std::unique_ptr<CallRoom>> rooms_;
    std::unordered_map<RoomId, std::uint32_t> room_of_;
    rtc::PeerTable table_;
    MediaStreams streams_;
    Timers timers_;  // of peers, of rooms, of rooms' pictures
    std::vector<crypto::ProtectJob> jobs_;
    std::vector<ShardNews> untold_;  // while the box is full
    Time news_again_ = kNever;
};

}  // namespace earshot::engine
