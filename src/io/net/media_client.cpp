#include "io/net/media_client.hpp"

#include <netinet/ip.h>

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/udp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/write.hpp>
#include <utility>

#include "io/net/socket.hpp"

namespace earshot::io {
namespace {

using asio::ip::tcp;
using UdpSocket = asio::basic_datagram_socket<asio::ip::udp, Executor>;
constexpr std::size_t kLengthSize = 2;
constexpr int kExpeditedForwarding = 0xb8;  // RFC 8837: DSCP EF for audio

tcp::endpoint endpoint_of(const SocketAddress& address) {
    const asio::ip::address_v6 v6{address.ip.bytes};
    if (address.ip.is_v4()) return {asio::ip::make_address_v4(asio::ip::v4_mapped, v6), address.port};
    return {v6, address.port};
}

}  // namespace

// --- UDP

class MediaClient::Udp : public std::enable_shared_from_this<Udp> {
public:
    Udp(Executor executor, std::shared_ptr<Events> events, bool v4) : socket_(executor), events_(std::move(events)), v4_(v4) {}

    bool open() {
        error_code ec;
        socket_.open(v4_ ? asio::ip::udp::v4() : asio::ip::udp::v6(), ec);
        if (!ec && !v4_) socket_.set_option(asio::ip::v6_only(true), ec);
        if (!ec) socket_.non_blocking(true, ec);
        if (ec) return false;
        const int mark = kExpeditedForwarding;  // a network that ignores it does no harm, and neither does a failure
        if (v4_)
            ::setsockopt(socket_.native_handle(), IPPROTO_IP, IP_TOS, &mark, sizeof mark);
        else
            ::setsockopt(socket_.native_handle(), IPPROTO_IPV6, IPV6_TCLASS, &mark, sizeof mark);
        wait();
        return true;
    }
    void send(const SocketAddress& to, Bytes datagram) {
        auto raw = raw_address(to, !v4_);
        ::sendto(socket_.native_handle(), datagram.data(), datagram.size(), MSG_DONTWAIT, raw.get(), raw.size);
    }
    void close() {
        error_code ignored;
        socket_.close(ignored);
        events_.reset();
    }

private:
    void wait() {
        socket_.async_wait(UdpSocket::wait_read, [self = shared_from_this()](error_code ec) {
            if (!ec && self->events_) self->read(), self->wait();
        });
    }
    void read() {
        for (int i = 0; i < kBatch && events_; ++i) {
            RawAddress from;
            const auto size = ::recvfrom(socket_.native_handle(), buffer_.data(), buffer_.size(), MSG_DONTWAIT, from.get(), &from.size);
            if (size < 0) return;  // nothing more, or an ICMP message about an earlier one
            const auto remote = from_raw(from.storage);
            const auto events = events_;
            events->datagram({.transport = port::Transport::kUdp, .remote = remote}, MutableBytes(buffer_).first(static_cast<std::size_t>(size)));
        }
    }

    UdpSocket socket_;
    std::shared_ptr<Events> events_;
    bool v4_;
    std::array<std::uint8_t, kLargestDatagram> buffer_;
};

// --- TCP

class MediaClient::Tcp : public std::enable_shared_from_this<Tcp> {
public:
    Tcp(Executor executor, std::shared_ptr<Events> events, port::Path path) : socket_(executor), clock_(executor), events_(std::move(events)), path_(path) {}

    void open() {
        clock_.expires_after(kConnectWithin);
        clock_.async_wait([self = shared_from_this()](error_code ec) {
            if (!ec) self->gone();
        });
        socket_.async_connect(endpoint_of(path_.remote), [self = shared_from_this()](error_code ec) {
            if (!self->events_) return;
            if (ec) return self->gone();
            self->clock_.cancel();
            self->open_ = true;
            error_code ignored;
            self->socket_.set_option(tcp::no_delay(true), ignored);
            self->read();
            const auto events = self->events_;
            events->tcp_opened(self->path_);
        });
    }
    // One more frame into what waits; sent at once when nothing does.
    void send(Bytes datagram) {
        if (!open_ || datagram.size() > 0xffff || waiting_.size() + datagram.size() + kLengthSize > kMostQueued) return;
        const auto at = waiting_.size();
        waiting_.resize(at + kLengthSize + datagram.size());
        store_u16(waiting_.data() + at, static_cast<std::uint16_t>(datagram.size()));
        std::ranges::copy(datagram, waiting_.begin() + static_cast<std::ptrdiff_t>(at + kLengthSize));
        if (going_.empty()) write();
    }
    void close() {
        error_code ignored;
        socket_.close(ignored);
        clock_.cancel();
        events_.reset();
        open_ = false;
    }
    std::uint32_t number() const { return path_.tcp; }
    bool over() const { return !events_; }

private:
    void write() {
        std::swap(going_, waiting_);
        asio::async_write(socket_, asio::buffer(going_), [self = shared_from_this()](error_code ec, std::size_t) {
            if (!self->events_) return;
            if (ec) return self->gone();
            self->going_.clear();
            if (!self->waiting_.empty()) self->write();
        });
    }
    void read() {
        socket_.async_read_some(asio::buffer(buffer_.data() + held_, buffer_.size() - held_), [self = shared_from_this()](error_code ec, std::size_t size) {
            if (!self->events_) return;
            if (ec || !self->split(size)) return self->gone();
            if (self->events_) self->read();
        });
    }
    // Gives every whole frame and keeps the rest. False: a frame that is too large for any datagram of ours.
    bool split(std::size_t size) {
        held_ += size;
        std::size_t at = 0;
        while (held_ - at >= kLengthSize && events_) {
            const std::size_t length = load_u16(buffer_.data() + at);
            if (length > kLargestDatagram) return false;
            if (held_ - at < kLengthSize + length) break;
            const auto events = events_;
            if (length > 0) events->datagram(path_, MutableBytes(buffer_).subspan(at + kLengthSize, length));
            at += kLengthSize + length;
        }
        std::copy(buffer_.begin() + static_cast<std::ptrdiff_t>(at), buffer_.begin() + static_cast<std::ptrdiff_t>(held_), buffer_.begin());
        held_ -= at;
        return true;
    }
    void gone() {
        const auto events = events_;
        close();
        if (events) events->tcp_gone(path_.tcp);
    }

    TcpSocket socket_;
    Timer clock_;
    std::shared_ptr<Events> events_;
    port::Path path_;
    bool open_ = false;
    std::vector<std::uint8_t> waiting_, going_;
    std::array<std::uint8_t, 4 * (kLargestDatagram + kLengthSize)> buffer_;
    std::size_t held_ = 0;
};

// --- both

MediaClient::MediaClient(asio::io_context& context, Events events) : context_(context), events_(std::make_shared<Events>(std::move(events))) {}

MediaClient::~MediaClient() { close(); }

std::optional<port::Path> MediaClient::udp(const SocketAddress& to) {
    const bool v4 = to.ip.is_v4();
    auto& socket = udp_[v4 ? 0 : 1];
    if (!socket) {
        auto made = std::make_shared<Udp>(context_.get_executor(), events_, v4);
        if (!made->open()) return std::nullopt;
        socket = std::move(made);
    }
    return port::Path{.transport = port::Transport::kUdp, .remote = to};
}

bool MediaClient::open_tcp(const SocketAddress& to) {
    std::erase_if(tcp_, [](const auto& each) { return each->over(); });
    if (tcp_.size() == kMostTcp) return false;
    const port::Path path{.transport = port::Transport::kTcp, .remote = to, .tcp = ++last_number_};
    tcp_.push_back(std::make_shared<Tcp>(context_.get_executor(), events_, path));
    tcp_.back()->open();
    return true;
}

void MediaClient::send(port::SendArena& arena) {
    for (const auto& item : arena.items()) {
        const auto bytes = arena.bytes(item);
        if (item.path.transport == port::Transport::kUdp) {
            if (const auto& socket = udp_[item.path.remote.ip.is_v4() ? 0 : 1]) socket->send(item.path.remote, bytes);
        } else if (const auto at = std::ranges::find(tcp_, item.path.tcp, &Tcp::number); at != tcp_.end()) {
            (*at)->send(bytes);
        }
    }
    arena.clear();
}

void MediaClient::close() {
    for (auto& socket : udp_)
        if (auto each = std::exchange(socket, nullptr)) each->close();
    for (auto& each : tcp_) each->close();
    tcp_.clear();
}

}  // namespace earshot::io
