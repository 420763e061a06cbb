// A bare TCP stream that leads to a front.
#include <netinet/in.h>
#include <netinet/tcp.h>

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>
#include <deque>

#include "io/net/connection.hpp"

namespace earshot::io {
namespace {

class PlainConnection final : public Connection, public std::enable_shared_from_this<PlainConnection> {
public:
    PlainConnection(Host& host, TcpSocket socket, Place place) : host_(host), socket_(std::move(socket)), place_(std::move(place)), patience_(socket_.get_executor()) {}

    void begin(const port::Opened& opened) {
        error_code ignored;
        socket_.non_blocking(true, ignored);
        socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
        watch_for_death();
        id_ = host_.opened(shared_from_this(), opened);
        wait_for_bytes();
    }

    void send(SharedText bytes) override {
        if (finishing_ || gone_) return;
        waiting_.push_back(std::move(bytes));
        pump();
    }
    void finish(std::uint16_t, std::string) override {
        if (finishing_ || gone_) return;
        finishing_ = true;
        pause_reading(false);  // the end of his stream is to be seen
        lose_after(host_.patience().flush);
        pump();
    }
    void drop() override {
        error_code ignored;
        socket_.close(ignored);
    }
    void pause_reading(bool paused) override {
        paused_ = paused && !finishing_;
        if (!paused_ && !gone_) wait_for_bytes();
    }

private:
    static constexpr std::size_t kPieces = 64;  // of one system call
    static constexpr std::size_t kMostLingered = 256 * 1024;  // read and forgotten after the goodbye

    // Nobody need say a word here for hours, so the kernel asks for a sign of life: who is gone without one would keep his
    // name for ever. Two minutes of silence, then six questions ten seconds apart.
    void watch_for_death() {
        error_code ignored;
        socket_.set_option(asio::socket_base::keep_alive(true), ignored);
        socket_.set_option(asio::detail::socket_option::integer<IPPROTO_TCP, TCP_KEEPIDLE>(120), ignored);
        socket_.set_option(asio::detail::socket_option::integer<IPPROTO_TCP, TCP_KEEPINTVL>(10), ignored);
        socket_.set_option(asio::detail::socket_option::integer<IPPROTO_TCP, TCP_KEEPCNT>(6), ignored);
    }

    // Waiting holds no buffer: ten thousand idle connections cost their sockets only.
    void wait_for_bytes() {
        if (paused_ || std::exchange(waiting_to_read_, true)) return;
        socket_.async_wait(TcpSocket::wait_read, [self = shared_from_this()](error_code ec) {
            self->waiting_to_read_ = false;
            if (ec) return self->lose();
            if (!self->paused_) self->read();
        });
    }
    void read() {
        std::array<std::uint8_t, 16 * 1024> bytes;
        error_code ec;
        const auto size = socket_.read_some(asio::buffer(bytes), ec);
        if (ec && ec != asio::error::would_block) return lose();
        if (finishing_ && (lingered_ += size) > kMostLingered) return lose();
        if (size > 0 && !finishing_) host_.received(id_, {bytes.data(), size});
        if (!gone_) wait_for_bytes();
    }
    void pump() {
        if (writing_ || gone_) return;
        if (waiting_.empty()) {
            if (finishing_) say_goodbye();
            return;
        }
        std::vector<asio::const_buffer> pieces;
        for (const auto& text : waiting_) {
            if (pieces.size() == kPieces) break;
            pieces.push_back(asio::buffer(*text));
        }
        writing_ = true;
        asio::async_write(socket_, pieces, [self = shared_from_this(), count = pieces.size()](error_code ec, std::size_t size) { self->on_written(ec, count, size); });
    }
    void on_written(error_code ec, std::size_t count, std::size_t size) {
        writing_ = false;
        if (ec) return lose();
        waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(count));
        if (!gone_) host_.wrote(id_, size);
        pump();
    }
    // The reader sees an orderly end; we wait for his, within patience.
    void say_goodbye() {
        error_code ignored;
        socket_.shutdown(TcpSocket::shutdown_send, ignored);
        lose_after(host_.patience().farewell);
    }
    void lose_after(Duration patience) {
        patience_.expires_after(patience);
        patience_.async_wait([self = shared_from_this()](error_code ec) {
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
    TcpSocket socket_;
    Place place_;
    Timer patience_;
    ConnectionId id_;
    std::size_t lingered_ = 0;
    std::deque<SharedText> waiting_;
    bool writing_ = false, finishing_ = false, gone_ = false;
    bool paused_ = false, waiting_to_read_ = false;
};

}  // namespace

void serve_stream(Host& host, TcpSocket socket, Arrival arrival, port::Door door, std::uint8_t pair) {
    const port::Opened opened{door, arrival.remote, arrival.local, false, pair};
    std::make_shared<PlainConnection>(host, std::move(socket), std::move(arrival.place))->begin(opened);
}

}  // namespace earshot::io
