// What it costs the server to forward one voice packet, beside a bare forwarder in the same run. Real handshakes, real SRTP
// (AES-128-GCM), real UDP sockets on loopback; the production loop. The server's thread is bound to core 0, the clients to core 1;
// speakers' packets are spread evenly over the 20 ms, so that nothing is sent together that would not be in life.
//   forward_bench [speakers members]...     without: 10 200 5 20
#include <fmt/format.h>
#include <malloc.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <sys/syscall.h>

#include <algorithm>
#include <charconv>
#include <fstream>

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "bare_forwarder.hpp"
#include "engine/shard.hpp"
#include "io/net/clock.hpp"
#include "io/net/event_waker.hpp"
#include "io/net/media_loop.hpp"
#include "io/net/system_random.hpp"
#include "rtc/client_session.hpp"
#include "wire/demultiplex.hpp"

using namespace earshot;

namespace {

constexpr int kRounds = 7;
constexpr Duration kRound = 1500ms;
constexpr std::size_t kOpus = 80;  // 32 kbit/s; 116 bytes on the wire with header, level and tag

void bind_to_core(int core) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(static_cast<unsigned>(core), &set);
    ::sched_setaffinity(0, sizeof set, &set);
}

// Nanoseconds of CPU that a thread has had.
struct ThreadClock {
    std::atomic<int> tid = 0;
    void here() { tid = static_cast<int>(::syscall(SYS_gettid)); }
    double ns() const {
        std::ifstream file(fmt::format("/proc/self/task/{}/schedstat", tid.load()));
        double used = 0;
        file >> used;
        return used;
    }
};

struct Client {
    int socket = -1;
    std::unique_ptr<rtc::ClientSession> session;
    port::Path path;
    port::SendArena arena{32};
    std::vector<crypto::ProtectJob> jobs;
    std::uint32_t timestamp = 0;
    std::uint64_t received = 0;
};

class Meeting {
public:
    Meeting(std::size_t speakers, std::size_t members) : speakers_(speakers) {
        server_thread_ = std::thread([this] {
            bind_to_core(0);
            ::pthread_setname_np(::pthread_self(), "shard");
            server_clock_.here();
            loop_.run(shard_);
        });
        bare_thread_ = std::thread([this] {
            bind_to_core(0);
            ::pthread_setname_np(::pthread_self(), "bare");
            bare_clock_.here();
            bare_.run();
        });
        heap_before_ = ::mallinfo2().uordblks;
        clients_.resize(members);
        for (std::size_t i = 0; i < members; ++i) join(i);
        const Time patience = io::read_clock() + 20s;
        while (!all_ready() && io::read_clock() < patience) receive_and_tick(1ms);
        ENSURE(all_ready());
    }
    ~Meeting() {
        loop_.stop();
        bare_.stop();
        server_thread_.join();
        bare_thread_.join();
        close_clients();
    }

    struct Round {
        double ns_per_packet = 0;
        std::uint64_t forwarded = 0, arrived = 0;
    };
    Round measure(bool bare) {
        talk(200ms, bare);
        const auto& clock = bare ? bare_clock_ : server_clock_;
        const double cpu = clock.ns();
        const auto sent = forwarded(bare), got = arrived();
        talk(kRound, bare);
        Round round;
        round.ns_per_packet = (clock.ns() - cpu) / static_cast<double>(forwarded(bare) - sent);
        round.forwarded = forwarded(bare) - sent;
        round.arrived = arrived() - got;
        return round;
    }
    // What the server holds on the heap for each member in the call; the clients, who live in this process too, leave without a word.
    double kilobytes_per_member() {
        const auto members = static_cast<double>(clients_.size());
        close_clients();
        return static_cast<double>(::mallinfo2().uordblks - heap_before_) / members / 1000;
    }
    std::uint64_t failed() const { return clients_.back().session->statistics().failed; }
    std::uint64_t opened() const { return clients_.back().session->statistics().received; }
    std::uint64_t unread() const { return counters_.get(Counter::dropped_rtp_silent); }

private:
    void close_clients() {
        for (auto& client : clients_) ::close(client.socket);
        std::vector<Client>().swap(clients_);
    }
    void join(std::size_t i) {
        auto& client = clients_[i];
        client.socket = ::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
        sockaddr_in any{.sin_family = AF_INET, .sin_port = 0, .sin_addr = {htonl(INADDR_LOOPBACK)}, .sin_zero = {}};
        ENSURE(::bind(client.socket, reinterpret_cast<sockaddr*>(&any), sizeof any) == 0);
        const int big = 1 << 20;
        ::setsockopt(client.socket, SOL_SOCKET, SO_RCVBUF, &big, sizeof big);
        const rtc::IceCredentials server{fmt::format("s{}abcd", i), "server-password-0123456789"}, own{fmt::format("c{}abcd", i), "client-password-0123456789"};
        std::vector<std::uint32_t> slots;
        for (std::uint32_t slot = 0; slot < kHeardSlots; ++slot) slots.push_back(static_cast<std::uint32_t>((i + 1) * 100) + slot);
        const auto mic = static_cast<std::uint32_t>(1'000'000 + i);
        client.session = std::make_unique<rtc::ClientSession>(client_identity_,
                                                              rtc::ClientConfig{.local = own,
                                                                                .remote = server,
                                                                                .fingerprints = {identity_.fingerprint()},
                                                                                .slot_ssrcs = slots,
                                                                                .mic_ssrc = mic,
                                                                                .level_extension = 1,
                                                                                .mic_mid = "0"},
                                                              random_);
        ENSURE(orders_.push(engine::AddPeer{
            .peer = PeerId{i + 1}, .room = RoomId{1}, .member = MemberId{i + 1}, .ufrag = server.ufrag, .pwd = server.pwd, .slot_ssrcs = slots}));
        rtc::RemoteMedia answer{.fingerprints = {client_identity_.fingerprint()}, .level_extension = 1, .mic_mid = "0"};
        answer.accepted_slots.assign(kHeardSlots, true);
        ENSURE(orders_.push(engine::SetRemote{PeerId{i + 1}, std::move(answer)}));
        client.path = {.remote = server_address_, .local = IpAddress::v4(127, 0, 0, 1)};
        while (!orders_.empty()) std::this_thread::yield();
        with(client, [&](rtc::Outbox& out) { client.session->add_path(io::read_clock(), client.path, out); });
        const std::uint8_t hello = 0;
        ::sendto(client.socket, &hello, 1, 0, reinterpret_cast<const sockaddr*>(&bare_.address()), sizeof(sockaddr_in));
        if (i % 8 == 7) receive_and_tick(1ms);
    }
    bool all_ready() const {
        return std::all_of(clients_.begin(), clients_.end(), [](const Client& client) { return client.session->ready(); });
    }

    template <typename Act>
    void with(Client& client, Act&& act) {
        {
            rtc::Outbox out{client.arena, client.jobs, client_counters_};
            act(out);
        }
        for (const auto& item : client.arena.items()) {
            const auto bytes = client.arena.bytes(item);
            ::sendto(client.socket, bytes.data(), bytes.size(), 0, reinterpret_cast<const sockaddr*>(&server_), sizeof server_);
        }
        client.arena.clear();
    }

    void speak(Client& client, bool bare) {
        client.timestamp += 960;
        if (!bare) return with(client, [&](rtc::Outbox& out) { client.session->speak(io::now(), opus_, client.timestamp, 30, out); });
        std::array<std::uint8_t, bench::BareForwarder::kHeader + 8 + kOpus> packet{0x80, 111};
        ::sendto(client.socket, packet.data(), packet.size(), 0, reinterpret_cast<const sockaddr*>(&bare_.address()), sizeof(sockaddr_in));
    }

    // All speakers, evenly spread over each 20 ms, while everybody's sockets are emptied.
    void talk(Duration how_long, bool bare) {
        const Duration step = std::chrono::duration_cast<Duration>(20ms) / speakers_;
        const Time start = io::read_clock(), end = start + how_long;
        Time next = start;
        for (std::size_t turn = 0; next < end; ++turn, next += step) {
            speak(clients_[turn % speakers_], bare);
            receive_and_tick(Duration{0});
            while (io::read_clock() < next + step) receive_and_tick(Duration{0});
        }
        for (int i = 0; i < 5; ++i) receive_and_tick(2ms);
    }

    void receive_and_tick(Duration wait) {
        if (wait > Duration{0}) ::poll(nullptr, 0, static_cast<int>(whole_ms(wait)));
        const Now now = io::now();
        for (auto& client : clients_) {
            if (client.session) receive(client, now);
        }
    }
    void receive(Client& client, const Now& now) {
        std::uint8_t buffer[2048];
        sockaddr_in from{};
        for (;;) {
            socklen_t size = sizeof from;
            const auto got = ::recvfrom(client.socket, buffer, sizeof buffer, 0, reinterpret_cast<sockaddr*>(&from), &size);
            if (got <= 0) break;
            const MutableBytes bytes{buffer, static_cast<std::size_t>(got)};
            const bool voice = wire::classify(bytes) == wire::Kind::kRtp;
            client.received += voice;
            // One listener opens what he hears, to know that it is right; the others only count.
            if (from.sin_port == server_.sin_port && (!voice || &client == &clients_.back())) {
                with(client, [&](rtc::Outbox& out) { client.session->receive(now, client.path, bytes, out); });
                client.session->take_received();
            }
        }
        if (client.session->deadline().at <= now.at) with(client, [&](rtc::Outbox& out) { client.session->tick(now, out); });
    }
    std::uint64_t forwarded(bool bare) const { return bare ? bare_.forwarded() : counters_.get(Counter::packets_out); }
    std::uint64_t arrived() const {
        std::uint64_t sum = 0;
        for (const auto& client : clients_) sum += client.received;
        return sum;
    }

    std::size_t speakers_;
    io::SystemRandom random_;
    crypto::Identity identity_ = crypto::Identity::make(), client_identity_ = crypto::Identity::make();
    engine::OrderBox orders_{engine::limits::kShardOrders};
    engine::NewsBox news_{1 << 20};
    Counters counters_, client_counters_;
    engine::Shard shard_{identity_, orders_, news_, counters_, random_};
    io::EventWaker waker_;
    io::Bound bound_ = open();
    SocketAddress server_address_ = bound_.address;
    sockaddr_in server_{.sin_family = AF_INET, .sin_port = htons(bound_.address.port), .sin_addr = {htonl(INADDR_LOOPBACK)}, .sin_zero = {}};
    io::MediaLoop loop_{std::move(bound_), std::nullopt, waker_, counters_};
    bench::BareForwarder bare_{0};
    ThreadClock server_clock_, bare_clock_;
    std::size_t heap_before_ = 0;
    std::vector<Client> clients_;
    std::vector<std::uint8_t> opus_ = std::vector<std::uint8_t>(kOpus, 0x5a);
    std::thread server_thread_, bare_thread_;

    io::Bound open() {
        orders_.set_waker(&waker_);
        return std::move(io::bind_udp({IpAddress::v4(127, 0, 0, 1), 0}, "--media").value());
    }
};

double median(std::vector<double> values) {
    std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2), values.end());
    return values[values.size() / 2];
}

void compare(std::size_t speakers, std::size_t members) {
    Meeting meeting(speakers, members);
    std::vector<double> ours, bare, ratios;
    std::uint64_t lost = 0, sent = 0;
    for (int i = 0; i < kRounds; ++i) {
        const auto first = meeting.measure(i % 2 == 1), second = meeting.measure(i % 2 == 0);
        const auto& own = i % 2 == 1 ? second : first;
        const auto& other = i % 2 == 1 ? first : second;
        ours.push_back(own.ns_per_packet);
        bare.push_back(other.ns_per_packet);
        ratios.push_back(own.ns_per_packet / other.ns_per_packet);
        sent += own.forwarded;
        lost += own.forwarded > own.arrived ? own.forwarded - own.arrived : 0;
    }
    fmt::print(
        "{:3} speakers, {:4} members: shard {:5.0f} ns, bare {:5.0f} ns a forwarded packet; ratio {:.2f} (median of {} rounds; {:.2f} to {:.2f}), "
        "{} packets a round, {:.2f} % did not arrive; {} opened, {} failed; {} not opened by the server\n",
        speakers, members, median(ours), median(bare), median(ratios), kRounds, *std::min_element(ratios.begin(), ratios.end()),
        *std::max_element(ratios.begin(), ratios.end()), sent / kRounds, 100.0 * static_cast<double>(lost) / static_cast<double>(sent), meeting.opened(),
        meeting.failed(), meeting.unread());
    fmt::print("  {:.1f} KB of the server's heap a member in the call\n", meeting.kilobytes_per_member());
}

}  // namespace

int main(int count, char** arguments) {
    bind_to_core(1);
    std::vector<std::size_t> sizes;
    for (const std::string_view text : std::span(arguments, static_cast<std::size_t>(count)).subspan(1)) {
        const auto parsed = std::from_chars(text.data(), text.data() + text.size(), sizes.emplace_back());
        ENSURE(parsed.ec == std::errc{} && sizes.back() > 0);
    }
    if (sizes.size() < 2) sizes = {10, 200, 5, 20};
    fmt::print("CPU of the server's thread (schedstat) for each packet it sends, loopback, AES-128-GCM. Aim: ratio at most 1.25.\n");
    for (std::size_t i = 0; i + 1 < sizes.size(); i += 2) compare(sizes[i], sizes[i + 1]);
}
