// The machine of bare voice, on a thread of its own: voice sockets (connections whose bytes are sound) and bridged Voix talks, tied to
// the rooms of the Bridge. Control says by orders who of them is a member of which call; until then his sound is read and forgotten.
//
// Of a socket: what it sends goes through its PcmIntake at the pace of the clock (who is ahead is not read for a while; who stays ahead
// is let go), and every 20 ms it is sent its mix, silence included. What it does not read waits, bounded, and the oldest is dropped.
// Of a talk: each TalkFrame of a bare member without a socket is his voice, and every 20 ms he is sent one TalkFrame while somebody
// else sounds.
#pragma once
#include <deque>
#include <unordered_map>
#include <vector>

#include "base/counters.hpp"
#include "bridge/bridge.hpp"
#include "bridge/pcm_intake.hpp"
#include "bridge/pcm_output.hpp"
#include "engine/bridge_orders.hpp"
#include "port/control.hpp"

namespace earshot::bridge {

// What the desk needs; all of it outlives the desk. Without a relay `from_talks` and `to_talks` are null.
struct DeskParts {
    engine::BridgeOrderBox& orders;
    engine::BridgeNewsBox& news;
    engine::BarePacketBox& to_shard;
    engine::TappedPacketBox& from_shard;
    Counters& counters;
    engine::TalkFrameBox* from_talks = nullptr;
    engine::TalkFrameBox* to_talks = nullptr;
};

class PcmDesk final : public port::ControlMachine {
public:
    // `formats`: of each pair of ports, by its number.
    PcmDesk(std::vector<engine::PcmFormat> formats, DeskParts parts);
    ~PcmDesk() override;

    void opened(Now now, ConnectionId id, const port::Opened& opened, port::ControlOutbox& out) override;
    void received(Now now, ConnectionId id, Bytes bytes, port::ControlOutbox& out) override;
    void wrote(Now now, ConnectionId id, std::size_t size, port::ControlOutbox& out) override;
    void closed(Now now, ConnectionId id, port::ControlOutbox& out) override;
    void stored(Now, port::StoreReply, port::ControlOutbox&) override {}
    void drain(Now now, port::ControlOutbox& out) override;
    void tick(Now now, port::ControlOutbox& out) override;
    Deadline deadline() const override;
    void shutdown(Now now, port::ControlOutbox& out) override;

    const Bridge& bridge() const { return bridge_; }
    // For tests and the simulator: bytes that wait for a reader here and beyond, and sound that waits to be said.
    std::size_t waiting_bytes(ConnectionId id) const;
    Duration waiting_sound(ConnectionId id) const;

private:
    struct Socket;
    struct Talk;

    void obey(Now now, const engine::AddBareMember& order, port::ControlOutbox& out);
    void obey(Now now, const engine::RemoveBareMember& order, port::ControlOutbox& out);
    void obey(Now now, const engine::SetBareVoice& order, port::ControlOutbox& out);
    void obey(Now now, const engine::CloseVoice& order, port::ControlOutbox& out);
    void obey(Now now, const engine::CloseAllVoices& order, port::ControlOutbox& out);
    void hear_talks(Now now);
    void say_due(Now now, ConnectionId id, Socket& socket, port::ControlOutbox& out);
    void watch_pace(Now now, ConnectionId id, Socket& socket, port::ControlOutbox& out);
    void say_due(Now now, PeerId peer, Talk& talk);
    void mix_due(Now now, port::ControlOutbox& out);
    void send(ConnectionId id, Socket& socket, SharedText block, port::ControlOutbox& out);
    void pump(ConnectionId id, Socket& socket, port::ControlOutbox& out);
    void send(PeerId peer, Talk& talk);
    void finish(Now now, ConnectionId id, Socket& socket, engine::VoiceEnd why, port::ControlOutbox& out);
    void bury(ConnectionId id);
    void tell(engine::BridgeNews news);
    void tell_later();
    bool anybody() const;

    std::vector<engine::PcmFormat> formats_;
    DeskParts parts_;
    Bridge bridge_;
    std::unordered_map<ConnectionId, std::unique_ptr<Socket>> sockets_;
    std::unordered_map<PeerId, std::unique_ptr<Talk>> talks_;
    Time next_mix_ = kNever;
    std::deque<engine::BridgeNews> untold_;  // while the box is full
};

}  // namespace earshot::bridge
