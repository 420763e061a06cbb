// The datagrams of talks (Voix): `TALKSESSION: key` ties an address to a place in a talk, and from then on every datagram from it
// reaches the others of that talk unchanged. A key is good only from the address by which its owner is connected.
//
// Of a channel's talk that is bridged into its room's call, frames of sound (datagrams of kTalkFrameBytes) go to the bridge instead,
// and each of its people is sent the one mix that the bridge makes for him; datagrams of any other size are relayed as before.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/counters.hpp"
#include "base/token_bucket.hpp"
#include "engine/bridge_orders.hpp"
#include "engine/talk_orders.hpp"
#include "port/media.hpp"

namespace earshot::engine {

class TalkRelay final : public port::MediaMachine {
public:
    static constexpr std::size_t kLongestDatagram = 2048;
    // Of one address; more is dropped. 20 ms of PCM are 50 a second.
    static constexpr double kDatagramsPerSecond = 400, kBurst = 100;
    // A stranger is told at most this often that he is one, and so few strangers at a time are remembered.
    static constexpr Duration kErrorInterval = 1s;
    static constexpr std::size_t kStrangers = 1024;

    // Without a bridge every datagram is relayed.
    TalkRelay(TalkOrderBox& orders, Counters& counters, TalkFrameBox* to_bridge = nullptr, TalkFrameBox* from_bridge = nullptr)
        : orders_(orders), counters_(counters), to_bridge_(to_bridge), from_bridge_(from_bridge) {}

    void drain(Now now, port::SendArena& out) override;
    void receive(Now now, std::span<port::Datagram> batch, port::SendArena& out) override;
    void tcp_receive(Now, const port::Path&, Bytes, port::SendArena&) override {}
    void tcp_closed(Now, const port::Path&) override {}
    std::vector<std::uint32_t> tcp_to_close() override { return {}; }
    void tick(Now, port::SendArena&) override {}
    Deadline deadline() const override { return {}; }

    std::size_t talks() const { return talks_.size(); }

private:
    struct Seat {
        MemberId member;
        IpAddress ip;
        std::optional<port::Path> path{};
        PeerId bare{};  // under which the bridge knows him
        Time heard{};
        TokenBucket allowance{kDatagramsPerSecond, kBurst};
    };
    struct Talk {
        std::vector<Seat> seats;
    };

    void obey_orders();
    void obey(const SeatInTalk& order);
    void obey(const LeaveTalk& order);
    void obey(const EndTalk& order);
    void obey(const BridgeTalk& order);
    void receive_one(Now now, const port::Path& path, Bytes bytes, port::SendArena& out);
    bool take_place(Now now, const port::Path& path, std::string_view key);
    void leave(Seat& seat);
    void part_from_bridge(Seat& seat);
    void bring_mix(const TalkFrame& frame, port::SendArena& out);
    bool say_to_bridge(const Seat& own, Bytes bytes);
    void refuse(Now now, const port::Path& path, std::size_t size, port::SendArena& out);
    void send(const port::Path& path, Bytes bytes, port::SendArena& out);

    TalkOrderBox& orders_;
    Counters& counters_;
    TalkFrameBox* to_bridge_;
    TalkFrameBox* from_bridge_;
    std::unordered_map<PeerId, std::string> bridged_;  // the key of the talk that a bare member is in
    std::map<std::string, Talk, std::less<>> talks_;
    std::unordered_map<SocketAddress, std::string> places_;  // the key of the talk that an address is in
    std::unordered_map<SocketAddress, Time> strangers_;      // when we last said so
};

}  // namespace earshot::engine
