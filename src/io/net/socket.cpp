#include "io/net/socket.hpp"

#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace earshot::io {
namespace {

constexpr int kBacklog = 1024;
constexpr int kUdpBuffer = 4 << 20;  // 0.1 s of 1000 listeners' voice; the kernel gives what net.core.*mem_max allows

void set_option(int fd, int level, int option, int value) { ::setsockopt(fd, level, option, &value, sizeof value); }

std::string why(int error, const SocketAddress& address, std::string_view flag) {
    switch (error) {
        case EADDRINUSE: return fmt::format("{} is in use by another program: stop it, or choose another port with {}", address.text(), flag);
        case EACCES: return fmt::format("{} needs more rights than this user has: choose a port above 1023 with {}", address.text(), flag);
        case EADDRNOTAVAIL: return fmt::format("{} is not an address of this machine: choose another with {}", address.text(), flag);
        default: return fmt::format("{} cannot be opened ({}): choose another address with {}", address.text(), std::strerror(error), flag);
    }
}

std::expected<Bound, std::string> bind_socket(const SocketAddress& address, int type, std::string_view flag) {
    const bool v6 = !address.ip.is_v4();
    Bound bound{Descriptor(::socket(v6 ? AF_INET6 : AF_INET, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)), address};
    if (!bound.socket) return std::unexpected(why(errno, address, flag));
    if (v6) set_option(bound.socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, 0);
    // Not for UDP: there it would let two daemons share one port and lose datagrams to each other.
    if (type == SOCK_STREAM) set_option(bound.socket.get(), SOL_SOCKET, SO_REUSEADDR, 1);
    auto raw = raw_address(address, v6);
    if (::bind(bound.socket.get(), raw.get(), raw.size) != 0) return std::unexpected(why(errno, address, flag));
    bound.address = local_address(bound.socket.get());
    return bound;
}

}  // namespace

void Descriptor::reset(int fd) {
    if (fd_ >= 0) ::close(fd_);
    fd_ = fd;
}

RawAddress raw_address(const SocketAddress& address, bool v6_socket) {
    RawAddress raw;
    if (v6_socket) {
        auto& in6 = reinterpret_cast<sockaddr_in6&>(raw.storage);
        in6.sin6_family = AF_INET6;
        in6.sin6_port = htons(address.port);
        std::memcpy(&in6.sin6_addr, address.ip.bytes.data(), 16);
        raw.size = sizeof(sockaddr_in6);
    } else {
        auto& in4 = reinterpret_cast<sockaddr_in&>(raw.storage);
        in4.sin_family = AF_INET;
        in4.sin_port = htons(address.port);
        std::memcpy(&in4.sin_addr, address.ip.bytes.data() + 12, 4);
        raw.size = sizeof(sockaddr_in);
    }
    return raw;
}

SocketAddress from_raw(const sockaddr_storage& raw) {
    SocketAddress address;
    if (raw.ss_family == AF_INET6) {
        const auto& in6 = reinterpret_cast<const sockaddr_in6&>(raw);
        std::memcpy(address.ip.bytes.data(), &in6.sin6_addr, 16);
        address.port = ntohs(in6.sin6_port);
    } else if (raw.ss_family == AF_INET) {
        const auto& in4 = reinterpret_cast<const sockaddr_in&>(raw);
        address.ip = IpAddress::v4(0, 0, 0, 0);
        std::memcpy(address.ip.bytes.data() + 12, &in4.sin_addr, 4);
        address.port = ntohs(in4.sin_port);
    }
    return address;
}

SocketAddress local_address(int fd) {
    RawAddress raw;
    ::getsockname(fd, raw.get(), &raw.size);
    return from_raw(raw.storage);
}

std::expected<Bound, std::string> listen_tcp(const SocketAddress& address, std::string_view flag) {
    auto bound = bind_socket(address, SOCK_STREAM, flag);
    if (!bound) return bound;
    if (::listen(bound->socket.get(), kBacklog) != 0) return std::unexpected(why(errno, address, flag));
    return bound;
}

std::expected<Bound, std::string> bind_udp(const SocketAddress& address, std::string_view flag) {
    auto bound = bind_socket(address, SOCK_DGRAM, flag);
    if (!bound) return bound;
    const int fd = bound->socket.get();
    set_option(fd, SOL_SOCKET, SO_RCVBUF, kUdpBuffer);
    set_option(fd, SOL_SOCKET, SO_SNDBUF, kUdpBuffer);
    if (!address.ip.is_any()) return bound;
    if (address.ip.is_v4())
        set_option(fd, IPPROTO_IP, IP_PKTINFO, 1);
    else
        set_option(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
    return bound;
}

void set_buffers(int fd, int bytes) {
    ::setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
    ::setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
}

}  // namespace earshot::io
