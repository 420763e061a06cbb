// What the control side asks of the network, and the network of it: connections by id, bytes in,
// values out. One thread calls it.
#pragma once
#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/address.hpp"
#include "base/bytes.hpp"
#include "base/deadline.hpp"
#include "base/ids.hpp"
#include "base/shared_text.hpp"
#include "port/doors.hpp"
#include "port/store.hpp"

namespace earshot::port {

// For Door::kWeb every received() is one whole WebSocket text message and every Send becomes one; for the others
// they are bytes of the stream as they come.
struct Opened {
    Door door = Door::kPlain;
    SocketAddress remote{};
    SocketAddress local{};
    bool secure = false;  // came by TLS
    std::uint8_t pair = 0;  // which of several listeners of that door
};

struct Send {
    ConnectionId to;
    SharedText bytes;
};
// What was sent before it is still flushed, for at most a few seconds.
struct Close {
    ConnectionId which;
    std::uint16_t code = 1000;  // RFC 6455 section 7.4, for WebSockets
    std::string reason;         // at most 120 bytes
};
// Nothing more is read of the connection, so that TCP slows its sender, until it is said otherwise. Bytes that were read already may
// still come. Of bare streams only; of others it means nothing.
struct PauseReading {
    ConnectionId which;
    bool paused = false;
};
using ControlOutput = std::variant<Send, Close, PauseReading, StoreRequest>;

// Everything one turn wants done, in order.
class ControlOutbox {
public:
    void send(ConnectionId to, SharedText bytes) { items_.emplace_back(Send{to, std::move(bytes)}); }
    void close(ConnectionId which, std::uint16_t code, std::string reason) { items_.emplace_back(Close{which, code, std::move(reason)}); }
    void pause_reading(ConnectionId which, bool paused) { items_.emplace_back(PauseReading{which, paused}); }
    void ask(StoreRequest request) { items_.emplace_back(std::move(request)); }
    std::vector<ControlOutput> take() { return std::exchange(items_, {}); }
    bool empty() const { return items_.empty(); }

private:
    std::vector<ControlOutput> items_;
};

class ControlMachine {
public:
    virtual ~ControlMachine() = default;
    virtual void opened(Now now, ConnectionId id, const Opened& opened, ControlOutbox& out) = 0;
    virtual void received(Now now, ConnectionId id, Bytes bytes, ControlOutbox& out) = 0;
    // `size` bytes of earlier Sends have left for the kernel: the machine bounds what may wait.
    virtual void wrote(Now now, ConnectionId id, std::size_t size, ControlOutbox& out) = 0;
    virtual void closed(Now now, ConnectionId id, ControlOutbox& out) = 0;
    virtual void stored(Now now, StoreReply reply, ControlOutbox& out) = 0;
    // News from the media side is waiting in the mailbox.
    virtual void drain(Now now, ControlOutbox& out) = 0;
    virtual void tick(Now now, ControlOutbox& out) = 0;
    virtual Deadline deadline() const = 0;
    // Says goodbye to everyone; the caller flushes and ends.
    virtual void shutdown(Now now, ControlOutbox& out) = 0;
};

// How one thread tells another that its mailbox holds something. Thread-safe.
class Waker {
public:
    virtual ~Waker() = default;
    virtual void wake() = 0;
};

}  // namespace earshot::port
