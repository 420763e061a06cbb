// Between the loop and its connections: what each may ask of the other. Nobody calls back from inside a call:
// send(), finish() and drop() only start things.
#pragma once
#include <functional>
#include <memory>
#include <optional>

#include "base/counters.hpp"
#include "io/net/asio.hpp"
#include "io/net/admission.hpp"
#include "io/net/site.hpp"
#include "io/net/socket.hpp"
#include "io/net/tls_context.hpp"
#include "port/control.hpp"

namespace earshot::io {

// A connection that leads to a front.
class Connection {
public:
    virtual ~Connection() = default;
    virtual void send(SharedText bytes) = 0;
    // Flushes what waits, says goodbye in its protocol, then ends; drop() follows when that takes too long.
    virtual void finish(std::uint16_t code, std::string reason) = 0;
    virtual void drop() = 0;
    // Reads nothing until told otherwise, so that TCP slows the sender. Of bare streams only.
    virtual void pause_reading(bool) {}
};

// A place in the house, given back when the last holder lets go.
using Place = std::shared_ptr<void>;

struct Patience {
    Duration head = std::chrono::seconds(10);        // TLS and the first HTTP head together
    Duration keep_alive = std::chrono::seconds(30);  // until the next head of the same connection
    Duration flush = std::chrono::seconds(3);        // after Close
    Duration farewell = std::chrono::milliseconds(500);  // once all is sent, for the peer to close his side
    Duration web_silence = std::chrono::seconds(60); // of a WebSocket; half of it later we ping
};

class Host {
public:
    virtual ~Host() = default;
    virtual ConnectionId opened(std::shared_ptr<Connection> connection, const port::Opened& opened) = 0;
    virtual void received(ConnectionId id, Bytes bytes) = 0;
    virtual void wrote(ConnectionId id, std::size_t size) = 0;
    virtual void closed(ConnectionId id) = 0;

    virtual const Site& site() const = 0;
    virtual const Patience& patience() const = 0;
    virtual Counters& counters() = 0;
};

struct Arrival {
    SocketAddress remote, local;
    Place place;
};

// `pair`: which of several listeners of that door.
void serve_stream(Host& host, TcpSocket socket, Arrival arrival, port::Door door, std::uint8_t pair);
void serve_http(Host& host, TcpSocket socket, Arrival arrival, bool metrics);
void serve_https(Host& host, TcpSocket socket, Arrival arrival, const TlsContext& tls);
// Looks at the first byte without taking it: a connection that begins like a STUN message in an RFC 4571 frame goes
// to `media`, everything else to TLS.
void serve_https_or_media(Host& host, TcpSocket socket, Arrival arrival, const TlsContext& tls, const std::function<void(Descriptor, const SocketAddress&)>& media);

}  // namespace earshot::io
