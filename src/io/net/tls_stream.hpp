// TLS over a socket as an Asio stream. OpenSSL reads and writes the descriptor itself and we wait for readiness:
// no pair of memory BIOs and no record buffers of our own, which in Asio's stream cost 70 KB a connection.
#pragma once
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/compose.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/websocket/teardown.hpp>
#include <climits>
#include <memory>
#include <string>

#include "io/net/asio.hpp"
#include "io/net/tls_context.hpp"

namespace earshot::io {

class TlsStream {
public:
    using executor_type = Executor;
    using next_layer_type = TcpSocket;

    TlsStream(TcpSocket socket, const TlsContext& context) : TlsStream(std::move(socket), SSL_new(context.get())) { SSL_set_accept_state(ssl_.get()); }
    // `ssl` with its role set; owned from here on.
    TlsStream(TcpSocket socket, SSL* ssl) : socket_(std::move(socket)), ssl_(ssl) {
        error_code ignored;
        socket_.non_blocking(true, ignored);
        socket_.native_non_blocking(true, ignored);
        SSL_set_fd(ssl_.get(), socket_.native_handle());
    }
    SSL* native() { return ssl_.get(); }

    executor_type get_executor() noexcept { return socket_.get_executor(); }
    next_layer_type& next_layer() { return socket_; }
    const next_layer_type& next_layer() const { return socket_; }

    template <typename Token>
    auto async_handshake(Token&& token) {
        return run([](SSL* ssl) { return SSL_do_handshake(ssl) == 1 ? 1 : -1; }, std::forward<Token>(token));
    }

    template <typename Buffers, typename Token>
    auto async_read_some(const Buffers& buffers, Token&& token) {
        const asio::mutable_buffer first = first_of<asio::mutable_buffer>(buffers);
        return run([first](SSL* ssl) { return first.size() == 0 ? kNothingAsked : SSL_read(ssl, first.data(), clamp(first.size())); },
                   std::forward<Token>(token));
    }

    // Several small buffers become one record: a frame's header does not travel alone.
    template <typename Buffers, typename Token>
    auto async_write_some(const Buffers& buffers, Token&& token) {
        return run([bytes = Gathered(buffers)](SSL* ssl) { return bytes.size() == 0 ? kNothingAsked : SSL_write(ssl, bytes.data(), clamp(bytes.size())); },
                   std::forward<Token>(token));
    }

    // Sends close_notify if it can be done at once; nobody waits for the other's.
    void say_goodbye() {
        ERR_clear_error();
        if (!failed_ && SSL_is_init_finished(ssl_.get())) SSL_shutdown(ssl_.get());
    }

private:
    static constexpr std::size_t kRecord = 16 * 1024;
    static constexpr int kNothingAsked = INT_MIN;  // empty buffers: done at once
    static int clamp(std::size_t size) { return static_cast<int>(std::min(size, kRecord)); }

    template <typename Buffer, typename Buffers>
    static Buffer first_of(const Buffers& buffers) {
        for (auto at = asio::buffer_sequence_begin(buffers); at != asio::buffer_sequence_end(buffers); ++at)
            if (const Buffer buffer(*at); buffer.size() > 0) return buffer;
        return {};
    }

    // The bytes of a write: in place when they lie together, otherwise a copy of at most one record.
    class Gathered {
    public:
        template <typename Buffers>
        explicit Gathered(const Buffers& buffers) {
            const std::size_t all = asio::buffer_size(buffers);
            place_ = first_of<asio::const_buffer>(buffers);
            if (place_.size() == all) return;
            copy_.resize(std::min(all, kRecord));
            asio::buffer_copy(asio::buffer(copy_), buffers);
        }
        const void* data() const { return copy_.empty() ? place_.data() : copy_.data(); }
        std::size_t size() const { return copy_.empty() ? place_.size() : copy_.size(); }

    private:
        asio::const_buffer place_;
        std::string copy_;
    };

    // Calls `step` (as SSL_read returns) until it succeeds, waiting for the socket as OpenSSL asks.
    template <typename Step>
    struct Operation {
        TlsStream& stream;
        Step step;
        bool first = true, done = false;
        error_code result{};
        std::size_t size = 0;

        template <typename Self>
        void operator()(Self& self, error_code ec = {}) {
            if (!done && ec) finish(ec, 0);
            if (!done)
                attempt(self);
            else if (first)
                first = false, asio::post(stream.get_executor(), std::move(self));
            else
                self.complete(result, size);
        }
        template <typename Self>
        void attempt(Self& self) {
            ERR_clear_error();
            errno = 0;
            const int got = step(stream.ssl_.get());
            if (got == kNothingAsked) return finish({}, 0), (*this)(self);
            const int error = got > 0 ? SSL_ERROR_NONE : SSL_get_error(stream.ssl_.get(), got);
            if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) {
                first = false;
                stream.socket_.async_wait(error == SSL_ERROR_WANT_READ ? TcpSocket::wait_read : TcpSocket::wait_write, std::move(self));
                return;
            }
            finish(stream.meaning(error, got), got > 0 ? static_cast<std::size_t>(got) : 0);
            (*this)(self);  // completes, or posts itself: a handler never runs inside its initiation
        }
        void finish(error_code ec, std::size_t count) {
            done = true;
            result = ec;
            size = count;
        }
    };

    error_code meaning(int error, int got) {
        if (error == SSL_ERROR_NONE) return {};
        if (error == SSL_ERROR_ZERO_RETURN) return asio::error::eof;
        failed_ = true;
        ERR_clear_error();
        if (error == SSL_ERROR_SYSCALL && (got == 0 || errno == 0)) return asio::error::eof;
        if (error == SSL_ERROR_SYSCALL) return {errno, boost::system::system_category()};
        return boost::system::errc::make_error_code(boost::system::errc::protocol_error);
    }

    template <typename Step, typename Token>
    auto run(Step step, Token&& token) {
        return asio::async_compose<Token, void(error_code, std::size_t)>(Operation<Step>{*this, std::move(step)}, token, socket_);
    }

    struct Free {
        void operator()(SSL* ssl) const { SSL_free(ssl); }
    };
    TcpSocket socket_;
    std::unique_ptr<SSL, Free> ssl_;
    bool failed_ = false;
};

// What Beast's WebSocket calls at the end of a connection.
template <typename Handler>
void async_teardown(boost::beast::role_type role, TlsStream& stream, Handler&& handler) {
    stream.say_goodbye();
    boost::beast::websocket::async_teardown(role, stream.next_layer(), std::forward<Handler>(handler));
}

}  // namespace earshot::io
