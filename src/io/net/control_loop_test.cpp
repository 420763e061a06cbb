#include "io/net/control_loop.hpp"

#include <doctest/doctest.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <thread>

#include "crypto/certificate.hpp"
#include "io/net/clock.hpp"

namespace earshot::io {
namespace {

const auto kLoopback = SocketAddress::parse("127.0.0.1:0").value();

// Says everything back; "bye" closes, "store" asks the store and tells what came of it.
class EchoControl final : public port::ControlMachine {
public:
    void opened(Now, ConnectionId id, const port::Opened& opened, port::ControlOutbox& out) override {
        ++open;
        secure = opened.secure;
        out.send(id, share(opened.door == port::Door::kWeb ? "welcome web" : "welcome plain"));
    }
    void received(Now, ConnectionId id, Bytes bytes, port::ControlOutbox& out) override {
        const std::string text(as_text(bytes));
        if (text == "bye") return out.close(id, 4000, "as you wish");
        if (text == "store") return asker_ = id, out.ask(port::Load{QueryId{1}});
        out.send(id, share("echo " + text));
    }
    void wrote(Now, ConnectionId, std::size_t size, port::ControlOutbox&) override { written += size; }
    void closed(Now, ConnectionId, port::ControlOutbox&) override { ++closed_count, --open; }
    void stored(Now, port::StoreReply reply, port::ControlOutbox& out) override { out.send(asker_, share("stored " + std::to_string(std::get<port::Loaded>(reply).last_message.value))); }
    void drain(Now, port::ControlOutbox&) override { ++drains; }
    void tick(Now, port::ControlOutbox&) override { due = kNever, ++ticks; }
    Deadline deadline() const override { return {due.load(), "a test"}; }
    void shutdown(Now, port::ControlOutbox& out) override {
        for (std::uint64_t id = 1; id < 50; ++id) out.send(ConnectionId{id}, share("goodbye")), out.close(ConnectionId{id}, 1001, "going");
    }

    std::atomic<int> open = 0, closed_count = 0, drains = 0, ticks = 0;
    std::atomic<std::size_t> written = 0;
    std::atomic<bool> secure = false;
    std::atomic<Time> due = kNever;

private:
    ConnectionId asker_;
};

class FixedStore final : public port::Store {
public:
    port::StoreReply execute(const port::StoreRequest&) override {
        port::Loaded loaded;
        loaded.last_message = MessageId{42};
        return loaded;
    }
};

Bound must(std::expected<Bound, std::string> bound) {
    REQUIRE_MESSAGE(bound, bound.error());
    return std::move(*bound);
}

TlsContext test_tls() {
    static const auto directory = std::filesystem::temp_directory_path() / ("earshot-tls-test-" + std::to_string(::getpid()));
    std::filesystem::create_directory(directory);
    const std::vector<std::string> hosts{"localhost", "127.0.0.1"};
    const auto made = crypto::make_tls_certificate(hosts, now().wall_ms, 30);
    REQUIRE(made);
    std::ofstream(directory / "c.pem") << made->certificate_pem;
    std::ofstream(directory / "k.pem") << made->key_pem;
    auto tls = TlsContext::load(directory / "c.pem", directory / "k.pem");
    REQUIRE_MESSAGE(tls, tls.error());
    std::filesystem::remove_all(directory);
    return std::move(*tls);
}

struct Running {
    explicit Running(ControlLoop::Settings settings = {}) {
        constexpr static std::array kAssets{Asset{"/index.html", "text/html", "\"1\"", "<p>hello", {}, {}, false}};
        settings.site.assets = kAssets;
        settings.site.allowed_origins = {"https://friend.example"};
        settings.site.metrics = [] { return std::string("earshot_members 0\n"); };
        settings.media = [this](Descriptor socket, const SocketAddress&) { handed_over = std::move(socket), ++media; };
        loop = std::make_unique<ControlLoop>(waker, counters, log, std::move(settings));
        loop->set_tls(test_tls());
        web = add(ListenerKind::kWeb), tls = add(ListenerKind::kWebTls), plain = add(ListenerKind::kStream), metrics = add(ListenerKind::kMetrics);
        thread = std::thread([this] { loop->run(machine, store); });
    }
    ~Running() { stop(); }
    void stop() {
        if (!thread.joinable()) return;
        loop->stop();
        thread.join();
        loop.reset();
    }
    SocketAddress add(ListenerKind kind) {
        auto bound = must(listen_tcp(kLoopback, "--web"));
        const auto address = bound.address;
        loop->listen(kind, std::move(bound));
        return address;
    }
    EventWaker waker;
    Counters counters;
    SilentLog log;
    EchoControl machine;
    FixedStore store;
    Descriptor handed_over;
    std::atomic<int> media = 0;
    std::unique_ptr<ControlLoop> loop;
    SocketAddress web, tls, plain, metrics;
    std::thread thread;
};

template <typename Condition>
bool eventually(Condition condition) {
    for (const auto until = read_clock() + 5s; read_clock() < until; std::this_thread::yield())
        if (condition()) return true;
    return false;
}

// A client that waits for bytes, at most five seconds.
class Client {
public:
    explicit Client(const SocketAddress& to) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        auto raw = raw_address(to, false);
        REQUIRE(::connect(fd_.get(), raw.get(), raw.size) == 0);
    }
    void say(std::string_view text) { REQUIRE(::send(fd_.get(), text.data(), text.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(text.size())); }
    // Reads until `end` is seen; returns everything up to and with it, or what came before the connection ended.
    std::string until(std::string_view end) {
        for (;;) {
            if (const auto at = seen_.find(end); at != std::string::npos) return take(at + end.size());
            if (!more()) return take(seen_.size());
        }
    }
    std::string bytes(std::size_t size) {
        while (seen_.size() < size && more()) continue;
        return take(std::min(size, seen_.size()));
    }
    std::string rest() {
        while (more()) continue;
        return take(seen_.size());
    }
    bool ended() const { return ended_; }
    int descriptor() const { return fd_.get(); }

private:
    bool more() {
        pollfd p{fd_.get(), POLLIN, 0};
        if (::poll(&p, 1, 5000) != 1) return false;
        std::array<char, 4096> part;
        const auto got = ::recv(fd_.get(), part.data(), part.size(), 0);
        ended_ = got <= 0;
        if (got > 0) seen_.append(part.data(), static_cast<std::size_t>(got));
        return got > 0;
    }
    std::string take(std::size_t size) {
        auto text = seen_.substr(0, size);
        seen_.erase(0, size);
        return text;
    }
    Descriptor fd_;
    std::string seen_;
    bool ended_ = false;
};

std::string upgrade(std::string_view more = "Origin: http://localhost:1\r\n") {
    return "GET /api/v1/socket HTTP/1.1\r\nHost: localhost:1\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: "
           "dGhlIHNhbXBsZSBub25jZQ==\r\n" + std::string(more) + "\r\n";
}
std::string frame(std::uint8_t first, std::string_view payload) {  // masked with zeros, which is a mask
    std::string f{static_cast<char>(first)};
    if (payload.size() < 126) {
        f += static_cast<char>(0x80 | payload.size());
    } else {
        const bool large = payload.size() > 0xffff;
        f += static_cast<char>(0x80 | (large ? 127 : 126));
        for (int shift = large ? 56 : 8; shift >= 0; shift -= 8) f += static_cast<char>(payload.size() >> shift);
    }
    return f + std::string(4, '\0') + std::string(payload);
}
std::string text_frame(std::string_view payload) { return frame(0x81, payload); }
std::string heard(Client& client) {
    const auto head = client.bytes(2);
    if (head.size() < 2) return "nothing";
    return client.bytes(static_cast<unsigned char>(head[1]));
}
unsigned close_code(Client& client) {
    const auto head = client.bytes(2);
    if (head.size() < 2 || static_cast<unsigned char>(head[0]) != 0x88) return 0;
    const auto body = client.bytes(static_cast<unsigned char>(head[1]));
    return load_u16(as_bytes(body).data());
}
std::string status(std::string_view request, const SocketAddress& at) {
    Client client(at);
    client.say(request);
    return client.until("\r\n").substr(0, 12);
}

}  // namespace

TEST_CASE("a bare stream: bytes in, bytes out, and an orderly end") {
    Running running;
    Client client(running.plain);
    CHECK(client.bytes(13) == "welcome plain");
    client.say("hi");
    CHECK(client.bytes(7) == "echo hi");
    CHECK(eventually([&] { return running.machine.written == 20; }));
    client.say("bye");
    CHECK(client.rest().empty());
    CHECK(client.ended());
    CHECK(running.machine.closed_count == 0);  // ours to close now
    ::shutdown(client.descriptor(), SHUT_WR);
    CHECK(eventually([&] { return running.machine.closed_count == 1; }));
}

TEST_CASE("the store is asked elsewhere and answers in a turn; bells and deadlines are heard") {
    Running running;
    Client client(running.plain);
    client.until("plain");
    client.say("store");
    CHECK(client.until("42") == "stored 42");
    const int drains = running.machine.drains;
    running.machine.due = read_clock() + 2ms;
    running.waker.wake();  // the deadline is read after a turn
    CHECK(eventually([&] { return running.machine.drains == drains + 1; }));
    CHECK(eventually([&] { return running.machine.ticks == 1; }));
}

TEST_CASE("healthz, the page, and the headers of every answer") {
    Running running;
    Client client(running.web);
    client.say("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
    auto head = client.until("\r\n\r\n");
    CHECK(head.starts_with("HTTP/1.1 200 OK\r\n"));
    CHECK(client.bytes(3) == "ok\n");
    client.say("HEAD /r/lobby HTTP/1.1\r\nHost: localhost\r\n\r\nGET /nothing HTTP/1.1\r\nHost: localhost\r\n\r\n");
    for (const auto* first : {"HTTP/1.1 200", "HTTP/1.1 404"}) {
        head = client.until("\r\n\r\n");
        CHECK_MESSAGE(head.starts_with(first), head);
        CHECK(head.find("Content-Security-Policy: default-src 'none'; script-src 'self'") != std::string::npos);
        CHECK(head.find("X-Content-Type-Options: nosniff") != std::string::npos);
        CHECK(head.find("X-Frame-Options: DENY") != std::string::npos);
        CHECK(head.find("Strict-Transport") == std::string::npos);
    }
    CHECK(status("GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n", running.metrics) == "HTTP/1.1 200");
}

TEST_CASE("bad HTTP is answered in HTTP and counted") {
    Running running;
    CHECK(status("\x16\x03\x01 what\r\n\r\n", running.web) == "HTTP/1.1 400");
    CHECK(status("GET / HTTP/1.1\r\nHost: a\r\nBroken Header\r\n\r\n", running.web) == "HTTP/1.1 400");
    CHECK(status("GET / HTTP/1.1\r\nHost: localhost\r\nX: " + std::string(9000, 'x'), running.web) == "HTTP/1.1 431");
    CHECK(status("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nhello", running.web) == "HTTP/1.1 413");
    CHECK(status("GET / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", running.web) == "HTTP/1.1 413");
    CHECK(status("DELETE / HTTP/1.1\r\nHost: localhost\r\n\r\n", running.web) == "HTTP/1.1 405");
    CHECK(status("GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n", running.web) == "HTTP/1.1 421");
    running.stop();
    CHECK(running.counters.get(Counter::http_malformed) >= 2);
    CHECK(running.counters.get(Counter::http_limited) >= 3);
    CHECK(running.counters.get(Counter::refused_origin) == 1);
}

TEST_CASE("a WebSocket carries whole messages both ways") {
    Running running;
    Client client(running.web);
    client.say(upgrade("Origin: http://localhost:1\r\nSec-WebSocket-Protocol: earshot.v1\r\nSec-WebSocket-Extensions: permessage-deflate\r\n"));
    const auto head = client.until("\r\n\r\n");
    CHECK(head.starts_with("HTTP/1.1 101"));
    CHECK(head.find("Sec-WebSocket-Protocol: earshot.v1") != std::string::npos);
    CHECK(head.find("deflate") == std::string::npos);
    CHECK(heard(client) == "welcome web");
    client.say(text_frame("one") + frame(0x01, "tw") + frame(0x80, "o"));
    CHECK(heard(client) == "echo one");
    CHECK(heard(client) == "echo two");
    client.say(frame(0x89, "ping"));
    CHECK(client.bytes(6) == "\x8a\x04ping");
    client.say(text_frame("bye"));
    CHECK(close_code(client) == 4000);
    client.say(frame(0x88, "\x0f\xa0"));
    CHECK(client.rest().empty());
    ::shutdown(client.descriptor(), SHUT_WR);
    CHECK(eventually([&] { return running.machine.closed_count == 1; }));
}

TEST_CASE("bad frames end their connection with the code of RFC 6455") {
    struct Case {
        const char* what;
        std::string bytes;
        unsigned code;
    };
    const std::vector<Case> cases{
        {"binary", frame(0x82, "x"), 1003},
        {"too large", frame(0x81, std::string(70'000, 'x')), 1009},
        {"not UTF-8", frame(0x81, "\xff\xfe"), 1007},
        {"unmasked", std::string("\x81\x01x", 3), 1002},
        {"reserved bit", frame(0xC1, "x"), 1002},
        {"unknown opcode", frame(0x83, "x"), 1002},
        {"long ping", frame(0x89, std::string(126, 'x')), 1002},
    };
    for (const auto& c : cases) {
        Running running;
        Client client(running.web);
        client.say(upgrade());
        client.until("\r\n\r\n");
        heard(client);
        client.say(c.bytes);
        CHECK_MESSAGE(close_code(client) == c.code, c.what);
        ::shutdown(client.descriptor(), SHUT_WR);
        CHECK_MESSAGE(eventually([&] { return running.machine.closed_count == 1; }), c.what);
    }
}

TEST_CASE("foreign pages open no WebSocket") {
    Running running;
    for (const auto* origin : {"Origin: null\r\n", "Origin: http://evil.example\r\n", "Origin: https://localhost:1\r\n"}) CHECK_MESSAGE(status(upgrade(origin), running.web) == "HTTP/1.1 403", origin);
    for (const auto* origin : {"", "Origin: http://localhost:1\r\n", "Origin: https://friend.example\r\n"}) CHECK_MESSAGE(status(upgrade(origin), running.web) == "HTTP/1.1 101", origin);
    CHECK(status("GET /api/v1/socket HTTP/1.1\r\nHost: localhost\r\n\r\n", running.web) == "HTTP/1.1 426");
    running.stop();
    CHECK(running.counters.get(Counter::refused_origin) == 3);
}

TEST_CASE("a head that never ends is not waited for, nor is a handshake") {
    Running running({.head_patience = 30ms, .keep_alive = 60ms});
    Client slow(running.web), silent(running.web), secure(running.tls), greeted(running.tls);
    slow.say("GET / HTTP/1.1\r\nHost: loc");
    greeted.say(std::string_view("\x16\x03\x01\x02\x00", 5));
    for (auto* client : {&slow, &silent, &secure, &greeted}) {
        CHECK(client->rest().empty());
        CHECK(client->ended());
    }
    Client kept(running.web);
    kept.say("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
    CHECK(kept.until("ok\n").ends_with("ok\n"));
    CHECK(kept.rest().empty());
    CHECK(kept.ended());
}

TEST_CASE("one address may hold so many connections and no more") {
    Running running({.connections = {.total = 10, .per_address = 1, .per_loopback = 2}});
    Client a(running.plain), b(running.plain);
    CHECK(a.bytes(13) == "welcome plain");
    CHECK(b.bytes(13) == "welcome plain");
    Client c(running.plain);
    CHECK(c.rest().empty());
    CHECK(c.ended());
}

namespace {

struct TlsClient {
    TlsClient(const SocketAddress& to, int lowest, int highest, const char* ciphers = nullptr, std::string_view alpn = {}) : client(to), context(SSL_CTX_new(TLS_client_method())), ssl(nullptr) {
        SSL_CTX_set_min_proto_version(context, lowest);
        SSL_CTX_set_max_proto_version(context, highest);
        SSL_CTX_set_security_level(context, 0);
        if (ciphers) SSL_CTX_set_cipher_list(context, ciphers);
        ssl = SSL_new(context);
        if (!alpn.empty()) SSL_set_alpn_protos(ssl, reinterpret_cast<const unsigned char*>(alpn.data()), static_cast<unsigned>(alpn.size()));
        SSL_set_fd(ssl, client.descriptor());
        connected = SSL_connect(ssl) == 1;
        if (!connected) client.rest();  // the server has counted a refusal once it has hung up
    }
    ~TlsClient() {
        SSL_free(ssl);
        SSL_CTX_free(context);
    }
    void say(std::string_view text) { REQUIRE(SSL_write(ssl, text.data(), static_cast<int>(text.size())) == static_cast<int>(text.size())); }
    std::string until(std::string_view end) {
        std::string all;
        std::array<char, 4096> part;
        while (all.find(end) == std::string::npos) {
            const int got = SSL_read(ssl, part.data(), part.size());
            if (got <= 0) break;
            all.append(part.data(), static_cast<std::size_t>(got));
        }
        return all;
    }
    Client client;
    SSL_CTX* context;
    SSL* ssl;
    bool connected = false;
};

}  // namespace

TEST_CASE("TLS is 1.2 or 1.3 with forward secrecy, and nothing older") {
    Running running;
    CHECK(TlsClient(running.tls, TLS1_2_VERSION, TLS1_2_VERSION).connected);
    CHECK(TlsClient(running.tls, TLS1_3_VERSION, TLS1_3_VERSION).connected);
    CHECK_FALSE(TlsClient(running.tls, TLS1_VERSION, TLS1_1_VERSION).connected);
    CHECK_FALSE(TlsClient(running.tls, TLS1_2_VERSION, TLS1_2_VERSION, "AES128-GCM-SHA256").connected);        // no forward secrecy
    CHECK_FALSE(TlsClient(running.tls, TLS1_2_VERSION, TLS1_2_VERSION, "ECDHE-ECDSA-AES128-SHA256").connected);  // no AEAD
    CHECK(TlsClient(running.tls, TLS1_2_VERSION, TLS1_3_VERSION, nullptr, "\x02h2\x08http/1.1").connected);
    CHECK_FALSE(TlsClient(running.tls, TLS1_2_VERSION, TLS1_3_VERSION, nullptr, "\x02h2").connected);
    running.stop();
    CHECK(running.counters.get(Counter::tls_failures) == 4);
}

TEST_CASE("HTTP and WebSockets over TLS") {
    Running running;
    TlsClient page(running.tls, TLS1_2_VERSION, TLS1_3_VERSION);
    page.say("GET / HTTP/1.1\r\nHost: anything.example\r\nConnection: close\r\n\r\n");
    CHECK(page.until("<p>hello").ends_with("<p>hello"));
    CHECK(page.until("no more").empty());
    TlsClient socket(running.tls, TLS1_2_VERSION, TLS1_3_VERSION);
    socket.say(upgrade("Origin: https://localhost:1\r\n"));
    CHECK(socket.until("welcome web").find("HTTP/1.1 101") == 0);
    CHECK(running.machine.secure);
    const std::string large(60'000, 'z');
    for (int i = 0; i < 20; ++i) {
        socket.say(text_frame(large));
        CHECK(socket.until("echo " + large).size() == large.size() + 9);
    }
    socket.say(text_frame("bye"));
    CHECK(socket.until("as you wish").find("as you wish") != std::string::npos);
}

TEST_CASE("a plain request at the HTTPS port is told in its own words") {
    Running running;
    Client client(running.tls);
    client.say("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    const auto answer = client.rest();
    CHECK(answer.starts_with("HTTP/1.1 400"));
    CHECK(answer.ends_with("write https:// in the address.\n"));
}

TEST_CASE("media that knocks at the HTTPS port is handed over with its first bytes unread") {
    Running running;
    Client client(running.tls);
    client.say(std::string_view("\0\x14\0\1", 4));
    CHECK(eventually([&] { return running.media == 1; }));
    std::array<char, 8> seen{};
    CHECK(::recv(running.handed_over.get(), seen.data(), seen.size(), 0) == 4);
    client.say("more");
    pollfd p{running.handed_over.get(), POLLIN, 0};
    CHECK(::poll(&p, 1, 5000) == 1);
}

TEST_CASE("at the end everyone is told, and slow ones are not waited for beyond patience") {
    Running running({.flush_patience = 50ms});
    Client plain(running.plain), web(running.web), idle(running.web);
    web.say(upgrade());
    web.until("welcome web");
    plain.until("plain");
    CHECK(eventually([&] { return running.machine.open == 2; }));
    running.stop();  // neither client answers the goodbye
    CHECK(plain.rest() == "goodbye");
    CHECK(heard(web) == "goodbye");
    CHECK(close_code(web) == 1001);
    CHECK(idle.rest().empty());
}

}  // namespace earshot::io
