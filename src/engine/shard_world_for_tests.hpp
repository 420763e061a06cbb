// A shard and its clients in one memory, with a made-up clock: what one sends the other has in the same moment.
#pragma once
#include <algorithm>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "engine/shard.hpp"
#include "rtc/client_session.hpp"
#include "wire/framing.hpp"

namespace earshot::engine::testing {

inline const SocketAddress kServer{IpAddress::v4(198, 51, 100, 1), 8444};
inline constexpr std::uint8_t kLevelExtension = 1;
inline constexpr std::uint8_t kMidExtension = 4;

struct Options {
    RoomId room{1};
    bool listen_only = false, muted = false, deafened = false;
    bool wrong_fingerprint = false;
    bool answer = true;  // SetRemote at once
    bool tcp = false;
    bool connect = true;
    bool red = true;  // takes RED and may send it
};

class World {
public:
    struct Client {
        std::unique_ptr<rtc::ClientSession> session;
        port::SendArena arena{256};
        std::vector<crypto::ProtectJob> jobs;
        PeerId peer;
        MemberId member;
        rtc::IceCredentials local, remote;
        rtc::RemoteMedia answer;
        bool online = true;  // false: nothing reaches the server or comes from it
        std::uint32_t timestamp = 1000;
        std::map<std::size_t, std::vector<rtc::Received>> heard;  // by slot
        std::vector<rtc::Received> heard_now;                     // since the last take()
    };

    World() { now.wall_ms = 1'700'000'000'000; }

    // Made once: certificates cost more than all the rest.
    static const crypto::Identity& server_identity() {
        static const auto made = crypto::Identity::make();
        return made;
    }
    static const crypto::Identity& client_identity() {
        static const auto made = crypto::Identity::make();
        return made;
    }

    // Where client i is; `home` tells several addresses of one client apart.
    static port::Path client_path(std::size_t i, std::uint8_t home = 0) {
        return {.remote = kServer, .local = IpAddress::v4(10, home, static_cast<std::uint8_t>(i >> 8), static_cast<std::uint8_t>(i))};
    }
    static port::Path server_path(const port::Path& client) {
        return {.transport = client.transport, .remote = {client.local, 5000}, .local = kServer.ip, .tcp = client.tcp};
    }

    std::size_t join(Options options = {}) {
        const std::size_t i = clients.size();
        auto& client = *clients.emplace_back(std::make_unique<Client>());
        client.peer = PeerId{i + 1};
        client.member = MemberId{100 + i};
        client.remote = {"s" + std::to_string(i) + "abcd", "server-password-" + std::to_string(i) + "-0123456789"};
        client.local = {"c" + std::to_string(i) + "abcd", "client-password-" + std::to_string(i) + "-0123456789"};
        std::vector<std::uint32_t> slots;
        for (std::uint32_t slot = 0; slot < kHeardSlots; ++slot) slots.push_back(static_cast<std::uint32_t>(1000 * (i + 1)) + slot);
        auto shown = client_identity().fingerprint();
        if (options.wrong_fingerprint) shown[0] ^= 1;
        client.answer = {.fingerprints = {shown},
                         .mic_red = options.red,
                         .slots_red = options.red,
                         .level_extension = kLevelExtension,
                         .mid_extension = kMidExtension,
                         .mic_mid = options.listen_only ? "" : "0",
                         .accepted_slots = std::vector<bool>(kHeardSlots, true)};
        rtc::ClientConfig config{.local = client.local,
                                 .remote = client.remote,
                                 .fingerprints = {server_identity().fingerprint()},
                                 .slot_ssrcs = slots,
                                 .mic_ssrc = static_cast<std::uint32_t>(77'000 + i),
                                 .red_payload_type = options.red ? rtc::kRedPayloadType : std::uint8_t{0},
                                 .level_extension = kLevelExtension,
                                 .mid_extension = kMidExtension,
                                 .mic_mid = "0"};
        client.session = std::make_unique<rtc::ClientSession>(client_identity(), std::move(config), random);
        order(AddPeer{.peer = client.peer,
                      .room = options.room,
                      .member = client.member,
                      .ufrag = client.remote.ufrag,
                      .pwd = client.remote.pwd,
                      .slot_ssrcs = slots,
                      .listen_only = options.listen_only,
                      .muted = options.muted,
                      .deafened = options.deafened,
                      .own_rtcp_ssrc = static_cast<std::uint32_t>(5'000 + i)});
        if (options.answer) answer(i);
        auto path = client_path(i);
        if (options.tcp) {
            path.transport = port::Transport::kTcp;
            path.tcp = static_cast<std::uint32_t>(i + 1);
        }
        if (options.connect) add_path(i, path);
        return i;
    }
    void answer(std::size_t i) { order(SetRemote{clients[i]->peer, clients[i]->answer}); }
    void add_path(std::size_t i, const port::Path& path) {
        with(i, [&](rtc::Outbox& out) { clients[i]->session->add_path(now.at, path, out); });
        settle();
    }
    void order(ShardOrder each) {
        if (!orders.push(std::move(each))) return;
        drain();
    }
    void drain() {
        shard.drain(now, arena);
        carry_from_server();
        settle();
    }

    // One client does something that sends.
    void with(std::size_t i, const std::function<void(rtc::Outbox&)>& act) {
        auto& client = *clients[i];
        {
            rtc::Outbox out{client.arena, client.jobs, client_counters};
            act(out);
        }
        for (const auto& item : client.arena.items()) {
            const auto bytes = client.arena.bytes(item);
            if (client.online && !(lost_to_server && lost_to_server(i, bytes))) to_server.push_back({item.path, {bytes.begin(), bytes.end()}});
        }
        client.arena.clear();
    }

    // A 20 ms packet of the microphone; what it holds tells who spoke.
    void speak(std::size_t i, std::uint8_t level = 30, std::string text = {}) {
        auto& client = *clients[i];
        if (text.empty()) text = "voice of " + std::to_string(i);
        client.timestamp += 960;
        with(i, [&](rtc::Outbox& out) { client.session->speak(now, as_bytes(text), client.timestamp, level, out); });
    }
    void talk(std::vector<std::size_t> who, int turns, std::uint8_t level = 30) {
        for (int turn = 0; turn < turns; ++turn) {
            for (const auto i : who) speak(i, level);
            settle();
            pass(20ms);
        }
    }

    // Everything that is under way arrives, and what that causes.
    void settle() {
        while (!to_server.empty()) {
            auto flying = std::exchange(to_server, {});
            std::vector<port::Path> paths;
            paths.reserve(flying.size());
            std::vector<port::Datagram> batch;
            for (auto& [path, bytes] : flying) {
                if (path.transport == port::Transport::kTcp) {
                    stream(path, bytes);
                    continue;
                }
                paths.push_back(server_path(path));
                batch.push_back({&paths.back(), bytes});
                sent_to_server.push_back(bytes);
            }
            shard.receive(now, batch, arena);
            carry_from_server();
        }
        for (auto& news_item : news.take()) told.push_back(std::move(news_item));
        for (auto& client : clients) {
            for (auto& packet : client->session->take_received()) {
                client->heard[packet.slot].push_back(packet);
                client->heard_now.push_back(std::move(packet));
            }
        }
    }
    // Time goes on, deadline by deadline.
    void pass(Duration by) {
        const Time end = now.at + by;
        for (;;) {
            Time next = shard.deadline().at;
            for (const auto& client : clients) next = std::min(next, client->session->deadline().at);
            if (next > end) break;
            advance(std::max(next, now.at));
            ++wakes;
            shard.tick(now, arena);
            carry_from_server();
            for (std::size_t i = 0; i < clients.size(); ++i) {
                if (clients[i]->session->deadline().at <= now.at) with(i, [&](rtc::Outbox& out) { clients[i]->session->tick(now, out); });
            }
            settle();
            if (next <= now.at && wakes > 1'000'000) return;  // a deadline that never moves: the test will fail on its own
        }
        advance(end);
    }

    bool ready(std::size_t i) const { return clients[i]->session->ready(); }
    // Takes what client i heard since the last call, as payloads.
    std::vector<std::string> take(std::size_t i) {
        std::vector<std::string> texts;
        for (const auto& packet : clients[i]->heard_now) texts.emplace_back(packet.payload.begin(), packet.payload.end());
        clients[i]->heard_now.clear();
        return texts;
    }
    bool hears(std::size_t listener, std::size_t who) {
        const auto wanted = "voice of " + std::to_string(who);
        const auto texts = take(listener);
        return std::find(texts.begin(), texts.end(), wanted) != texts.end();
    }
    template <typename News>
    std::vector<News> news_of() const {
        std::vector<News> all;
        for (const auto& item : told) {
            if (const auto* each = std::get_if<News>(&item)) all.push_back(*each);
        }
        return all;
    }
    std::uint64_t count(Counter which) const { return counters.get(which); }

    // Raw bytes of nobody in particular; returns what came back.
    std::size_t inject(const port::Path& client_side, std::vector<std::uint8_t> bytes) {
        const auto path = server_path(client_side);
        port::Datagram datagram{&path, bytes};
        shard.receive(now, {&datagram, 1}, arena);
        const auto answers = arena.items().size();
        carry_from_server();
        settle();
        return answers;
    }

    // What the network loses; nothing, until a test says so.
    std::function<bool(std::size_t, Bytes)> lost_to_server, lost_to_client;

    OrderBox orders{limits::kShardOrders};
    NewsBox news{limits::kShardNews};
    Counters counters, client_counters;
    SeededRandom random{42};
    Now now{.at = Time{1000s}};
    ShardLine line{64, 64};  // to and from a bridge that is not there
    Shard shard{server_identity(), orders, news, counters, random, &line};
    port::SendArena arena{2048};
    std::vector<std::unique_ptr<Client>> clients;
    std::vector<ShardNews> told;
    void inject_stream(const port::Path& server_side, Bytes bytes) {
        shard.tcp_receive(now, server_side, bytes, arena);
        carry_from_server();
        settle();
    }

    std::vector<std::vector<std::uint8_t>> sent_to_server;    // every datagram, for replays
    std::vector<std::vector<std::uint8_t>> sent_to_clients;
    std::vector<std::pair<port::Path, std::vector<std::uint8_t>>> to_server;
    std::size_t chunk = 7;  // bytes a TCP read
    std::uint64_t wakes = 0;
    std::vector<std::uint32_t> closed;  // TCP connections that the shard wanted closed

private:
    void advance(Time to) {
        now.wall_ms += whole_ms(to - now.at);
        now.at = to;
    }
    // The stream of one connection, cut wherever it hurts.
    void stream(const port::Path& path, Bytes datagram) {
        std::vector<std::uint8_t> frame(datagram.size() + 2);
        frame.resize(wire::write_frame(frame, datagram));
        for (std::size_t at = 0; at < frame.size(); at += chunk) {
            shard.tcp_receive(now, server_path(path), Bytes{frame}.subspan(at, std::min(chunk, frame.size() - at)), arena);
            carry_from_server();
        }
    }
    void carry_from_server() {
        std::vector<std::pair<port::Path, std::vector<std::uint8_t>>> flying;
        for (const auto& item : arena.items()) {
            const auto bytes = arena.bytes(item);
            flying.push_back({item.path, {bytes.begin(), bytes.end()}});
            sent_to_clients.emplace_back(bytes.begin(), bytes.end());
        }
        arena.clear();
        for (const auto number : shard.tcp_to_close()) closed.push_back(number);
        for (auto& [path, bytes] : flying) {
            const auto address = path.remote.ip.bytes;
            const std::size_t i = static_cast<std::size_t>(address[14]) << 8 | address[15];
            if (i >= clients.size() || !clients[i]->online || (lost_to_client && lost_to_client(i, bytes))) continue;
            const port::Path back{.transport = path.transport, .remote = kServer, .local = path.remote.ip, .tcp = path.tcp};
            with(i, [&](rtc::Outbox& out) { clients[i]->session->receive(now, back, bytes, out); });
        }
    }
};

}  // namespace earshot::engine::testing
