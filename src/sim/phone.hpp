// The media half of a made browser: the client role of our own rtc over the made network, UDP first and TCP
// when that fails. Its packets say who speaks, and it tells the book of hearing what it hears.
#pragma once
#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "rtc/client_session.hpp"
#include "rtc/negotiation.hpp"
#include "sim/hearing.hpp"
#include "sim/house.hpp"

namespace earshot::sim {

// Ways to be a browser, some of them bad.
struct PhoneHabits {
    bool split_client_hello = false;   // the first flight leaves as two datagrams, as browsers' large ones do
    bool tcp_only = false;
    bool udp_only = false;
    bool wrong_fingerprint = false;    // the answer names another certificate
    bool foreign_ufrag = false;        // checks with a name that the house never gave
};

class Phone final : public DatagramClient {
public:
    Phone(World& world, House& house, Hearing& hearing, std::string key, std::uint32_t number);
    ~Phone() override;

    // A new call: reads the offer, begins to check at once, and returns the answer.
    std::expected<std::string, std::string> take_call(const std::string& offer, std::uint64_t call, const std::string& room, bool listen_only);
    // Fresh ICE names for the same call.
    std::expected<std::string, std::string> restart(const std::string& offer);
    void hang_up();        // says goodbye and is silent
    // The house says he is out of the call; he goes on talking for a moment, and nobody may hear it.
    void is_out();

    void talk(bool on) { talking_ = on; }
    bool talking() const { return talking_; }
    void believe_muted(bool on) { muted_ = on; }  // and talk on all the same
    void cut_udp(bool on);
    void change_address();
    void try_tcp();

    bool active() const { return session_.has_value(); }
    bool connected() const { return session_ && session_->ready(); }
    bool failed() const { return session_ && session_->transport_state() == rtc::TransportState::kFailed; }
    bool over_tcp() const { return session_ && session_->path() && session_->path()->transport == port::Transport::kTcp; }
    Time last_sign() const { return last_sign_; }  // any datagram of the house
    std::uint64_t signs() const { return signs_; }
    std::uint64_t refused_packets() const { return session_ ? session_->statistics().failed : 0; }
    std::uint32_t number() const { return number_; }
    SocketAddress address() const { return {address_, kPort}; }
    PhoneHabits habits;

    void datagram(const port::Path& path, Bytes bytes) override;
    void tcp_gone(std::uint32_t connection) override;

private:
    static constexpr std::uint16_t kPort = 5000;
    void beat(std::uint64_t life);
    void add_path(port::Transport transport);
    template <typename Act>
    void with_session(Act&& act);
    void send(const port::Path& path, Bytes datagram);
    void send_oddly(const port::Path& path, Bytes datagram);
    void speak();
    std::string answer_to(const rtc::RemoteOffer& offer);

    World& world_;
    House& house_;
    Hearing& hearing_;
    SeededRandom chance_;
    std::string key_;
    std::uint32_t number_;
    crypto::Identity identity_;
    IpAddress address_;
    std::uint32_t tcp_ = 0;

    std::optional<rtc::ClientSession> session_;
    port::SendArena arena_{64};
    std::vector<crypto::ProtectJob> jobs_;
    Counters counters_;
    std::uint64_t life_ = 0;
    std::string room_;
    std::uint64_t call_ = 0;
    bool listen_only_ = false;
    rtc::IceCredentials local_;
    std::uint32_t mic_ssrc_ = 0;
    std::uint64_t session_id_ = 0, session_version_ = 0;

    bool talking_ = false, muted_ = false, out_ = false;
    std::uint64_t counter_ = 0;
    std::uint32_t timestamp_ = 0;
    Time next_packet_{};
    Time last_sign_{};
    std::uint64_t signs_ = 0;
};

}  // namespace earshot::sim
