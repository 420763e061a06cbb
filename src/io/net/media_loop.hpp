// Drives a MediaMachine on a thread of its own: epoll over the UDP socket, the TCP connections that carry the same
// datagrams (RFC 6544), the mailbox's bell and the machine's deadline.
#pragma once
#include <atomic>
#include <memory>
#include <optional>

#include "base/counters.hpp"
#include "base/log.hpp"
#include "io/net/admission.hpp"
#include "io/net/event_waker.hpp"
#include "io/net/socket.hpp"
#include "port/media.hpp"

namespace earshot::io {

class MediaLoop {
public:
    struct Settings {
        Admission::Limits tcp_connections{.total = 4096, .per_address = 64, .per_loopback = 4096};
        std::size_t arena_slots = 1024;                      // when full, it is sent in the middle of the turn
        std::size_t tcp_queue_bytes = 64 * 1024;             // of one slow reader; what does not fit is dropped: late voice is no use
        Duration tcp_silence = std::chrono::seconds(10);     // a TCP connection must say something within
    };
    // `waker` rings for the machine's mailbox. `counters` belong to this loop's thread.
    MediaLoop(Bound udp, std::optional<Bound> tcp, EventWaker& waker, Counters& counters, const Settings& settings);
    MediaLoop(Bound udp, std::optional<Bound> tcp, EventWaker& waker, Counters& counters);
    ~MediaLoop();

    // Until stop(); on the calling thread.
    void run(port::MediaMachine& machine);
    // From any thread. A connection accepted elsewhere whose first bytes are STUN's; dropped when too many wait.
    void adopt(Descriptor socket, const SocketAddress& remote);
    void stop();

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace earshot::io
