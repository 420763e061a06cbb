// The client's WebSocket against servers of this machine that the test plays: an Earshot, strangers, and one that cannot be trusted.
#include "io/net/web_client.hpp"

#include <doctest/doctest.h>
#include <openssl/ssl.h>

#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/field.hpp>
#include <boost/beast/websocket.hpp>
#include <ctime>
#include <utility>

#include "crypto/x509.hpp"
#include "io/net/tls_stream.hpp"

namespace earshot::io {
namespace {

namespace beast = boost::beast;
namespace websocket = beast::websocket;
using asio::ip::tcp;

struct Desk {
    asio::io_context context{1};
    int opened = 0;
    std::vector<std::string> received{};
    std::vector<WebFailure> failures{};
    std::vector<ServerProof> proofs{};
    std::optional<std::string> distrust{};
    WebClient client{context,
                     {.trust =
                          [this](const ServerProof& proof) {
                              proofs.push_back(proof);
                              return distrust;
                          },
                      .opened = [this] { ++opened; },
                      .received = [this](std::string_view text) { received.emplace_back(text); },
                      .closed = [this](WebFailure failure) { failures.push_back(std::move(failure)); }}};
    Acceptor acceptor{context, tcp::endpoint(asio::ip::make_address("127.0.0.1"), 0)};

    std::uint16_t port() const { return acceptor.local_endpoint().port(); }
    void open(bool secure = false, const std::string& host = "127.0.0.1") {
        client.open({.secure = secure, .host = host, .port = port(), .authority = "talk.example", .agent = "test"});
    }
    template <typename Until>
    bool wait(Until until) {
        const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
        while (!until() && context.run_one_until(end) > 0) {
        }
        return until();
    }
};

// Takes one WebSocket and sends back what it hears; over any stream that is ready for it.
template <typename Stream>
struct Echo {
    explicit Echo(Stream stream) : socket(std::move(stream)) {}
    void start(const std::string& protocol) {
        socket.set_option(websocket::stream_base::decorator([protocol](websocket::response_type& response) {
            if (!protocol.empty()) response.set(beast::http::field::sec_websocket_protocol, protocol);
        }));
        socket.async_accept([this](error_code ec) {
            upgraded = !ec;
            over = static_cast<bool>(ec);
            if (!ec) read();
        });
    }
    void read() {
        socket.async_read(buffer, [this](error_code ec, std::size_t) {
            over = static_cast<bool>(ec);
            if (ec) return;
            heard.push_back(beast::buffers_to_string(buffer.data()));
            buffer.consume(buffer.size());
            if (heard.back() == "hang up") return void(socket.async_close(websocket::close_code::normal, [](error_code) {}));
            socket.text(true);
            socket.async_write(asio::buffer(heard.back()), [this](error_code, std::size_t) { read(); });
        });
    }
    websocket::stream<Stream> socket;
    beast::flat_buffer buffer{};
    std::vector<std::string> heard{};
    bool upgraded = false, over = false;
};

struct PlainServer {
    explicit PlainServer(Desk& desk, std::string protocol = "earshot.v1") {
        desk.acceptor.async_accept([this, protocol](error_code ec, TcpSocket socket) {
            if (ec) return;
            echo = std::make_unique<Echo<TcpSocket>>(std::move(socket));
            echo->start(protocol);
        });
    }
    std::unique_ptr<Echo<TcpSocket>> echo;
};

// Answers whatever it hears first with `answer`, and is done.
struct Stranger {
    Stranger(Desk& desk, std::string text) : answer(std::move(text)), socket(desk.context) {
        desk.acceptor.async_accept(socket, [this](error_code) {
            socket.async_read_some(asio::buffer(piece), [this](error_code, std::size_t) {
                asio::write(socket, asio::buffer(answer));
                socket.close();
            });
        });
    }
    std::string answer;
    TcpSocket socket;
    std::array<char, 4096> piece{};
};

std::string sentence_of(std::string answer, WebFailure::Kind kind = WebFailure::Kind::kNotEarshot) {
    Desk desk;
    Stranger stranger(desk, std::move(answer));
    desk.open();
    REQUIRE(desk.wait([&] { return !desk.failures.empty(); }));
    CHECK(desk.failures[0].kind == kind);
    CHECK(desk.opened == 0);
    return desk.failures[0].sentence;
}

// TLS with a certificate that nobody vouches for.
struct SecureServer {
    explicit SecureServer(Desk& desk) : key(crypto::make_p256_key()), context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free) {
        const auto now = static_cast<std::int64_t>(std::time(nullptr));
        certificate = crypto::make_certificate(key.get(), "talk.example", now - 3600, now + 3600);
        crypto::sign_certificate(certificate.get(), key.get());
        REQUIRE(SSL_CTX_use_certificate(context.get(), certificate.get()) == 1);
        REQUIRE(SSL_CTX_use_PrivateKey(context.get(), key.get()) == 1);
        desk.acceptor.async_accept([this](error_code ec, TcpSocket socket) {
            if (ec) return;
            auto* ssl = SSL_new(context.get());
            SSL_set_accept_state(ssl);
            echo = std::make_unique<Echo<TlsStream>>(TlsStream(std::move(socket), ssl));
            echo->socket.next_layer().async_handshake([this](error_code failed, std::size_t) {
                echo->over = static_cast<bool>(failed);
                if (!failed) echo->start("earshot.v1");
            });
        });
    }
    std::string fingerprint() const {
        std::string digits;
        for (const auto byte : crypto::fingerprint_of(certificate.get())) {
            static constexpr char kDigits[] = "0123456789abcdef";
            digits += {kDigits[byte >> 4], kDigits[byte & 15]};
        }
        return digits;
    }
    crypto::KeyPtr key;
    crypto::X509Ptr certificate;
    std::unique_ptr<SSL_CTX, void (*)(SSL_CTX*)> context;
    std::unique_ptr<Echo<TlsStream>> echo;
};

}  // namespace

TEST_CASE("a line that stands carries text both ways, and what was said before the goodbye still arrives") {
    Desk desk;
    PlainServer server(desk);
    desk.open();
    REQUIRE(desk.wait([&] { return desk.opened == 1; }));
    CHECK(desk.client.remote()->port == desk.port());
    desk.client.send("hello");
    desk.client.send("again");
    REQUIRE(desk.wait([&] { return desk.received.size() == 2; }));
    CHECK(desk.received == std::vector<std::string>{"hello", "again"});
    desk.client.send("farewell");
    desk.client.drop();
    REQUIRE(desk.wait([&] { return server.echo->over; }));
    CHECK(server.echo->heard.back() == "farewell");
    CHECK(desk.failures.empty());
    CHECK(desk.received.size() == 2);  // nothing is told any more
}

TEST_CASE("a server that hangs up is told once, and the line can be opened anew") {
    Desk desk;
    PlainServer server(desk);
    desk.open();
    REQUIRE(desk.wait([&] { return desk.opened == 1; }));
    desk.client.send("hang up");
    REQUIRE(desk.wait([&] { return !desk.failures.empty(); }));
    CHECK(desk.failures[0].sentence == "The server closed the connection.");
    CHECK(desk.failures[0].kind == WebFailure::Kind::kUnreachable);
    PlainServer next(desk);
    desk.client.send("into the void");
    desk.open();
    CHECK(desk.wait([&] { return desk.opened == 2; }));
    CHECK(desk.failures.size() == 1);
}

TEST_CASE("a port where nobody listens is told as such") {
    Desk desk;
    const auto port = desk.port();
    desk.acceptor.close();
    desk.client.open({.secure = false, .host = "127.0.0.1", .port = port, .authority = "talk.example", .agent = "test"});
    REQUIRE(desk.wait([&] { return !desk.failures.empty(); }));
    CHECK(desk.failures[0].kind == WebFailure::Kind::kUnreachable);
    CHECK(desk.failures[0].sentence == "talk.example refuses connections: is an Earshot server running there?");
}

TEST_CASE("whoever else answers is told in a sentence") {
    using Kind = WebFailure::Kind;
    CHECK(sentence_of("HTTP/1.1 404 Not Found\r\nContent-Type: text/html\r\nContent-Length: 0\r\n\r\n") ==
          "talk.example answers, but not as an Earshot server: HTTP 404, text/html.");
    CHECK(sentence_of("HTTP/1.1 301 Moved\r\nLocation: https://else.example/\x1b[31m\r\nContent-Length: 0\r\n\r\n").starts_with("talk.example"));
    CHECK(sentence_of("HTTP/1.1 302 Found\r\nLocation: https://else.example/\r\nContent-Length: 0\r\n\r\n") ==
          "talk.example points to https://else.example/: use that address.");
    CHECK(sentence_of("HTTP/1.1 421 Misdirected Request\r\nContent-Length: 0\r\n\r\n").contains("web.hosts"));
    CHECK(sentence_of("HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n", Kind::kUnreachable).contains("too busy"));
    CHECK(sentence_of("SSH-2.0-OpenSSH_9.2\r\n").contains("no HTTP"));
}

TEST_CASE("a WebSocket of something else is no house") {
    Desk desk;
    PlainServer server(desk, "chat.other");
    desk.open();
    REQUIRE(desk.wait([&] { return !desk.failures.empty(); }));
    CHECK(desk.failures[0].kind == WebFailure::Kind::kNotEarshot);
    CHECK(desk.opened == 0);
}

TEST_CASE("a certificate that nobody vouches for is shown by its fingerprint, and accepted it carries the line") {
    Desk desk;
    SecureServer server(desk);
    desk.open(true);
    REQUIRE(desk.wait([&] { return desk.opened == 1 || !desk.failures.empty(); }));
    REQUIRE(desk.proofs.size() == 1);
    CHECK_FALSE(desk.proofs[0].verified);
    CHECK_FALSE(desk.proofs[0].why.empty());
    CHECK(desk.proofs[0].fingerprint == server.fingerprint());
    REQUIRE(desk.opened == 1);
    desk.client.send("secret");
    REQUIRE(desk.wait([&] { return desk.received.size() == 1; }));
}

TEST_CASE("to a server that is not trusted not a byte is said") {
    Desk desk;
    desk.distrust = "This is not the certificate that was accepted.";
    SecureServer server(desk);
    desk.open(true);
    REQUIRE(desk.wait([&] { return !desk.failures.empty(); }));
    CHECK(desk.failures[0].kind == WebFailure::Kind::kUntrusted);
    CHECK(desk.failures[0].sentence == *desk.distrust);
    // The server reads to the end: no request ever came.
    REQUIRE(desk.wait([&] { return server.echo != nullptr && server.echo->over; }));
    CHECK_FALSE(server.echo->upgraded);
    CHECK(server.echo->heard.empty());
}

TEST_CASE("a server without TLS is told from one that is not there") {
    Desk desk;
    Stranger stranger(desk, "HTTP/1.1 400 Bad Request\r\n\r\n");
    desk.open(true);
    REQUIRE(desk.wait([&] { return !desk.failures.empty(); }));
    CHECK(desk.failures[0].sentence == "talk.example does not speak TLS as we know it; was http:// meant?");
    CHECK(desk.proofs.empty());
}

TEST_CASE("a line that was dropped tells nothing any more") {
    Desk desk;
    PlainServer server(desk);
    desk.open();
    desk.client.drop();
    desk.context.poll();
    CHECK(desk.opened == 0);
    CHECK(desk.failures.empty());
    CHECK_FALSE(desk.client.remote().has_value());
}

}  // namespace earshot::io
