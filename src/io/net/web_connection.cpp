// HTTP and WebSockets by Boost.Beast, over bare TCP and over TLS.
#include <boost/asio/write.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket.hpp>
#include <deque>

#include "io/net/clock.hpp"
#include "io/net/connection.hpp"
#include "io/net/tls_stream.hpp"

namespace earshot::io {
namespace {

namespace beast = boost::beast;
namespace http = beast::http;
namespace websocket = beast::websocket;

constexpr std::size_t kMostHeadBytes = 8 * 1024;
constexpr std::size_t kMostMessageBytes = 64 * 1024;
constexpr std::size_t kKeptBuffer = 4 * 1024;      // a larger one is given back after its message
constexpr std::size_t kSlowestLine = 8;            // bytes a millisecond: who reads an answer more slowly is not waited for
constexpr std::size_t kMostLingered = 256 * 1024;  // read and forgotten after an answer that ends the connection

using Head = http::request<http::empty_body>;

std::string_view text(beast::string_view view) { return {view.data(), view.size()}; }

HttpRequest request_of(const http::request_parser<http::empty_body>& parser) {
    const auto& head = parser.get();
    const auto field = [&](http::field name) { return text(head[name]); };
    return {.method = text(head.method_string()),
            .target = text(head.target()),
            .host = field(http::field::host),
            .origin = field(http::field::origin),
            .accept_encoding = field(http::field::accept_encoding),
            .if_none_match = field(http::field::if_none_match),
            .content_encoding = field(http::field::content_encoding),
            .subprotocols = field(http::field::sec_websocket_protocol),
            .host_count = static_cast<unsigned>(head.count(http::field::host)),
            .http_1_0 = head.version() < 11,
            .has_body = parser.chunked() || parser.content_length().value_or(0) > 0 || head.count(http::field::transfer_encoding) > 0,
            .wants_websocket = websocket::is_upgrade(head)};
}

TcpSocket& socket_of(TcpSocket& socket) { return socket; }
TcpSocket& socket_of(TlsStream& stream) { return stream.next_layer(); }
void say_goodbye(TcpSocket&) {}
void say_goodbye(TlsStream& stream) { stream.say_goodbye(); }

// --- WebSocket

template <typename Stream>
class WebConnection final : public Connection, public std::enable_shared_from_this<WebConnection<Stream>> {
public:
    WebConnection(Host& host, Stream stream, Arrival arrival) : host_(host), socket_(std::move(stream)), arrival_(std::move(arrival)), patience_(socket_.get_executor()) {}

    void accept(const Head& head, bool names_subprotocol) {
        websocket::stream_base::timeout timeout{};
        timeout.handshake_timeout = host_.patience().head;
        timeout.idle_timeout = host_.patience().web_silence;
        timeout.keep_alive_pings = true;
        socket_.set_option(timeout);
        socket_.set_option(websocket::stream_base::decorator([names_subprotocol](websocket::response_type& response) {
            for (const auto& header : security_headers()) response.set(beast::string_view(header.name.data(), header.name.size()), beast::string_view(header.value.data(), header.value.size()));
            if (names_subprotocol) response.set(http::field::sec_websocket_protocol, "earshot.v1");
        }));
        socket_.read_message_max(kMostMessageBytes);
        socket_.auto_fragment(false);
        socket_.text(true);
        socket_.async_accept(head, [self = this->shared_from_this()](error_code ec) { self->on_accepted(ec); });
    }

    void send(SharedText bytes) override {
        if (finishing_ || gone_) return;
        waiting_.push_back(std::move(bytes));
        pump();
    }
    void finish(std::uint16_t code, std::string reason) override {
        if (finishing_ || gone_) return;
        finishing_ = true;
        goodbye_ = websocket::close_reason(static_cast<websocket::close_code>(code), beast::string_view(reason.data(), std::min<std::size_t>(reason.size(), 120)));
        lose_after(host_.patience().flush);
        pump();
    }
    void drop() override {
        error_code ignored;
        beast::get_lowest_layer(socket_).close(ignored);
    }

private:
    void on_accepted(error_code ec) {
        if (ec) {
            host_.counters().add(Counter::http_malformed);
            return;
        }
        id_ = host_.opened(this->shared_from_this(), {port::Door::kWeb, arrival_.remote, arrival_.local, std::is_same_v<Stream, TlsStream>});
        read();
    }
    void read() {
        if (gone_ || finishing_) return;
        socket_.async_read(buffer_, [self = this->shared_from_this()](error_code ec, std::size_t) { self->on_read(ec); });
    }
    void on_read(error_code ec) {
        if (ec && finishing_) return;  // the closing handshake is under way
        if (ec) return lose();
        if (!finishing_) {
            if (!socket_.got_text()) return finish(1003, "text frames only");
            host_.received(id_, {static_cast<const std::uint8_t*>(buffer_.data().data()), buffer_.size()});
        }
        buffer_.consume(buffer_.size());
        if (buffer_.capacity() > kKeptBuffer) buffer_ = beast::flat_buffer();
        read();
    }
    void pump() {
        if (writing_ || gone_) return;
        if (waiting_.empty()) {
            if (finishing_) say_goodbye();
            return;
        }
        writing_ = true;
        socket_.async_write(asio::buffer(*waiting_.front()), [self = this->shared_from_this()](error_code ec, std::size_t) { self->on_written(ec); });
    }
    void on_written(error_code ec) {
        writing_ = false;
        if (ec) return lose();
        const auto size = waiting_.front()->size();
        waiting_.pop_front();
        if (!gone_) host_.wrote(id_, size);
        pump();
    }
    void say_goodbye() {
        writing_ = true;
        lose_after(host_.patience().farewell);
        socket_.async_close(goodbye_, [self = this->shared_from_this()](error_code) { self->lose(); });
    }
    void lose_after(Duration patience) {
        patience_.expires_after(patience);
        patience_.async_wait([self = this->shared_from_this()](error_code ec) {
            if (!ec) self->lose();
        });
    }
    void lose() {
        if (gone_) return;
        gone_ = true;
        patience_.cancel();
        drop();
        host_.closed(id_);
    }

    Host& host_;
    websocket::stream<Stream> socket_;
    Arrival arrival_;
    Timer patience_;
    beast::flat_buffer buffer_;
    std::deque<SharedText> waiting_;
    websocket::close_reason goodbye_;
    ConnectionId id_;
    bool writing_ = false, finishing_ = false, gone_ = false;
};

// --- HTTP

enum class Manner { kSite, kMetrics, kMisplaced };  // misplaced: HTTP on the HTTPS port

template <typename Stream>
class HttpSession final : public std::enable_shared_from_this<HttpSession<Stream>> {
public:
    HttpSession(Host& host, Stream stream, Arrival arrival, Manner manner)
        : host_(host), stream_(std::move(stream)), arrival_(std::move(arrival)), manner_(manner), patience_(stream_.get_executor()) {}

    void begin() {
        error_code ignored;
        socket_of(stream_).set_option(asio::ip::tcp::no_delay(true), ignored);
        allow(host_.patience().head);
        if constexpr (std::is_same_v<Stream, TlsStream>)
            stream_.async_handshake([self = this->shared_from_this()](error_code ec, std::size_t) {
                if (ec) return self->host_.counters().add(Counter::tls_failures), self->end();
                self->read();
            });
        else
            read();
    }

private:
    Approach approach() const { return {std::is_same_v<Stream, TlsStream>, arrival_.local.ip.is_loopback() && !std::is_same_v<Stream, TlsStream>}; }

    // Whatever is pending fails when patience ends.
    void allow(Duration time) {
        patience_.expires_after(time);
        patience_.async_wait([weak = this->weak_from_this()](error_code ec) {
            if (const auto self = weak.lock(); self && !ec) self->end();
        });
    }
    void end() {
        patience_.cancel();
        error_code ignored;
        socket_of(stream_).close(ignored);
    }

    void read() {
        parser_.emplace();
        parser_->header_limit(kMostHeadBytes);
        parser_->body_limit(0);
        http::async_read_header(stream_, buffer_, *parser_, [self = this->shared_from_this()](error_code ec, std::size_t) { self->on_head(ec); });
    }
    void on_head(error_code ec) {
        if (ec) return on_bad_head(ec);
        const auto request = request_of(*parser_);
        host_.counters().add(Counter::http_requests);
        if (manner_ == Manner::kMisplaced) return respond(Site::failed(400, "This port speaks HTTPS: write https:// in the address.\n", Refusal::kMalformed), false);
        if (manner_ == Manner::kMetrics) return respond(host_.site().answer_metrics(request, approach()), request.method == "HEAD");
        if (!request.wants_websocket) return respond(host_.site().answer(request, approach()), request.method == "HEAD");
        if (auto refused = host_.site().refuse_socket(request, approach())) return respond(*std::move(refused), false);
        patience_.cancel();
        const bool names_subprotocol = !request.subprotocols.empty();
        const Head head = parser_->release();
        std::make_shared<WebConnection<Stream>>(host_, std::move(stream_), std::move(arrival_))->accept(head, names_subprotocol);
    }
    void on_bad_head(error_code ec) {
        if (ec == http::error::end_of_stream || ec == http::error::partial_message || ec.category() != http::make_error_code(http::error::bad_value).category()) return end();
        if (ec == http::error::header_limit || ec == http::error::buffer_overflow) return respond(Site::failed(431, "The head of the request is too large.\n", Refusal::kLimit), false);
        if (ec == http::error::body_limit) return respond(Site::failed(413, "Requests with a body are not taken.\n", Refusal::kLimit), false);
        respond(Site::failed(400, "This is not HTTP as we know it.\n", Refusal::kMalformed), false);
    }

    void count(Refusal refusal) {
        if (refusal == Refusal::kMalformed) host_.counters().add(Counter::http_malformed);
        if (refusal == Refusal::kOrigin) host_.counters().add(Counter::refused_origin);
        if (refusal == Refusal::kLimit) host_.counters().add(Counter::http_limited);
    }
    void respond(HttpAnswer answer, bool head_only) {
        count(answer.refusal);
        own_body_ = std::move(answer.own_body);
        const std::string_view body = answer.body.empty() ? std::string_view(own_body_) : answer.body;
        close_ = answer.close || !parser_->is_header_done() || !parser_->get().keep_alive();
        head_text_ = head_of(answer, body.size());
        const bool with_body = !head_only && answer.status != 304;
        allow(host_.patience().head + std::chrono::milliseconds(with_body ? body.size() / kSlowestLine : 0));
        const std::array<asio::const_buffer, 2> pieces{asio::buffer(head_text_), with_body ? asio::const_buffer(body.data(), body.size()) : asio::const_buffer()};
        asio::async_write(stream_, pieces, [self = this->shared_from_this()](error_code ec, std::size_t) { self->on_written(ec); });
    }
    std::string head_of(const HttpAnswer& answer, std::size_t size) const {
        std::string head = "HTTP/1.1 " + std::to_string(answer.status) + " " + std::string(text(http::obsolete_reason(static_cast<http::status>(answer.status)))) + "\r\n";
        const auto put = [&head](std::string_view name, std::string_view value) {
            if (!value.empty()) head.append(name).append(": ").append(value).append("\r\n");
        };
        if (answer.status != 304) put("Content-Type", answer.type), put("Content-Length", std::to_string(size)), put("Content-Encoding", answer.encoding);
        put("ETag", answer.etag);
        put("Cache-Control", answer.cache);
        put("Allow", answer.allow);
        put("Vary", answer.varies ? "Accept-Encoding" : "");
        put("Connection", close_ ? "close" : "");
        for (const auto& header : security_headers()) put(header.name, header.value);
        return head + "\r\n";
    }
    void on_written(error_code ec) {
        if (ec) return end();
        if (close_) return linger();
        allow(host_.patience().keep_alive);
        read();
    }
    // Closing with unread bytes would reset the connection, and the answer with it.
    void linger() {
        say_goodbye(stream_);
        error_code ec;
        socket_of(stream_).shutdown(TcpSocket::shutdown_send, ec);
        allow(std::chrono::seconds(1));
        forget_rest(0);
    }
    void forget_rest(std::size_t so_far) {
        if (so_far > kMostLingered) return end();
        lingered_.resize(4096);
        socket_of(stream_).async_read_some(asio::buffer(lingered_), [self = this->shared_from_this(), so_far](error_code ec, std::size_t size) {
            if (ec) return self->end();
            self->forget_rest(so_far + size);
        });
    }

    Host& host_;
    Stream stream_;
    Arrival arrival_;
    Manner manner_;
    Timer patience_;
    beast::flat_buffer buffer_{kMostHeadBytes * 2};
    std::optional<http::request_parser<http::empty_body>> parser_;
    std::string own_body_, head_text_, lingered_;
    bool close_ = false;
};

// The first byte of a TLS connection is 22 (handshake). That of an RFC 4571 frame is the high byte of a length of
// at most 1500, so at most 5.
constexpr std::uint8_t kMostFirstByteOfFrame = 5;

class FirstByte final : public std::enable_shared_from_this<FirstByte> {
public:
    FirstByte(Host& host, TcpSocket socket, Arrival arrival, const TlsContext& tls, const std::function<void(Descriptor, const SocketAddress&)>& media)
        : host_(host), socket_(std::move(socket)), arrival_(std::move(arrival)), tls_(tls), media_(media), patience_(socket_.get_executor()) {}

    void begin() {
        patience_.expires_after(host_.patience().head);
        patience_.async_wait([weak = weak_from_this()](error_code ec) {
            error_code ignored;
            if (const auto self = weak.lock(); self && !ec) self->socket_.close(ignored);
        });
        socket_.async_wait(TcpSocket::wait_read, [self = shared_from_this()](error_code ec) {
            if (!ec) self->look();
        });
    }

private:
    void look() {
        patience_.cancel();
        std::uint8_t first = 0;
        if (::recv(socket_.native_handle(), &first, 1, MSG_PEEK | MSG_DONTWAIT) != 1) return;
        if (first >= 'A' && first <= 'Z') return std::make_shared<HttpSession<TcpSocket>>(host_, std::move(socket_), std::move(arrival_), Manner::kMisplaced)->begin();
        if (first > kMostFirstByteOfFrame) return serve_https(host_, std::move(socket_), std::move(arrival_), tls_);
        error_code ec;
        const int fd = socket_.release(ec);
        if (!ec) media_(Descriptor(fd), arrival_.remote);
    }
    Host& host_;
    TcpSocket socket_;
    Arrival arrival_;
    const TlsContext& tls_;
    const std::function<void(Descriptor, const SocketAddress&)>& media_;
    Timer patience_;
};

}  // namespace

void serve_http(Host& host, TcpSocket socket, Arrival arrival, bool metrics) {
    std::make_shared<HttpSession<TcpSocket>>(host, std::move(socket), std::move(arrival), metrics ? Manner::kMetrics : Manner::kSite)->begin();
}
void serve_https(Host& host, TcpSocket socket, Arrival arrival, const TlsContext& tls) {
    std::make_shared<HttpSession<TlsStream>>(host, TlsStream(std::move(socket), tls), std::move(arrival), Manner::kSite)->begin();
}
void serve_https_or_media(Host& host, TcpSocket socket, Arrival arrival, const TlsContext& tls, const std::function<void(Descriptor, const SocketAddress&)>& media) {
    std::make_shared<FirstByte>(host, std::move(socket), std::move(arrival), tls, media)->begin();
}

}  // namespace earshot::io
