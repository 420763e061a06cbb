#include "io/net/media_loop.hpp"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <mutex>

#include "io/net/clock.hpp"
#include "io/net/reserve_descriptor.hpp"
#include "io/net/tcp_media.hpp"
#include "io/net/udp_port.hpp"

namespace earshot::io {
namespace {

enum Tag : std::uint64_t { kUdp, kListener, kMail, kOwnBell, kFirstConnection };
constexpr std::size_t kMostEvents = 64;
constexpr int kBatchesATurn = 4;           // then the others get their turn, and the deadline
constexpr std::size_t kMostAdopted = 256;  // waiting to be taken over
constexpr std::size_t kAcceptsATurn = 32;

void watch(int epoll, int fd, std::uint64_t tag) {
    epoll_event event{.events = EPOLLIN, .data = {.u64 = tag}};
    ENSURE(::epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) == 0);
}

// Nanoseconds count here: a packet due in 200 microseconds must not wait a millisecond.
int wait(int epoll, std::span<epoll_event> events, Time until) {
    if (until == kNever) return ::epoll_wait(epoll, events.data(), static_cast<int>(events.size()), -1);
    const auto left = std::max(Duration{0}, until - read_clock());
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(left);
    const timespec timeout{.tv_sec = seconds.count(), .tv_nsec = (left - seconds).count()};
    return ::epoll_pwait2(epoll, events.data(), static_cast<int>(events.size()), &timeout, nullptr);
}

}  // namespace

struct MediaLoop::Impl {
    Impl(Bound udp_socket, std::optional<Bound> tcp_socket, EventWaker& mail_bell, Counters& counts, const Settings& wanted)
        : settings(wanted),
          epoll(::epoll_create1(EPOLL_CLOEXEC)),
          udp(std::move(udp_socket), wanted.arena_slots),
          listener(std::move(tcp_socket)),
          mail(mail_bell),
          counters(counts),
          tcp(epoll.get(), kFirstConnection, wanted.tcp_connections, wanted.tcp_queue_bytes, wanted.tcp_silence),
          arena(wanted.arena_slots) {
        ENSURE(epoll);
        arena.when_full([this](port::SendArena&) { send_arena(); });
        watch(epoll.get(), udp.descriptor(), kUdp);
        if (listener) watch(epoll.get(), listener->socket.get(), kListener);
        watch(epoll.get(), mail.descriptor(), kMail);
        watch(epoll.get(), own_bell.descriptor(), kOwnBell);
    }

    void turn(std::span<const epoll_event> events);
    void handle(const epoll_event& event);
    void receive();
    void accept();
    void pause_listening();
    void take_over();
    void connection(std::uint32_t number, std::uint32_t events);
    void lose(std::uint32_t number);
    void send_arena();
    void flush();
    void tick();
    Time wake_at() const { return std::min({machine->deadline().at, tcp.next_silent(), listen_again}); }

    Settings settings;
    Descriptor epoll;
    UdpPort udp;
    std::optional<Bound> listener;
    EventWaker& mail;
    Counters& counters;
    EventWaker own_bell;  // adopt() and stop()
    ReserveDescriptor reserve;
    Time listen_again = kNever;
    TcpMedia tcp;
    port::SendArena arena;
    port::MediaMachine* machine = nullptr;
    Now turn_now;
    std::array<std::uint8_t, 16 * 1024> stream_bytes;

    std::atomic<bool> stopping = false;
    std::mutex adopted_mutex;
    std::vector<std::pair<Descriptor, SocketAddress>> adopted;
};

void MediaLoop::Impl::send_arena() {
    if (arena.items().empty()) return;
    std::size_t dropped = udp.send(arena);
    for (const auto& item : arena.items())
        if (item.path.transport == port::Transport::kTcp && !tcp.send(item.path.tcp, arena.bytes(item))) ++dropped;
    if (dropped > 0) counters.add(Counter::dropped_send_full, dropped);
    arena.clear();
}

void MediaLoop::Impl::flush() {
    send_arena();
    for (const auto number : machine->tcp_to_close()) tcp.close(number);
}

void MediaLoop::Impl::receive() {
    for (int i = 0; i < kBatchesATurn; ++i) {
        const auto batch = udp.receive();
        if (batch.empty()) return;
        machine->receive(turn_now, batch, arena);
        flush();
        if (batch.size() < UdpPort::kBatch) return;
    }
}

void MediaLoop::Impl::pause_listening() {
    ::epoll_ctl(epoll.get(), EPOLL_CTL_DEL, listener->socket.get(), nullptr);
    listen_again = turn_now.at + ReserveDescriptor::kPause;
}

void MediaLoop::Impl::accept() {
    for (std::size_t i = 0; i < kAcceptsATurn; ++i) {
        RawAddress raw;
        Descriptor socket(::accept4(listener->socket.get(), raw.get(), &raw.size, SOCK_NONBLOCK | SOCK_CLOEXEC));
        if (!socket && (errno == EMFILE || errno == ENFILE)) {
            if (!reserve.turn_away_one(listener->socket.get())) pause_listening();
            return;
        }
        if (!socket) return;
        tcp.add(turn_now.at, std::move(socket), from_raw(raw.storage));
    }
}

void MediaLoop::Impl::take_over() {
    own_bell.clear();
    std::vector<std::pair<Descriptor, SocketAddress>> taken;
    {
        const std::lock_guard lock(adopted_mutex);
        taken.swap(adopted);
    }
    for (auto& [socket, remote] : taken) tcp.add(turn_now.at, std::move(socket), remote);
}

void MediaLoop::Impl::lose(std::uint32_t number) {
    const auto* path = tcp.path(number);
    if (!path) return;
    const auto copy = *path;
    tcp.close(number);
    machine->tcp_closed(turn_now, copy);
}

void MediaLoop::Impl::connection(std::uint32_t number, std::uint32_t events) {
    if ((events & EPOLLOUT) && !tcp.drain(number)) return lose(number);
    if (!(events & ~std::uint32_t{EPOLLOUT})) return;
    const auto bytes = tcp.read(number, stream_bytes);
    if (!bytes) return lose(number);
    if (const auto* path = tcp.path(number); path && !bytes->empty()) machine->tcp_receive(turn_now, port::Path{*path}, *bytes, arena);
    flush();
}

void MediaLoop::Impl::handle(const epoll_event& event) {
    switch (event.data.u64) {
        case kUdp: return receive();
        case kListener: return accept();
        case kMail:
            mail.clear();
            machine->drain(turn_now, arena);
            return flush();
        case kOwnBell: return take_over();
        default: return connection(static_cast<std::uint32_t>(event.data.u64 - kFirstConnection), event.events);
    }
}

void MediaLoop::Impl::tick() {
    for (const auto number : tcp.silent(turn_now.at)) lose(number);
    if (listen_again <= turn_now.at) {
        listen_again = kNever;
        watch(epoll.get(), listener->socket.get(), kListener);
    }
    if (machine->deadline().at > turn_now.at) return;
    machine->tick(turn_now, arena);
    flush();
}

void MediaLoop::Impl::turn(std::span<const epoll_event> events) {
    turn_now = now();
    for (const auto& event : events) handle(event);
    tick();
}

void MediaLoop::run(port::MediaMachine& machine) {
    impl_->machine = &machine;
    impl_->mail.wake();  // what was posted before we ran
    std::array<epoll_event, kMostEvents> events{};
    while (!impl_->stopping) {
        const int count = wait(impl_->epoll.get(), events, impl_->wake_at());
        ENSURE(count >= 0 || errno == EINTR);
        impl_->turn({events.data(), static_cast<std::size_t>(std::max(count, 0))});
    }
}

void MediaLoop::adopt(Descriptor socket, const SocketAddress& remote) {
    {
        const std::lock_guard lock(impl_->adopted_mutex);
        if (impl_->adopted.size() >= kMostAdopted) return;
        impl_->adopted.emplace_back(std::move(socket), remote);
    }
    impl_->own_bell.wake();
}

void MediaLoop::stop() {
    impl_->stopping = true;
    impl_->own_bell.wake();
}

MediaLoop::MediaLoop(Bound udp, std::optional<Bound> tcp, EventWaker& waker, Counters& counters, const Settings& settings)
    : impl_(std::make_unique<Impl>(std::move(udp), std::move(tcp), waker, counters, settings)) {}
MediaLoop::MediaLoop(Bound udp, std::optional<Bound> tcp, EventWaker& waker, Counters& counters) : MediaLoop(std::move(udp), std::move(tcp), waker, counters, Settings{}) {}
MediaLoop::~MediaLoop() = default;

}  // namespace earshot::io
