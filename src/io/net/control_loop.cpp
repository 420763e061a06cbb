#include "io/net/control_loop.hpp"

#include <csignal>
#include <list>
#include <unordered_map>

#include "base/check.hpp"
#include "base/overloaded.hpp"
#include "io/net/clock.hpp"
#include "io/net/connection.hpp"
#include "io/net/reserve_descriptor.hpp"
#include "io/net/store_worker.hpp"

namespace earshot::io {
namespace {

constexpr std::size_t kAcceptsATurn = 32;  // then those inside get their turn

IpAddress address_of(const asio::ip::address& from) {
    IpAddress ip;
    if (from.is_v6()) {
        const auto bytes = from.to_v6().to_bytes();
        std::copy(bytes.begin(), bytes.end(), ip.bytes.begin());
        return ip;
    }
    const auto b = from.to_v4().to_bytes();
    return IpAddress::v4(b[0], b[1], b[2], b[3]);
}

SocketAddress address_of(const asio::ip::tcp::endpoint& from) { return {address_of(from.address()), from.port()}; }

}  // namespace

struct ControlLoop::Impl final : Host {
    Impl(EventWaker& mail_bell, Counters& counts, Log& lines, Settings wanted)
        : settings(std::move(wanted)),
          site_(settings.site),
          admission(std::make_shared<Admission>(settings.connections)),
          mail(mail_bell),
          counters_(counts),
          log(lines),
          mail_watch(context, mail.descriptor()),
          store_watch(context, store_bell.descriptor()),
          stop_watch(context, stop_bell.descriptor()),
          timer(context),
          end_timer(context) {
        patience_.head = settings.head_patience;
        patience_.keep_alive = settings.keep_alive;
        patience_.flush = settings.flush_patience;
    }
    ~Impl() override {
        connections.clear();
        for (auto* watch : {&mail_watch, &store_watch, &stop_watch}) watch->release();  // the wakers close their own
    }

    // Host
    ConnectionId opened(std::shared_ptr<Connection> connection, const port::Opened& opened) override;
    void received(ConnectionId id, Bytes bytes) override;
    void wrote(ConnectionId id, std::size_t size) override;
    void closed(ConnectionId id) override;
    const Site& site() const override { return site_; }
    const Patience& patience() const override { return patience_; }
    Counters& counters() override { return counters_; }

    struct Listener {
        ListenerKind kind;
        port::Door door;
        std::uint8_t pair;
        Acceptor acceptor;
        Timer again;
        bool must_pause = false;
    };
    void pause(Listener& listener);
    void accept(Listener& listener);
    bool accept_one(Listener& listener);
    void admit(Listener& listener, TcpSocket socket);
    void serve(const Listener& listener, TcpSocket socket, Arrival arrival);
    Place place(const IpAddress& who);

    template <typename Turn>
    void turn(Turn turn);
    void carry_out(std::vector<port::ControlOutput> items);
    void arm();
    void watch(asio::posix::stream_descriptor& bell, EventWaker& waker, void (Impl::*rung)());
    void on_mail();
    void on_replies();
    void on_stop();
    void end_if_done();

    Settings settings;
    Site site_;
    Patience patience_;
    std::shared_ptr<Admission> admission;
    EventWaker& mail;
    EventWaker store_bell, stop_bell;
    Counters& counters_;
    Log& log;
    std::optional<TlsContext> tls;

    asio::io_context context{1};
    asio::posix::stream_descriptor mail_watch, store_watch, stop_watch;
    Timer timer, end_timer;
    Time armed_at = kNever;
    std::list<Listener> listeners;
    ReserveDescriptor reserve;
    std::unordered_map<ConnectionId, std::shared_ptr<Connection>> connections;
    std::uint64_t last_connection = 0;

    port::ControlMachine* machine = nullptr;
    std::unique_ptr<StoreWorker> worker;
    bool ending = false;
};

// --- turns

template <typename Turn>
void ControlLoop::Impl::turn(Turn turn) {
    port::ControlOutbox out;
    turn(*machine, now(), out);
    carry_out(out.take());
    arm();
}

void ControlLoop::Impl::carry_out(std::vector<port::ControlOutput> items) {
    const auto find = [this](ConnectionId id) {
        const auto it = connections.find(id);
        return it == connections.end() ? std::shared_ptr<Connection>{} : it->second;
    };
    for (auto& item : items)
        std::visit(overloaded{[&](port::Send& send) {
                                  if (const auto connection = find(send.to)) connection->send(std::move(send.bytes));
                              },
                              [&](port::Close& close) {
                                  if (const auto connection = find(close.which)) connection->finish(close.code, std::move(close.reason));
                              },
                              [&](const port::PauseReading& pause) {
                                  if (const auto connection = find(pause.which)) connection->pause_reading(pause.paused);
                              },
                              [&](port::StoreRequest& request) { worker->ask(std::move(request)); }},
                   item);
}

// An alarm that is armed too early is let ring: cheaper than moving it at every turn.
void ControlLoop::Impl::arm() {
    const auto at = machine->deadline().at;
    if (at >= armed_at) return;
    armed_at = at;
    timer.expires_at(on_clock(at));
    timer.async_wait([this](error_code ec) {
        if (ec) return;
        armed_at = kNever;
        if (machine->deadline().at <= read_clock()) return turn([](auto& m, Now now, auto& out) { m.tick(now, out); });
        arm();
    });
}

// --- connections

ConnectionId ControlLoop::Impl::opened(std::shared_ptr<Connection> connection, const port::Opened& opened) {
    const ConnectionId id{++last_connection};
    connections.emplace(id, std::move(connection));
    turn([&](auto& m, Now now, auto& out) { m.opened(now, id, opened, out); });
    return id;
}
void ControlLoop::Impl::received(ConnectionId id, Bytes bytes) {
    turn([&](auto& m, Now now, auto& out) { m.received(now, id, bytes, out); });
}
void ControlLoop::Impl::wrote(ConnectionId id, std::size_t size) {
    turn([&](auto& m, Now now, auto& out) { m.wrote(now, id, size, out); });
}
void ControlLoop::Impl::closed(ConnectionId id) {
    if (connections.erase(id) == 0) return;
    turn([&](auto& m, Now now, auto& out) { m.closed(now, id, out); });
    end_if_done();
}

// --- listeners

Place ControlLoop::Impl::place(const IpAddress& who) {
    if (!admission->admit(who)) return {};
    return Place(admission.get(), [admission = admission, who](void*) { admission->leave(who); });
}

// Waits before it accepts: accept() on a queue that is empty fails too when no descriptor is left, and asking again at
// once would keep us busy until one is.
void ControlLoop::Impl::accept(Listener& listener) {
    listener.acceptor.async_wait(Acceptor::wait_read, [this, &listener](error_code ec) {
        if (ec == asio::error::operation_aborted || ending) return;  // the listener is gone
        for (std::size_t i = 0; i < kAcceptsATurn && accept_one(listener); ++i) {}
        listener.must_pause ? pause(listener) : accept(listener);
    });
}

void ControlLoop::Impl::pause(Listener& listener) {
    listener.must_pause = false;
    listener.again.expires_after(ReserveDescriptor::kPause);
    listener.again.async_wait([this, &listener](error_code ec) {
        if (!ec && !ending) accept(listener);
    });
}

// False: nobody waits any more.
bool ControlLoop::Impl::accept_one(Listener& listener) {
    error_code ec;
    auto socket = listener.acceptor.accept(ec);
    if (ec == asio::error::no_descriptors || ec.value() == ENFILE) {
        counters_.add(Counter::http_limited);
        listener.must_pause = !reserve.turn_away_one(listener.acceptor.native_handle());
        return false;
    }
    if (ec == asio::error::would_block || ec == asio::error::try_again) return false;
    if (!ec) admit(listener, std::move(socket));
    return true;  // a caller that gave up meanwhile is no reason to keep the next one waiting
}

void ControlLoop::Impl::admit(Listener& listener, TcpSocket socket) {
    error_code gone;
    const auto remote = socket.remote_endpoint(gone);
    const auto local = socket.local_endpoint(gone);
    if (gone) return;
    Arrival arrival{address_of(remote), address_of(local), {}};
    arrival.place = place(arrival.remote.ip);
    if (!arrival.place) return counters_.add(Counter::http_limited);
    serve(listener, std::move(socket), std::move(arrival));
}

void ControlLoop::Impl::serve(const Listener& listener, TcpSocket socket, Arrival arrival) {
    switch (listener.kind) {
        case ListenerKind::kStream: return serve_stream(*this, std::move(socket), std::move(arrival), listener.door, listener.pair);
        case ListenerKind::kWeb: return serve_http(*this, std::move(socket), std::move(arrival), false);
        case ListenerKind::kMetrics: return serve_http(*this, std::move(socket), std::move(arrival), true);
        case ListenerKind::kWebTls:
            if (settings.media) return serve_https_or_media(*this, std::move(socket), std::move(arrival), *tls, settings.media);
            return serve_https(*this, std::move(socket), std::move(arrival), *tls);
    }
}

// --- bells

void ControlLoop::Impl::watch(asio::posix::stream_descriptor& bell, EventWaker& waker, void (Impl::*rung)()) {
    bell.async_wait(asio::posix::stream_descriptor::wait_read, [this, &bell, &waker, rung](error_code ec) {
        if (ec) return;
        waker.clear();
        (this->*rung)();
        watch(bell, waker, rung);
    });
}

void ControlLoop::Impl::on_mail() {
    turn([](auto& m, Now now, auto& out) { m.drain(now, out); });
}

void ControlLoop::Impl::on_replies() {
    for (auto& reply : worker->take()) turn([&](auto& m, Now now, auto& out) { m.stored(now, std::move(reply), out); });
    end_if_done();
}

void ControlLoop::Impl::on_stop() {
    if (ending) return;
    ending = true;
    listeners.clear();
    turn([](auto& m, Now now, auto& out) { m.shutdown(now, out); });
    for (const auto& [id, connection] : connections) connection->finish(1001, "the server is going away");
    end_timer.expires_after(patience_.flush);
    end_timer.async_wait([this](error_code) { context.stop(); });
    end_if_done();
}

void ControlLoop::Impl::end_if_done() {
    if (ending && connections.empty() && worker->idle()) context.stop();
}

// --- the outside

ControlLoop::ControlLoop(EventWaker& waker, Counters& counters, Log& log, Settings settings) : impl_(std::make_unique<Impl>(waker, counters, log, std::move(settings))) {
    std::signal(SIGPIPE, SIG_IGN);
}
ControlLoop::~ControlLoop() = default;

void ControlLoop::listen(ListenerKind kind, Bound bound, port::Door door, std::uint8_t pair) {
    const auto protocol = bound.address.ip.is_v4() ? asio::ip::tcp::v4() : asio::ip::tcp::v6();
    auto& listener = impl_->listeners.emplace_back(kind, door, pair, Acceptor(impl_->context, protocol, bound.socket.release()), Timer(impl_->context));
    listener.acceptor.non_blocking(true);
}

void ControlLoop::set_tls(TlsContext tls) { impl_->tls = std::move(tls); }

void ControlLoop::run(port::ControlMachine& machine, port::Store& store) {
    auto& own = *impl_;
    own.machine = &machine;
    own.worker = std::make_unique<StoreWorker>(store, own.store_bell);
    own.watch(own.mail_watch, own.mail, &Impl::on_mail);
    own.watch(own.store_watch, own.store_bell, &Impl::on_replies);
    own.watch(own.stop_watch, own.stop_bell, &Impl::on_stop);
    for (auto& listener : own.listeners) {
        ENSURE(listener.kind != ListenerKind::kWebTls || own.tls);
        own.accept(listener);
    }
    own.turn([](auto& m, Now now, auto& out) { m.drain(now, out); });  // its first requests, and what was posted before
    own.context.run();
    own.worker.reset();  // what it was asked, it finishes
}

void ControlLoop::stop() { impl_->stop_bell.wake(); }

}  // namespace earshot::io
