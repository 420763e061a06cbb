// Drives a ControlMachine: TCP listeners and their connections, WebSockets, the store's worker, the mailbox's bell
// and the machine's deadline, all on the thread that calls run().
#pragma once
#include <functional>
#include <memory>
#include <string>

#include "base/counters.hpp"
#include "base/log.hpp"
#include "io/net/admission.hpp"
#include "io/net/event_waker.hpp"
#include "io/net/site.hpp"
#include "io/net/socket.hpp"
#include "io/net/tls_context.hpp"
#include "port/control.hpp"

namespace earshot::io {

enum class ListenerKind { kWeb, kWebTls, kStream, kMetrics };

class ControlLoop {
public:
    struct Settings {
        Site::Settings site;
        Admission::Limits connections;
        Duration head_patience = std::chrono::seconds(10);   // TLS and the first HTTP head together
        Duration keep_alive = std::chrono::seconds(30);
        Duration flush_patience = std::chrono::seconds(3);   // after Close, and at the very end
        // Takes connections of the HTTPS port that carry media (decided by their first byte). Empty: all are TLS.
        std::function<void(Descriptor, const SocketAddress&)> media;
    };
    // `waker` rings for the machine's mailbox. `counters` belong to the thread of run(). Ignores SIGPIPE from here on.
    ControlLoop(EventWaker& waker, Counters& counters, Log& log, Settings settings);
    ~ControlLoop();

    // `door`: where a kStream listener leads; `pair`: which of several of that door.
    void listen(ListenerKind kind, Bound bound, port::Door door = port::Door::kPlain, std::uint8_t pair = 0);
    void set_tls(TlsContext tls);

    // Until stop(): then the machine says goodbye, everyone's queue is flushed and the store finishes, within patience.
    void run(port::ControlMachine& machine, port::Store& store);
    // From any thread and from a signal handler.
    void stop();

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace earshot::io
