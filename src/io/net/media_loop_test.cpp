#include "io/net/media_loop.hpp"

#include <doctest/doctest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <thread>

#include "io/net/clock.hpp"
#include "io/net/path_groups.hpp"
#include "io/net/udp_port.hpp"

namespace earshot::io {
namespace {

const auto kLoopback = SocketAddress::parse("127.0.0.1:0").value();

Bound must(std::expected<Bound, std::string> bound) {
    REQUIRE_MESSAGE(bound, bound.error());
    return std::move(*bound);
}

// Repeats each datagram `copies` times to whom it came from; echoes TCP frames; says what it saw.
class EchoMedia final : public port::MediaMachine {
public:
    explicit EchoMedia(std::size_t copies = 1) : copies_(copies) {}

    void drain(Now, port::SendArena&) override { drained = true; }
    void receive(Now, std::span<port::Datagram> batch, port::SendArena& out) override {
        for (const auto& datagram : batch)
            for (std::size_t i = 0; i < copies_; ++i) put(*datagram.path, datagram.bytes, out);
    }
    void tcp_receive(Now, const port::Path& path, Bytes bytes, port::SendArena& out) override {
        if (bytes.size() > 2) put(path, bytes.subspan(2), out);
        if (bytes.size() > 2 && bytes[2] == 'x') to_close_.push_back(path.tcp);
    }
    void tcp_closed(Now, const port::Path&) override { ++closed; }
    std::vector<std::uint32_t> tcp_to_close() override { return std::exchange(to_close_, {}); }
    void tick(Now now, port::SendArena&) override {
        late = now.at - due_;
        due_ = kNever;
        ticked = true;
    }
    Deadline deadline() const override { return {due_, "a test"}; }
    void wake_me_at(Time at) { due_ = at; }

    std::atomic<bool> drained = false, ticked = false;
    std::atomic<int> closed = 0;
    Duration late{};

private:
    static void put(const port::Path& path, Bytes bytes, port::SendArena& out) {
        const auto room = out.reserve(bytes.size());
        if (room.empty()) return;
        std::copy(bytes.begin(), bytes.end(), room.begin());
        out.commit(path, bytes.size());
    }
    std::size_t copies_;
    std::vector<std::uint32_t> to_close_;
    Time due_ = kNever;
};

bool readable(int fd) {
    pollfd p{fd, POLLIN, 0};
    return ::poll(&p, 1, 5000) == 1;
}
std::string next(int fd) {
    std::string bytes(65536, '\0');
    if (!readable(fd)) return "nothing came";
    const auto got = ::recv(fd, bytes.data(), bytes.size(), 0);
    bytes.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
    return bytes;
}
Descriptor client(int type, const SocketAddress& to) {
    Descriptor fd(::socket(AF_INET, type, 0));
    auto raw = raw_address(to, false);
    REQUIRE(::connect(fd.get(), raw.get(), raw.size) == 0);
    return fd;
}
void say(const Descriptor& to, std::string_view text) { REQUIRE(::send(to.get(), text.data(), text.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(text.size())); }

struct Running {
    explicit Running(EchoMedia& machine, const SocketAddress& udp = kLoopback, MediaLoop::Settings settings = {})
        : udp_socket(must(bind_udp(udp, "--media"))), tcp_socket(must(listen_tcp(kLoopback, "--media"))), udp_at{IpAddress::v4(127, 0, 0, 1), udp_socket.address.port}, tcp_at(tcp_socket.address),
          loop(std::move(udp_socket), std::move(tcp_socket), waker, counters, settings), thread([&] { loop.run(machine); }) {}
    ~Running() {
        loop.stop();
        thread.join();
    }
    EventWaker waker;
    Counters counters;
    Bound udp_socket, tcp_socket;
    SocketAddress udp_at, tcp_at;
    MediaLoop loop;
    std::thread thread;
};

}  // namespace

TEST_CASE("a datagram is answered from the address it came to") {
    for (const auto* bound : {"127.0.0.1:0", "0.0.0.0:0", "[::]:0"}) {
        EchoMedia machine;
        Running running(machine, SocketAddress::parse(bound).value());
        auto at = running.udp_at;
        if (std::string_view(bound) != "127.0.0.1:0") at.ip = IpAddress::v4(127, 0, 0, 7);  // a connected client hears only this one
        const auto browser = client(SOCK_DGRAM, at);
        say(browser, "hello");
        CHECK_MESSAGE(next(browser.get()) == "hello", bound);
    }
}

TEST_CASE("many datagrams of one turn arrive whole, in order, for each listener") {
    EchoMedia machine(5);
    Running running(machine);
    const auto a = client(SOCK_DGRAM, running.udp_at), b = client(SOCK_DGRAM, running.udp_at);
    for (int i = 0; i < 20; ++i) {
        const std::string text = std::string(static_cast<std::size_t>(100 + i * 7), static_cast<char>('a' + i));
        say(a, text);
        say(b, text + "!");
        for (int copy = 0; copy < 5; ++copy) {
            CHECK(next(a.get()) == text);
            CHECK(next(b.get()) == text + "!");
        }
    }
    CHECK(running.counters.get(Counter::dropped_send_full) == 0);
}

TEST_CASE("sizes that cannot be one segmented send still arrive in order") {
    UdpPort port(must(bind_udp(kLoopback, "--media")), 64);
    const auto listener = must(bind_udp(kLoopback, "--media"));
    const port::Path path{port::Transport::kUdp, listener.address, {}, 0};
    port::SendArena arena(64);
    const std::vector<std::size_t> sizes{100, 100, 60, 100, 60, 60, 61, 1500, 1500, 1400, 1400, 3, 0, 5};
    for (const auto size : sizes) {
        std::ranges::fill(arena.reserve(size).first(size), static_cast<std::uint8_t>(size));
        arena.commit(path, size);
    }
    CHECK(port.send(arena) == 0);
    for (const auto size : sizes) CHECK(next(listener.socket.get()).size() == size);
}

TEST_CASE("the items of a turn are grouped by listener and keep their order") {
    PathGroups groups(16);
    port::SendArena arena(16);
    const auto add = [&](std::uint16_t port, port::Transport transport = port::Transport::kUdp) {
        static_cast<void>(arena.reserve(1));
        arena.commit({transport, {IpAddress::v4(10, 0, 0, 1), port}, {}, 0}, 1);
    };
    for (int turn = 0; turn < 3; ++turn) {
        arena.clear();
        add(1), add(2), add(1), add(3), add(9, port::Transport::kTcp), add(2), add(1);
        groups.build(arena.items());
        std::vector<std::vector<std::uint32_t>> chains;
        for (const auto first : groups.firsts()) {
            chains.emplace_back();
            for (auto at = first; at != PathGroups::kEnd; at = groups.next(at)) chains.back().push_back(at);
        }
        CHECK(chains == std::vector<std::vector<std::uint32_t>>{{0, 2, 6}, {1, 5}, {3}});
    }
}

TEST_CASE("the mailbox's bell and the deadline are heard") {
    EchoMedia machine;
    machine.wake_me_at(read_clock() + 3ms);
    Running running(machine);
    const auto browser = client(SOCK_DGRAM, running.udp_at);
    const auto patience = read_clock() + 5s;
    while (!machine.ticked && read_clock() < patience) std::this_thread::yield();
    CHECK(machine.ticked);
    CHECK(machine.late >= 0ms);
    machine.drained = false;
    running.waker.wake();
    while (!machine.drained && read_clock() < patience) std::this_thread::yield();
    CHECK(machine.drained);
}

TEST_CASE("datagrams travel over TCP with their length before them") {
    EchoMedia machine;
    Running running(machine);
    const auto browser = client(SOCK_STREAM, running.tcp_at);
    say(browser, std::string_view("\0\5hello", 7));
    CHECK(next(browser.get()) == std::string("\0\5hello", 7));
    say(browser, std::string_view("\0\1x", 3));  // the machine wants this one closed; its answer still goes out
    CHECK(next(browser.get()) == std::string("\0\1x", 3));
    CHECK(next(browser.get()).empty());
}

TEST_CASE("a connection accepted elsewhere is taken over") {
    EchoMedia machine;
    Running running(machine);
    const auto front = must(listen_tcp(kLoopback, "--web-tls"));
    const auto browser = client(SOCK_STREAM, front.address);
    REQUIRE(readable(front.socket.get()));
    RawAddress raw;
    Descriptor accepted(::accept4(front.socket.get(), raw.get(), &raw.size, SOCK_NONBLOCK));
    say(browser, std::string_view("\0\3abc", 5));
    running.loop.adopt(std::move(accepted), from_raw(raw.storage));
    CHECK(next(browser.get()) == std::string("\0\3abc", 5));
}

TEST_CASE("a TCP connection that says nothing is closed, and one too many is refused") {
    EchoMedia machine;
    Running running(machine, kLoopback, {.tcp_connections = {.total = 2}, .tcp_silence = 20ms});
    const auto a = client(SOCK_STREAM, running.tcp_at);
    CHECK(next(a.get()).empty());
    const auto b = client(SOCK_STREAM, running.tcp_at), c = client(SOCK_STREAM, running.tcp_at);
    say(b, std::string_view("\0\1b", 3));
    say(c, std::string_view("\0\1c", 3));
    CHECK(next(b.get()).size() == 3);
    CHECK(next(c.get()).size() == 3);
    const auto d = client(SOCK_STREAM, running.tcp_at);
    CHECK(next(d.get()).empty());
}

TEST_CASE("a slow TCP reader loses whole frames and keeps its framing") {
    EchoMedia machine(1);
    Running running(machine, kLoopback, {.tcp_queue_bytes = 8 * 1024});
    const auto reader = client(SOCK_STREAM, running.tcp_at);
    // Each write is answered by one frame of nearly its size; nobody reads, so both directions fill up in the end.
    std::string chunk(12'000, 'y');
    int sent = 0;
    for (; sent < 4000; ++sent)
        if (::send(reader.get(), chunk.data(), chunk.size(), MSG_DONTWAIT) < 0) {
            pollfd p{reader.get(), POLLOUT, 0};
            if (::poll(&p, 1, 200) == 0) break;
        }
    CHECK(running.counters.get(Counter::dropped_send_full) > 0);
    ::shutdown(reader.get(), SHUT_WR);
    std::string all;
    for (std::string part = next(reader.get()); !part.empty() && part != "nothing came"; part = next(reader.get())) all += part;
    std::size_t at = 0;
    while (at + 2 <= all.size()) {
        const auto size = load_u16(as_bytes(all).data() + at);
        REQUIRE(size <= 16 * 1024);
        REQUIRE(all.find_first_not_of('y', at + 2) >= std::min(all.size(), at + 2 + size));
        at += 2 + size;
    }
}

}  // namespace earshot::io
