// The TCP connections of the media port: non-blocking, each with a bounded queue. Knows nothing of what they carry
// but the two bytes of length before each datagram (RFC 4571 section 2).
#pragma once
#include <deque>
#include <optional>
#include <unordered_map>
#include <vector>

#include "base/time.hpp"
#include "io/net/admission.hpp"
#include "io/net/socket.hpp"
#include "port/media.hpp"

namespace earshot::io {

class TcpMedia {
public:
    TcpMedia(int epoll, std::uint64_t first_tag, Admission::Limits limits, std::size_t queue_bytes, Duration silence)
        : epoll_(epoll), first_tag_(first_tag), admission_(limits), queue_bytes_(queue_bytes), silence_(silence) {}

    // epoll's tag of connection n is first_tag + n. Refused ones are closed.
    void add(Time now, Descriptor socket, const SocketAddress& remote);
    const port::Path* path(std::uint32_t number) const;
    // Bytes read, empty when there are none now; nothing when the connection is gone.
    std::optional<Bytes> read(std::uint32_t number, MutableBytes into);
    // False when the frame was dropped.
    bool send(std::uint32_t number, Bytes datagram);
    // The kernel has room again. False: the connection is gone.
    bool drain(std::uint32_t number);
    void close(std::uint32_t number);

    // Connections that have said nothing for too long, and when the next one will be.
    std::vector<std::uint32_t> silent(Time now);
    Time next_silent() const { return watched_.empty() ? kNever : watched_.front().until; }
    std::size_t size() const { return connections_.size(); }

private:
    struct Connection {
        Descriptor socket;
        port::Path path;
        std::vector<std::uint8_t> queue;
        bool spoke = false;
    };
    struct Watched {
        Time until;
        std::uint32_t number;
    };
    Connection* find(std::uint32_t number);
    bool keep_rest(std::uint32_t number, Connection& connection, const std::uint8_t (&length)[2], Bytes datagram, std::size_t sent);
    void want_room(std::uint32_t number, const Connection& connection, bool on);

    int epoll_;
    std::uint64_t first_tag_;
    Admission admission_;
    std::size_t queue_bytes_;
    Duration silence_;
    std::unordered_map<std::uint32_t, Connection> connections_;
    std::deque<Watched> watched_;
    std::uint32_t last_number_ = 0;
};

}  // namespace earshot::io
