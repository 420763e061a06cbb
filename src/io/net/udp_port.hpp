// The media socket: datagrams in by recvmmsg, out by sendmmsg, several of one listener in one segmented send
// (UDP_SEGMENT, udp(7)). Nothing is allocated after construction.
#pragma once
#include <memory>
#include <span>

#include "io/net/socket.hpp"
#include "port/media.hpp"

namespace earshot::io {

class UdpPort {
public:
    static constexpr std::size_t kBatch = 64;
    static constexpr std::size_t kLargestDatagram = 2048;  // a longer one is cut, and then fails its checks

    // `most_items`: items of the largest arena that send() will see.
    UdpPort(Bound bound, std::size_t most_items);
    ~UdpPort();

    int descriptor() const;
    const SocketAddress& address() const;

    // What waits now, at most kBatch; valid until the next call.
    std::span<port::Datagram> receive();
    // Sends the arena's UDP items; each path keeps its order. Returns how many were dropped because the kernel
    // had no room.
    std::size_t send(port::SendArena& arena);

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace earshot::io
