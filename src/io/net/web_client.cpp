#include "io/net/web_client.hpp"

#include <fmt/format.h>

#include <boost/asio/ip/basic_resolver.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/field.hpp>
#include <boost/beast/websocket.hpp>
#include <deque>
#include <variant>
#include <vector>

#include "base/overloaded.hpp"
#include "io/net/tls_stream.hpp"

namespace earshot::io {
namespace {

namespace beast = boost::beast;
namespace http = beast::http;
namespace websocket = beast::websocket;
using asio::ip::tcp;
using Resolver = asio::ip::basic_resolver<tcp, Executor>;
using PlainSocket = websocket::stream<TcpSocket>;
using SecureSocket = websocket::stream<TlsStream>;

// What a header of a stranger may contribute to a sentence.
std::string printable(beast::string_view text) {
    std::string out;
    for (const char c : text.substr(0, 60))
        if (c >= 0x20 && c < 0x7f) out += c;
    return out;
}

SocketAddress address_of(const tcp::endpoint& endpoint) {
    SocketAddress out{.port = endpoint.port()};
    const auto v6 = endpoint.address().is_v6() ? endpoint.address().to_v6() : asio::ip::make_address_v6(asio::ip::v4_mapped, endpoint.address().to_v4());
    out.ip.bytes = v6.to_bytes();
    return out;
}

}  // namespace

// One try to reach the server, and the connection that came of it.
class WebClient::Attempt : public std::enable_shared_from_this<Attempt> {
public:
    Attempt(asio::io_context& context, std::shared_ptr<Events> events, const TlsClient& tls, WebTarget target)
        : executor_(context.get_executor()),
          events_(std::move(events)),
          tls_(tls),
          target_(std::move(target)),
          resolver_(executor_),
          clock_(executor_),
          next_(executor_) {}

    void start() {
        limit(kConnectWithin);
        resolver_.async_resolve(target_.host, fmt::format("{}", target_.port), [self = shared_from_this()](error_code ec, const Resolver::results_type& found) {
            if (self->over_) return;
            if (ec) return self->fail(WebFailure::Kind::kUnreachable, fmt::format("There is no host called {}.", self->target_.host));
            for (const auto& each : found)
                if (self->endpoints_.size() < kMostAddresses) self->endpoints_.push_back(each.endpoint());
            self->try_next();
        });
    }

    void send(std::string text) {
        if (over_ || closing_ || !open_) return;
        queued_ += text.size();
        if (queued_ > kMostQueued) return fail(WebFailure::Kind::kUnreachable, "The connection is too slow for what is said.");
        queue_.push_back(std::move(text));
        if (queue_.size() == 1) write();
    }

    void drop() {
        events_.reset();
        if (over_) return;
        closing_ = true;
        if (!open_) return end();
        limit(1s);
        if (queue_.empty()) goodbye();
    }

    std::optional<SocketAddress> remote() const { return remote_; }

private:
    // --- connecting: every address in turn, a quarter of a second apart, and the first that answers wins

    void try_next() {
        if (over_ || connected_ || at_ == endpoints_.size()) return;
        const auto endpoint = endpoints_[at_++];
        auto socket = std::make_shared<TcpSocket>(executor_);
        ++trying_;
        sockets_.push_back(socket);
        socket->async_connect(endpoint, [self = shared_from_this(), socket, endpoint](error_code ec) {
            --self->trying_;
            if (self->over_ || self->connected_) return;
            if (!ec) return self->use(std::move(*socket), endpoint);
            self->last_error_ = ec;
            if (self->at_ < self->endpoints_.size()) return self->try_next();
            if (self->trying_ == 0) self->fail(WebFailure::Kind::kUnreachable, self->why_unreachable());
        });
        if (at_ == endpoints_.size()) return;
        next_.expires_after(kNextAddress);
        next_.async_wait([self = shared_from_this()](error_code ec) {
            if (!ec) self->try_next();
        });
    }

    std::string why_unreachable() const {
        if (last_error_ == asio::error::connection_refused)
            return fmt::format("{} refuses connections: is an Earshot server running there?", target_.authority);
        if (last_error_ == asio::error::network_unreachable || last_error_ == asio::error::host_unreachable)
            return fmt::format("There is no way to {}: {}.", target_.authority, last_error_.message());
        return fmt::format("{} cannot be reached: {}.", target_.authority, last_error_.message());
    }

    void use(TcpSocket socket, const tcp::endpoint& endpoint) {
        connected_ = true;
        next_.cancel();
        for (auto& other : sockets_)
            if (other->is_open()) {
                error_code ignored;
                other->close(ignored);
            }
        sockets_.clear();
        remote_ = address_of(endpoint);
        error_code ignored;
        socket.set_option(tcp::no_delay(true), ignored);
        limit(kGreetWithin);
        if (!target_.secure) return upgrade(stream_.emplace<std::unique_ptr<PlainSocket>>(std::make_unique<PlainSocket>(std::move(socket))));
        auto& stream = stream_.emplace<std::unique_ptr<SecureSocket>>(std::make_unique<SecureSocket>(std::move(socket), tls_.connect_to(target_.host)));
        stream->next_layer().async_handshake([self = shared_from_this()](error_code ec, std::size_t) { self->shaken(ec); });
    }

    void shaken(error_code ec) {
        if (over_) return;
        if (ec) return fail(WebFailure::Kind::kNotEarshot, fmt::format("{} does not speak TLS as we know it; was http:// meant?", target_.authority));
        auto& stream = std::get<std::unique_ptr<SecureSocket>>(stream_);
        const auto proof = TlsClient::proof_of(stream->next_layer().native());
        if (auto why = events_ ? events_->trust(proof) : std::optional<std::string>("")) return fail(WebFailure::Kind::kUntrusted, std::move(*why));
        upgrade(stream);
    }

    template <typename Stream>
    void upgrade(std::unique_ptr<Stream>& stream) {
        stream->read_message_max(kLargestFrame);
        stream->auto_fragment(false);
        websocket::stream_base::timeout timeout{};
        timeout.handshake_timeout = std::chrono::seconds(10);
        timeout.idle_timeout = websocket::stream_base::none();
        stream->set_option(timeout);
        stream->set_option(websocket::stream_base::decorator([agent = target_.agent](websocket::request_type& request) {
            request.set(http::field::sec_websocket_protocol, "earshot.v1");
            request.set(http::field::user_agent, agent);
        }));
        stream->async_handshake(response_, target_.authority, "/api/v1/socket", [self = shared_from_this(), &stream](error_code ec) {
            if (self->over_) return;
            if (ec) return self->not_upgraded(ec);
            if (self->response_[http::field::sec_websocket_protocol] != "earshot.v1")
                return self->fail(WebFailure::Kind::kNotEarshot, self->stranger("a WebSocket of something else"));
            self->opened();
            self->read(*stream);
        });
    }

    std::string stranger(std::string_view what) const { return fmt::format("{} answers, but not as an Earshot server: {}.", target_.authority, what); }

    void not_upgraded(error_code ec) {
        using Kind = WebFailure::Kind;
        if (ec == beast::error::timeout) return fail(Kind::kUnreachable, fmt::format("{} does not answer.", target_.authority));
        if (ec != websocket::error::upgrade_declined) return fail(Kind::kNotEarshot, stranger("what it says is no HTTP"));
        const auto status = response_.result_int();
        const auto where = printable(response_[http::field::location]);
        if (status / 100 == 3 && !where.empty()) return fail(Kind::kNotEarshot, fmt::format("{} points to {}: use that address.", target_.authority, where));
        if (status == 421)
            return fail(Kind::kNotEarshot, fmt::format("The server does not know itself as {}: it is to be added to its web.hosts.", target_.authority));
        if (status == 503 || status == 429) return fail(Kind::kUnreachable, fmt::format("{} is too busy just now (HTTP {}).", target_.authority, status));
        const auto type = printable(response_[http::field::content_type]);
        fail(Kind::kNotEarshot, stranger(type.empty() ? fmt::format("HTTP {}", status) : fmt::format("HTTP {}, {}", status, type)));
    }

    // --- the line stands

    void opened() {
        open_ = true;
        clock_.cancel();
        if (events_) events_->opened();
    }

    template <typename Stream>
    void read(Stream& stream) {
        if (over_) return;
        stream.async_read(buffer_, [self = shared_from_this(), &stream](error_code ec, std::size_t) {
            if (self->over_) return;
            if (ec)
                return self->fail(WebFailure::Kind::kUnreachable,
                                  ec == websocket::error::closed ? "The server closed the connection." : "The connection was lost.");
            const auto bytes = self->buffer_.cdata();
            if (self->events_ && stream.got_text()) self->events_->received({static_cast<const char*>(bytes.data()), bytes.size()});
            self->buffer_.consume(self->buffer_.size());
            self->read(stream);
        });
    }

    void write() {
        std::visit(overloaded{[](std::monostate) {},
                              [this](auto& stream) {
                                  stream->text(true);
                                  stream->async_write(asio::buffer(queue_.front()),
                                                      [self = shared_from_this()](error_code ec, std::size_t) { self->written(ec); });
                              }},
                   stream_);
    }

    void written(error_code ec) {
        if (over_) return;
        if (ec) return fail(WebFailure::Kind::kUnreachable, "The connection was lost.");
        queued_ -= queue_.front().size();
        queue_.pop_front();
        if (!queue_.empty())
            write();
        else if (closing_)
            goodbye();
    }

    void goodbye() {
        std::visit(
            overloaded{[](std::monostate) {},
                       [this](auto& stream) { stream->async_close(websocket::close_code::normal, [self = shared_from_this()](error_code) { self->end(); }); }},
            stream_);
    }

    // --- the end

    void limit(Duration time) {
        clock_.expires_after(time);
        clock_.async_wait([self = shared_from_this()](error_code ec) {
            if (ec || self->over_) return;
            if (self->closing_) return self->end();
            self->fail(WebFailure::Kind::kUnreachable, fmt::format("{} does not answer.", self->target_.authority));
        });
    }

    void fail(WebFailure::Kind kind, std::string sentence) {
        if (over_) return;
        end();
        if (const auto events = std::exchange(events_, nullptr)) events->closed({kind, std::move(sentence)});
    }

    void end() {
        over_ = true;
        resolver_.cancel();
        clock_.cancel();
        next_.cancel();
        error_code ignored;
        for (auto& socket : sockets_) socket->close(ignored);
        std::visit(overloaded{[](std::monostate) {}, [](std::unique_ptr<PlainSocket>& s) { close(s->next_layer()); },
                              [](std::unique_ptr<SecureSocket>& s) { close(s->next_layer().next_layer()); }},
                   stream_);
    }
    static void close(TcpSocket& socket) {
        error_code ignored;
        socket.close(ignored);
    }

    Executor executor_;
    std::shared_ptr<Events> events_;
    const TlsClient& tls_;
    WebTarget target_;
    Resolver resolver_;
    Timer clock_, next_;
    std::vector<tcp::endpoint> endpoints_;
    std::size_t at_ = 0;
    int trying_ = 0;
    error_code last_error_;
    std::vector<std::shared_ptr<TcpSocket>> sockets_;
    std::optional<SocketAddress> remote_;
    std::variant<std::monostate, std::unique_ptr<PlainSocket>, std::unique_ptr<SecureSocket>> stream_;
    websocket::response_type response_;
    beast::flat_buffer buffer_{kLargestFrame};
    std::deque<std::string> queue_;
    std::size_t queued_ = 0;
    bool connected_ = false, open_ = false, closing_ = false, over_ = false;
};

WebClient::WebClient(asio::io_context& context, Events events) : context_(context), events_(std::make_shared<Events>(std::move(events))) {}

WebClient::~WebClient() { drop(); }

void WebClient::open(const WebTarget& target) {
    drop();
    attempt_ = std::make_shared<Attempt>(context_, events_, tls_, target);
    attempt_->start();
}

void WebClient::send(std::string text) {
    if (attempt_) attempt_->send(std::move(text));
}

void WebClient::drop() {
    if (const auto attempt = std::exchange(attempt_, nullptr)) attempt->drop();
}

std::optional<SocketAddress> WebClient::remote() const { return attempt_ ? attempt_->remote() : std::nullopt; }

}  // namespace earshot::io
