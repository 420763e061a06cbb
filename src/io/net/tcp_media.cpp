#include "io/net/tcp_media.hpp"

#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <cerrno>

namespace earshot::io {

void TcpMedia::add(Time now, Descriptor socket, const SocketAddress& remote) {
    if (!admission_.admit(remote.ip)) return;
    const int fd = socket.get();
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    const auto number = ++last_number_;
    const port::Path path{port::Transport::kTcp, remote, local_address(fd).ip, number};
    epoll_event event{.events = EPOLLIN, .data = {.u64 = first_tag_ + number}};
    if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event) != 0) {
        admission_.leave(remote.ip);
        return;
    }
    connections_.emplace(number, Connection{std::move(socket), path, {}, false});
    watched_.push_back({now + silence_, number});
}

TcpMedia::Connection* TcpMedia::find(std::uint32_t number) {
    const auto it = connections_.find(number);
    return it == connections_.end() ? nullptr : &it->second;
}

const port::Path* TcpMedia::path(std::uint32_t number) const {
    const auto it = connections_.find(number);
    return it == connections_.end() ? nullptr : &it->second.path;
}

std::optional<Bytes> TcpMedia::read(std::uint32_t number, MutableBytes into) {
    auto* connection = find(number);
    if (!connection) return std::nullopt;
    const auto got = ::recv(connection->socket.get(), into.data(), into.size(), MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return Bytes{};
    if (got <= 0) return std::nullopt;
    connection->spoke = true;
    return Bytes{into.data(), static_cast<std::size_t>(got)};
}

void TcpMedia::want_room(std::uint32_t number, const Connection& connection, bool on) {
    epoll_event event{.events = EPOLLIN | (on ? std::uint32_t{EPOLLOUT} : 0u), .data = {.u64 = first_tag_ + number}};
    ::epoll_ctl(epoll_, EPOLL_CTL_MOD, connection.socket.get(), &event);
}

// A frame that was begun must be finished, or the stream would lose its framing for good.
bool TcpMedia::keep_rest(std::uint32_t number, Connection& connection, const std::uint8_t (&length)[2], Bytes datagram, std::size_t sent) {
    auto& queue = connection.queue;
    const bool was_empty = queue.empty();
    if (was_empty) queue.reserve(queue_bytes_ + 2 + datagram.size());
    for (; sent < 2; ++sent) queue.push_back(length[sent]);
    queue.insert(queue.end(), datagram.begin() + static_cast<std::ptrdiff_t>(sent - 2), datagram.end());
    if (was_empty) want_room(number, connection, true);
    return true;
}

bool TcpMedia::send(std::uint32_t number, Bytes datagram) {
    auto* connection = find(number);
    if (!connection || datagram.size() > UINT16_MAX) return false;
    std::uint8_t length[2];
    store_u16(length, static_cast<std::uint16_t>(datagram.size()));
    if (!connection->queue.empty()) {
        if (connection->queue.size() + 2 + datagram.size() > queue_bytes_) return false;
        return keep_rest(number, *connection, length, datagram, 0);
    }
    iovec pieces[2]{{length, 2}, {const_cast<std::uint8_t*>(datagram.data()), datagram.size()}};
    msghdr header{};
    header.msg_iov = pieces;
    header.msg_iovlen = 2;
    const auto sent = ::sendmsg(connection->socket.get(), &header, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN && errno != EINTR) return false;  // broken: epoll reports it, read() closes it
    const auto done = sent < 0 ? 0 : static_cast<std::size_t>(sent);
    return done == datagram.size() + 2 || keep_rest(number, *connection, length, datagram, done);
}

bool TcpMedia::drain(std::uint32_t number) {
    auto* connection = find(number);
    if (!connection) return false;
    auto& queue = connection->queue;
    const auto sent = ::send(connection->socket.get(), queue.data(), queue.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0) return errno == EAGAIN || errno == EINTR;
    queue.erase(queue.begin(), queue.begin() + sent);
    if (queue.empty()) {
        queue.shrink_to_fit();
        want_room(number, *connection, false);
    }
    return true;
}

void TcpMedia::close(std::uint32_t number) {
    const auto it = connections_.find(number);
    if (it == connections_.end()) return;
    admission_.leave(it->second.path.remote.ip);
    connections_.erase(it);  // closing the descriptor takes it out of epoll
}

std::vector<std::uint32_t> TcpMedia::silent(Time now) {
    std::vector<std::uint32_t> found;
    for (; !watched_.empty() && watched_.front().until <= now; watched_.pop_front()) {
        const auto* connection = find(watched_.front().number);
        if (connection && !connection->spoke) found.push_back(watched_.front().number);
    }
    return found;
}

}  // namespace earshot::io
