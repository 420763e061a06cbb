// The production media side on real UDP sockets with real handshakes, and members in one room of it, driven from one thread.
#pragma once
#include <fmt/format.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <memory>
#include <thread>
#include <vector>

#include "base/check.hpp"
#include "engine/shard.hpp"
#include "io/net/clock.hpp"
#include "io/net/event_waker.hpp"
#include "io/net/media_loop.hpp"
#include "io/net/system_random.hpp"
#include "rtc/client_session.hpp"

namespace earshot::bench {

class VoiceServer {
public:
    static constexpr std::uint32_t kSlots = 8;
    struct Member {
        int socket = -1;
        std::unique_ptr<rtc::ClientSession> session;
        port::Path path;
        port::SendArena arena{32};
        std::vector<crypto::ProtectJob> jobs;
    };

    // `bridge`: for bare members beside them; outlives the server.
    explicit VoiceServer(std::size_t members, engine::ShardLine* bridge = nullptr) : bridge_(bridge), members_(members) {
        if (bridge_) bridge_->to_shard.set_waker(&waker_);
        thread_ = std::thread([this] { loop_.run(shard_); });
        for (std::size_t i = 0; i < members; ++i) join(i);
        const Time patience = io::read_clock() + 20s;
        while (!all_ready() && io::read_clock() < patience) wait_until(io::read_clock() + 5ms);
        ENSURE(all_ready());
    }
    ~VoiceServer() {
        loop_.stop();
        thread_.join();
        for (auto& member : members_) ::close(member.socket);
    }

    void order(engine::ShardOrder what) { ENSURE(orders_.push(std::move(what))); }
    void speak(std::size_t who, Bytes payload, std::uint32_t timestamp, std::uint8_t level) {
        with(members_[who], [&](rtc::Outbox& out) { members_[who].session->speak(io::now(), payload, timestamp, level, out); });
    }
    std::vector<rtc::Received> heard_by(std::size_t who) { return members_[who].session->take_received(); }

    // Sleeps until then or until something came, and takes it in. True when something came.
    bool wait_until(Time at) {
        std::vector<pollfd> sockets;
        for (const auto& member : members_) sockets.push_back({.fd = member.socket, .events = POLLIN, .revents = 0});
        const auto left = std::max(at - io::read_clock(), Duration{0});
        const timespec patience{.tv_sec = left.count() / 1'000'000'000, .tv_nsec = left.count() % 1'000'000'000};
        const bool came = ::ppoll(sockets.data(), sockets.size(), &patience, nullptr) > 0;
        const Now now = io::now();
        for (auto& member : members_) {
            if (came) receive(member, now);
            if (member.session->deadline().at <= now.at) with(member, [&](rtc::Outbox& out) { member.session->tick(now, out); });
        }
        return came;
    }

private:
    void join(std::size_t i) {
        auto& member = members_[i];
        member.socket = ::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
        sockaddr_in any{.sin_family = AF_INET, .sin_port = 0, .sin_addr = {htonl(INADDR_LOOPBACK)}, .sin_zero = {}};
        ENSURE(::bind(member.socket, reinterpret_cast<sockaddr*>(&any), sizeof any) == 0);
        const rtc::IceCredentials server{fmt::format("s{}abcd", i), "server-password-0123456789"}, own{fmt::format("c{}abcd", i), "client-password-0123456789"};
        std::vector<std::uint32_t> slots;
        for (std::uint32_t slot = 0; slot < kSlots; ++slot) slots.push_back(static_cast<std::uint32_t>((i + 1) * 100) + slot);
        member.session = std::make_unique<rtc::ClientSession>(client_identity_,
                                                              rtc::ClientConfig{.local = own,
                                                                                .remote = server,
                                                                                .fingerprints = {identity_.fingerprint()},
                                                                                .slot_ssrcs = slots,
                                                                                .mic_ssrc = static_cast<std::uint32_t>(1'000'000 + i),
                                                                                .level_extension = 1,
                                                                                .mic_mid = "0"},
                                                              random_);
        ENSURE(orders_.push(engine::AddPeer{
            .peer = PeerId{i + 1}, .room = RoomId{1}, .member = MemberId{i + 1}, .ufrag = server.ufrag, .pwd = server.pwd, .slot_ssrcs = slots}));
        rtc::RemoteMedia answer{.fingerprints = {client_identity_.fingerprint()}, .level_extension = 1, .mic_mid = "0"};
        answer.accepted_slots.assign(kSlots, true);
        ENSURE(orders_.push(engine::SetRemote{PeerId{i + 1}, std::move(answer)}));
        member.path = {.remote = server_address_, .local = IpAddress::v4(127, 0, 0, 1)};
        while (!orders_.empty()) std::this_thread::yield();
        with(member, [&](rtc::Outbox& out) { member.session->add_path(io::read_clock(), member.path, out); });
    }
    bool all_ready() const {
        return std::all_of(members_.begin(), members_.end(), [](const Member& member) { return member.session->ready(); });
    }
    template <typename Act>
    void with(Member& member, Act&& act) {
        {
            rtc::Outbox out{member.arena, member.jobs, client_counters_};
            act(out);
        }
        for (const auto& item : member.arena.items()) {
            const auto bytes = member.arena.bytes(item);
            ::sendto(member.socket, bytes.data(), bytes.size(), 0, reinterpret_cast<const sockaddr*>(&server_), sizeof server_);
        }
        member.arena.clear();
    }
    void receive(Member& member, const Now& now) {
        std::uint8_t buffer[2048];
        for (;;) {
            const auto got = ::recv(member.socket, buffer, sizeof buffer, 0);
            if (got <= 0) return;
            with(member, [&](rtc::Outbox& out) { member.session->receive(now, member.path, {buffer, static_cast<std::size_t>(got)}, out); });
        }
    }
    io::Bound open() {
        orders_.set_waker(&waker_);
        return std::move(io::bind_udp({IpAddress::v4(127, 0, 0, 1), 0}, "--media").value());
    }

    engine::ShardLine* bridge_;
    io::SystemRandom random_;
    crypto::Identity identity_ = crypto::Identity::make(), client_identity_ = crypto::Identity::make();
    engine::OrderBox orders_{engine::limits::kShardOrders};
    engine::NewsBox news_{1 << 16};
    Counters counters_, client_counters_;
    engine::Shard shard_{identity_, orders_, news_, counters_, random_, bridge_};
    io::EventWaker waker_;
    io::Bound bound_ = open();
    SocketAddress server_address_ = bound_.address;
    sockaddr_in server_{.sin_family = AF_INET, .sin_port = htons(bound_.address.port), .sin_addr = {htonl(INADDR_LOOPBACK)}, .sin_zero = {}};
    io::MediaLoop loop_{std::move(bound_), std::nullopt, waker_, counters_};
    std::vector<Member> members_;
    std::thread thread_;
};

}  // namespace earshot::bench
