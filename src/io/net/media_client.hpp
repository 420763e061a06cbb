// The client's ways to a server's media port: one UDP socket a family, and ICE-TCP connections (RFC 4571 frames). It carries
// datagrams and knows nothing of them. Single-threaded: everything happens on the io_context's thread.
#pragma once
#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "io/net/asio.hpp"
#include "port/media.hpp"

namespace earshot::io {

class MediaClient {
public:
    static constexpr Duration kConnectWithin = 5s;
    static constexpr std::size_t kMostTcp = 4;
    static constexpr std::size_t kMostQueued = 64 * 1024;  // bytes of one TCP connection; beyond it datagrams are dropped
    static constexpr std::size_t kLargestDatagram = 2048;
    static constexpr int kBatch = 32;  // datagrams in one turn of the loop

    struct Events {
        std::function<void(const port::Path&, MutableBytes)> datagram;
        std::function<void(const port::Path&)> tcp_opened;
        std::function<void(std::uint32_t)> tcp_gone;  // or could not be opened
    };

    MediaClient(asio::io_context& context, Events events);
    ~MediaClient();

    // A path to `to` from a socket of its family; nothing when this machine has no such family.
    std::optional<port::Path> udp(const SocketAddress& to);
    // Connects; answered by tcp_opened or tcp_gone. False when there are too many.
    bool open_tcp(const SocketAddress& to);
    void send(port::SendArena& arena);
    // Closes every socket.
    void close();

private:
    class Udp;
    class Tcp;
    asio::io_context& context_;
    std::shared_ptr<Events> events_;
    std::array<std::shared_ptr<Udp>, 2> udp_;  // IPv4, IPv6
    std::vector<std::shared_ptr<Tcp>> tcp_;
    std::uint32_t last_number_ = 0;
};

}  // namespace earshot::io
