// The media half of a call in the client role: reads the server's offer, checks its candidates, UDP first and TCP when that does not
// get through, and carries Opus packets both ways. A machine: sockets are asked for, datagrams come in and go out.
#pragma once
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "base/counters.hpp"
#include "client/model.hpp"
#include "rtc/client_session.hpp"
#include "rtc/negotiation.hpp"

namespace earshot::client {

// What the phone wants of the network.
struct PhoneWants {
    std::vector<SocketAddress> udp, tcp;
};

enum class PhoneNews : std::uint8_t { kNone, kConnected, kLost };

class Phone {
public:
    static constexpr Duration kTcpAfter = 1500ms;  // UDP has had its chance
    static constexpr Duration kSilence = 7s;       // no answer to any check for so long: the path is dead
    static constexpr Duration kFirstWithin = 10s;
    static constexpr std::size_t kMostUdp = 4;  // candidates tried
    static constexpr std::size_t kMostTcp = 2;

    Phone(const crypto::Identity& identity, Random& random);

    // A new call (`fresh`) or new ICE names for the one that stands. The answer, or a sentence. `home`: the address at which the
    // server's web listener was reached, whose candidate is tried first.
    std::expected<std::string, std::string> take_offer(Time now, const std::string& sdp, bool fresh, bool listen_only, std::optional<IpAddress> home,
                                                       port::SendArena& out);
    void hang_up(Time now, port::SendArena& out);

    // A path that was asked for is there.
    void add_path(Time now, const port::Path& path, port::SendArena& out);
    void receive(Now now, const port::Path& path, MutableBytes datagram, port::SendArena& out);
    void tick(Now now, port::SendArena& out);
    Deadline deadline() const;
    // One Opus packet of the microphone.
    void speak(Now now, Bytes payload, std::uint32_t timestamp, std::uint8_t level, port::SendArena& out);

    PhoneWants take_wants() { return std::exchange(wants_, {}); }
    PhoneNews take_news() { return std::exchange(news_, PhoneNews::kNone); }
    std::vector<rtc::Received> take_received() { return session_ ? session_->take_received() : std::vector<rtc::Received>{}; }

    bool active() const { return session_.has_value(); }
    bool ready() const { return session_ && session_->ready(); }
    Route route() const;
    const rtc::ClientSession::Statistics& statistics() const { return statistics_; }

private:
    template <typename Act>
    void with_session(port::SendArena& out, Act&& act);
    void want_candidates(const rtc::RemoteOffer& offer, std::optional<IpAddress> home);
    void look(Time now);

    const crypto::Identity& identity_;
    Random& random_;
    std::optional<rtc::ClientSession> session_;
    std::vector<crypto::ProtectJob> jobs_;
    Counters counters_;
    rtc::IceCredentials local_;
    std::uint32_t mic_ssrc_ = 0;
    std::uint64_t session_id_ = 0, session_version_ = 0;
    std::vector<SocketAddress> tcp_candidates_;
    PhoneWants wants_;
    PhoneNews news_ = PhoneNews::kNone;
    bool was_ready_ = false;
    Time started_{}, heard_{}, tcp_at_ = kNever;
    rtc::ClientSession::Statistics statistics_;
};

}  // namespace earshot::client
