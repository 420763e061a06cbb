// The client's ways to a media port against real sockets of this machine; what is waited for are their events.
#include "io/net/media_client.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/udp.hpp>
#include <boost/asio/write.hpp>
#include <string>

namespace earshot::io {
namespace {

using asio::ip::tcp;
using UdpSocket = asio::basic_datagram_socket<asio::ip::udp, Executor>;
const asio::ip::address kHere = asio::ip::make_address("127.0.0.1");

SocketAddress here(std::uint16_t port) { return {IpAddress::v4(127, 0, 0, 1), port}; }
std::string text_of(Bytes bytes) { return {bytes.begin(), bytes.end()}; }
std::string framed(std::string_view text) {
    std::string out{static_cast<char>(text.size() >> 8), static_cast<char>(text.size())};
    return out.append(text);
}

struct Client {
    asio::io_context context{1};
    std::vector<std::string> datagrams{};
    std::vector<port::Path> opened{};
    std::vector<std::uint32_t> gone{};
    std::function<void(const port::Path&)> on_datagram = [](const port::Path&) {};
    MediaClient client{context,
                       {.datagram =
                            [this](const port::Path& path, MutableBytes bytes) {
                                datagrams.push_back(text_of(bytes));
                                on_datagram(path);
                            },
                        .tcp_opened = [this](const port::Path& path) { opened.push_back(path); },
                        .tcp_gone = [this](std::uint32_t number) { gone.push_back(number); }}};
    port::SendArena arena{64};

    template <typename Until>
    bool wait(Until until) {
        const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
        while (!until() && context.run_one_until(end) > 0) {
        }
        return until();
    }
    void say(const port::Path& path, std::string_view text) {
        const auto room = arena.reserve(text.size());
        std::ranges::copy(text, room.begin());
        arena.commit(path, text.size());
    }
};

// The server's end of an ICE-TCP connection.
struct Server {
    explicit Server(Client& client) : acceptor(client.context, tcp::endpoint(kHere, 0)), socket(client.context) {
        acceptor.async_accept(socket, [this](error_code ec) {
            accepted = !ec;
            read();
        });
    }
    std::uint16_t port() const { return acceptor.local_endpoint().port(); }
    void read() {
        socket.async_read_some(asio::buffer(piece), [this](error_code ec, std::size_t size) {
            over = static_cast<bool>(ec);
            if (ec) return;
            heard.append(piece.data(), size);
            read();
        });
    }
    void say(std::string_view bytes) { asio::write(socket, asio::buffer(bytes)); }

    Acceptor acceptor;
    TcpSocket socket;
    std::array<char, 4096> piece{};
    std::string heard{};
    bool accepted = false, over = false;
};

}  // namespace

TEST_CASE("a datagram goes to the server and comes back") {
    Client client;
    UdpSocket server(client.context, asio::ip::udp::endpoint(kHere, 0));
    const auto path = client.client.udp(here(server.local_endpoint().port()));
    REQUIRE(path.has_value());
    client.say(*path, "are you there");
    client.client.send(client.arena);
    CHECK(client.arena.items().empty());
    std::array<char, 100> bytes{};
    asio::ip::udp::endpoint from;
    std::size_t got = 0;
    server.async_receive_from(asio::buffer(bytes), from, [&](error_code, std::size_t size) {
        got = size;
        server.send_to(asio::buffer("here I am", 9), from);
    });
    REQUIRE(client.wait([&] { return !client.datagrams.empty(); }));
    CHECK(std::string_view(bytes.data(), got) == "are you there");
    CHECK(client.datagrams[0] == "here I am");
}

TEST_CASE("over TCP each datagram is a frame, whatever pieces the stream comes in") {
    Client client;
    Server server(client);
    REQUIRE(client.client.open_tcp(here(server.port())));
    REQUIRE(client.wait([&] { return !client.opened.empty() && server.accepted; }));
    client.say(client.opened[0], "one");
    client.say(client.opened[0], "the second");
    client.client.send(client.arena);
    const auto wanted = framed("one") + framed("the second");
    REQUIRE(client.wait([&] { return server.heard.size() >= wanted.size(); }));
    CHECK(server.heard == wanted);

    server.say(framed("a") + framed("") + framed("bb") + framed("split").substr(0, 3));
    REQUIRE(client.wait([&] { return client.datagrams.size() == 2; }));
    for (const char c : framed("split").substr(3)) server.say({&c, 1});
    REQUIRE(client.wait([&] { return client.datagrams.size() == 3; }));
    CHECK(client.datagrams == std::vector<std::string>{"a", "bb", "split"});
}

TEST_CASE("a frame larger than any datagram of ours ends the connection") {
    Client client;
    Server server(client);
    REQUIRE(client.client.open_tcp(here(server.port())));
    REQUIRE(client.wait([&] { return !client.opened.empty() && server.accepted; }));
    server.say(std::string("\xff\xff", 2) + "much");
    REQUIRE(client.wait([&] { return client.gone.size() == 1 && server.over; }));
    CHECK(client.gone[0] == client.opened[0].tcp);
    CHECK(client.datagrams.empty());
}

TEST_CASE("a largest frame is taken whole") {
    Client client;
    Server server(client);
    REQUIRE(client.client.open_tcp(here(server.port())));
    REQUIRE(client.wait([&] { return !client.opened.empty() && server.accepted; }));
    const std::string large(MediaClient::kLargestDatagram, 'x');
    for (int i = 0; i < 9; ++i) server.say(framed(large));
    REQUIRE(client.wait([&] { return client.datagrams.size() == 9; }));
    CHECK(std::ranges::all_of(client.datagrams, [&](const auto& each) { return each == large; }));
}

TEST_CASE("a port that refuses, and a server that hangs up, are told once") {
    Client client;
    std::uint16_t closed = 0;
    {
        const Acceptor nobody(client.context, tcp::endpoint(kHere, 0));
        closed = nobody.local_endpoint().port();
    }
    REQUIRE(client.client.open_tcp(here(closed)));
    REQUIRE(client.wait([&] { return client.gone.size() == 1; }));
    CHECK(client.opened.empty());
    Server server(client);
    REQUIRE(client.client.open_tcp(here(server.port())));
    REQUIRE(client.wait([&] { return !client.opened.empty() && server.accepted; }));
    server.socket.close();
    REQUIRE(client.wait([&] { return client.gone.size() == 2; }));
    CHECK(client.gone[1] == client.opened[0].tcp);
}

TEST_CASE("connections are bounded, and what is over makes room") {
    Client client;
    Server server(client);
    for (std::size_t i = 0; i < MediaClient::kMostTcp; ++i) CHECK(client.client.open_tcp(here(server.port())));
    CHECK_FALSE(client.client.open_tcp(here(server.port())));
    client.client.close();
    CHECK(client.client.open_tcp(here(server.port())));
}

TEST_CASE("who closes in the middle of a datagram hears no more of it") {
    Client client;
    Server server(client);
    REQUIRE(client.client.open_tcp(here(server.port())));
    REQUIRE(client.wait([&] { return !client.opened.empty() && server.accepted; }));
    client.on_datagram = [&](const port::Path&) { client.client.close(); };
    server.say(framed("last") + framed("too late"));
    REQUIRE(client.wait([&] { return server.over; }));
    CHECK(client.datagrams == std::vector<std::string>{"last"});
    CHECK(client.gone.empty());
}

TEST_CASE("what a slow server does not take is dropped and not kept") {
    Client client;
    Server server(client);
    REQUIRE(client.client.open_tcp(here(server.port())));
    REQUIRE(client.wait([&] { return !client.opened.empty() && server.accepted; }));
    // Nothing runs meanwhile, so nothing of this leaves beyond the first write.
    const std::string datagram(1000, 'y');
    for (int round = 0; round < 20; ++round) {
        for (int i = 0; i < 50; ++i) client.say(client.opened[0], datagram);
        client.client.send(client.arena);
    }
    client.say(client.opened[0], "end");
    client.client.send(client.arena);
    std::size_t before = 0;
    REQUIRE(client.wait([&] { return std::exchange(before, server.heard.size()) >= MediaClient::kMostQueued - 2 * (datagram.size() + 2); }));
    CHECK(server.heard.size() <= MediaClient::kMostQueued + datagram.size() + 2 + framed("end").size());
}

}  // namespace earshot::io
