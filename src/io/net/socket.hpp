// Sockets as values: a descriptor that closes itself, and the few ways we open one.
#pragma once
#include <netinet/in.h>
#include <sys/socket.h>

#include <expected>
#include <string>
#include <utility>

#include "base/address.hpp"

namespace earshot::io {

class Descriptor {
public:
    Descriptor() = default;
    explicit Descriptor(int fd) : fd_(fd) {}
    Descriptor(Descriptor&& other) noexcept : fd_(other.release()) {}
    Descriptor& operator=(Descriptor&& other) noexcept {
        if (this != &other) reset(other.release());
        return *this;
    }
    ~Descriptor() { reset(); }

    int get() const { return fd_; }
    explicit operator bool() const { return fd_ >= 0; }
    int release() { return std::exchange(fd_, -1); }
    void reset(int fd = -1);

private:
    int fd_ = -1;
};

// A sockaddr of either family.
struct RawAddress {
    sockaddr_storage storage{};
    socklen_t size = sizeof(sockaddr_storage);
    sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
};
// `v6_socket`: the socket is AF_INET6, so IPv4 goes out as ::ffff:a.b.c.d.
RawAddress raw_address(const SocketAddress& address, bool v6_socket);
SocketAddress from_raw(const sockaddr_storage& raw);
// Of the socket's own end; port 0 became a number by now.
SocketAddress local_address(int fd);

// A bound socket and the address that it got.
struct Bound {
    Descriptor socket;
    SocketAddress address;
};
// Listening, non-blocking. The error is a sentence: what, why, what to do. `flag`: the option that set it ("--web").
std::expected<Bound, std::string> listen_tcp(const SocketAddress& address, std::string_view flag);
// The kernel's buffers, both ways; connections that a listening socket accepts inherit them.
void set_buffers(int fd, int bytes);
// Non-blocking, large buffers; tells at which address each datagram arrived when bound to a wildcard.
std::expected<Bound, std::string> bind_udp(const SocketAddress& address, std::string_view flag);

}  // namespace earshot::io
