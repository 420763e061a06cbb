#include "sim/house.hpp"

#include <algorithm>

#include "base/overloaded.hpp"

namespace earshot::sim {
namespace {
constexpr std::uint32_t kTooManyTicks = 1000;  // at one moment: a machine that never lets go
constexpr std::size_t kMostSoundWaiting = 128 * 1024;  // for one reader, all that the desk may still flush to who stopped reading
}

// Rings once until it was heard, however often it is pulled.
class House::Bell final : public port::Waker {
public:
    using Ring = std::function<void()>;
    Bell(House& house, Ring ring) : house_(house), ring_(std::move(ring)) {}
    void wake() override {
        if (std::exchange(pulled_, true)) return;
        house_.world_.after(house_.world_.between(0ns, house_.settings.mailbox_delay), [this, start = house_.starts_] {
            pulled_ = false;
            if (start == house_.starts_ && house_.standing()) ring_();
        });
    }

private:
    House& house_;
    Ring ring_;
    bool pulled_ = false;
};

House::House(World& world, TornLog& disk, Make make, Settings wanted)
    : settings(wanted),
      world_(world),
      disk_(disk),
      make_(std::move(make)),
      entropy_(world.fork("entropy")),
      talks_(world, weather, settings.mailbox_delay),
      bare_(world, weather, settings.mailbox_delay, kMostSoundWaiting),
      arena_(16u << world.chance().below(7)) {
    arena_.when_full([this](port::SendArena&) { send_arena(); });
    control_bell_ = std::make_unique<Bell>(*this, [this] { turn([](auto& control, Now now, auto& out) { control.drain(now, out); }); });
    media_bell_ = std::make_unique<Bell>(*this, [this] { media_turn([](auto& media, Now now, auto& out) { media.drain(now, out); }); });
}

House::~House() = default;

void House::start() {
    ENSURE(!standing());
    ++starts_;
    machines_ = make_(Wakers{*control_bell_, *media_bell_, talks_.waker(), bare_.bell()}, entropy_);
    talks_.serve(machines_.talks.get());
    bare_.start(machines_.bare.get());
    world_.note("house", "starts for the {}. time", starts_);
    last_tick_ = last_media_tick_ = {};
    control_alarm_at_ = media_alarm_at_ = kNever;
    // What a machine wants at its birth (loading, first deadlines) it says at its first tick.
    turn([](auto& control, Now now, auto& out) { control.tick(now, out); });
    if (machines_.media) media_turn([](auto& media, Now now, auto& out) { media.tick(now, out); });
}

void House::fall() {
    for (auto& [id, stream] : streams_) stream->server_died();
    streams_.clear();
    bare_.fall();
    while (!media_tcp_.empty()) drop_media_tcp(media_tcp_.begin()->first);
    batch_.clear();
    store_queue_.clear();
    worker_busy_ = false;
    talks_.serve(nullptr);
    machines_.control.reset();
    machines_.media.reset();
    machines_.talks.reset();
    machines_.bare.reset();
    machines_.shared.reset();
    ++starts_;  // whatever was on its way to the fallen house finds nobody
}

void House::crash() {
    if (!standing()) return;
    world_.note("house", "CRASH");
    fall();
    disk_.crash(world_.chance());
}

void House::stop() {
    if (!standing()) return;
    world_.note("house", "is told to stop");
    turn([](auto& control, Now now, auto& out) { control.shutdown(now, out); });
    bare_.shutdown();
    // A worker that ends in order finishes what it was asked.
    while (!store_queue_.empty()) {
        const auto request = std::move(store_queue_.front());
        store_queue_.pop_front();
        if (!worker_busy_) disk_.begin(request);
        worker_busy_ = false;
        static_cast<void>(disk_.finish(request));
    }
    fall();
}

// --- turns

template <typename Turn>
void House::turn(Turn&& turn) {
    if (!machines_.control) return;
    port::ControlOutbox out;
    turn(*machines_.control, world_.now(), out);
    carry_out(out.take());
    arm();
}

template <typename Turn>
void House::media_turn(Turn&& turn) {
    if (!machines_.media) return;
    turn(*machines_.media, world_.now(), arena_);
    carry_out_media();
    arm_media();
}

void House::carry_out(std::vector<port::ControlOutput> items) {
    for (auto& item : items)
        std::visit(overloaded{[&](port::Send& send) {
                                  const auto it = streams_.find(send.to);
                                  if (it == streams_.end()) return;
                                  it->second->push(std::move(send.bytes));
                                  most_waiting_ = std::max(most_waiting_, it->second->waiting());
                                  if (it->second->waiting() > settings.waiting_limit)
                                      world_.broken("every queue within its limit", fmt::format("{} bytes wait for connection {}", it->second->waiting(), send.to.value));
                              },
                              [&](port::Close& close) {
                                  const auto it = streams_.find(close.which);
                                  if (it == streams_.end()) return;
                                  world_.note("house", "closes connection {}: {} {}", close.which.value, close.code, close.reason);
                                  it->second->finish(close.code, std::move(close.reason));
                              },
                              [&](const port::PauseReading& pause) {
                                  if (const auto it = streams_.find(pause.which); it != streams_.end()) it->second->pause_reading(pause.paused);
                              },
                              [&](port::StoreRequest& request) {
                                  store_queue_.push_back(std::move(request));
                                  work();
                              }},
                   item);
}

void House::arm() {
    const auto deadline = machines_.control->deadline();
    if (deadline.at == kNever || deadline.at >= control_alarm_at_) return;
    control_alarm_at_ = std::max(deadline.at, world_.now().at);
    world_.at(control_alarm_at_, [this, alarm = ++control_alarm_, start = starts_, reason = deadline.reason] {
        if (start != starts_ || alarm != control_alarm_ || !standing()) return;
        control_alarm_at_ = kNever;
        ticks_in_a_row_ = world_.now().at == last_tick_ ? ticks_in_a_row_ + 1 : 0;
        last_tick_ = world_.now().at;
        if (ticks_in_a_row_ > kTooManyTicks) return world_.broken("a deadline passes", fmt::format("control wants to be woken again and again: {}", reason));
        turn([](auto& control, Now now, auto& out) { control.tick(now, out); });
    });
}

void House::arm_media() {
    const auto deadline = machines_.media->deadline();
    if (deadline.at == kNever || deadline.at >= media_alarm_at_) return;
    media_alarm_at_ = std::max(deadline.at, world_.now().at);
    world_.at(media_alarm_at_, [this, alarm = ++media_alarm_, start = starts_, reason = deadline.reason] {
        if (start != starts_ || alarm != media_alarm_ || !standing()) return;
        media_alarm_at_ = kNever;
        media_ticks_in_a_row_ = world_.now().at == last_media_tick_ ? media_ticks_in_a_row_ + 1 : 0;
        last_media_tick_ = world_.now().at;
        if (media_ticks_in_a_row_ > kTooManyTicks) return world_.broken("a deadline passes", fmt::format("media wants to be woken again and again: {}", reason));
        media_turn([](auto& media, Now now, auto& out) { media.tick(now, out); });
    });
}

// One worker asks the disk, one request at a time, in order.
void House::work() {
    if (worker_busy_ || store_queue_.empty()) return;
    worker_busy_ = true;
    disk_.begin(store_queue_.front());
    world_.after(world_.between(settings.disk_delay / 4, settings.disk_delay), [this, start = starts_] {
        if (start != starts_ || !standing()) return;
        const auto request = std::move(store_queue_.front());
        store_queue_.pop_front();
        worker_busy_ = false;
        auto reply = disk_.finish(request);
        turn([&](auto& control, Now now, auto& out) { control.stored(now, std::move(reply), out); });
        work();
    });
}

// --- streams

std::shared_ptr<Stream> House::connect(port::Door door, Framing framing, const SocketAddress& remote, StreamClient* client) {
    if (!standing()) return nullptr;
    const ConnectionId id{next_connection_++};
    auto stream = std::make_shared<Stream>(world_, weather, id, framing, client, this);
    streams_.emplace(id, stream);
    stream->begin();
    turn([&](auto& control, Now now, auto& out) { control.opened(now, id, port::Opened{door, remote, settings.media_address, door == port::Door::kWeb}, out); });
    return stream;
}

void House::stream_received(ConnectionId id, std::string_view bytes) {
    turn([&](auto& control, Now now, auto& out) { control.received(now, id, as_bytes(bytes), out); });
}

void House::stream_wrote(ConnectionId id, std::size_t size) {
    turn([&](auto& control, Now now, auto& out) { control.wrote(now, id, size, out); });
}

void House::stream_closed(ConnectionId id) {
    if (streams_.erase(id) == 0) return;
    turn([&](auto& control, Now now, auto& out) { control.closed(now, id, out); });
}

// --- datagrams

port::Path House::path_of(const SocketAddress& from) const { return {port::Transport::kUdp, from, settings.media_address.ip, 0}; }

void House::listen_datagrams(const SocketAddress& at, DatagramClient* client) { datagram_clients_[at] = client; }

void House::cut(const SocketAddress& at, bool on) { links_[at].cut = on; }

void House::datagram_to_house(const SocketAddress& from, Bytes bytes) {
    auto& link = links_[from];
    if (link.cut) return;
    for (auto& arrival : link.up.carry(world_.now().at, bytes, weather.datagrams, world_.chance()))
        world_.after(arrival.after, [this, from, bytes = std::move(arrival.bytes), start = starts_]() mutable {
            if (start != starts_ || !machines_.media) return;
            if (batch_.empty()) world_.after(world_.between(0us, 300us), [this, start] {
                    if (start == starts_) hand_batch();
                });
            batch_.push_back({path_of(from), std::move(bytes)});
        });
}

// The kernel hands over whatever came since the last call, at most as much as one call takes.
void House::hand_batch() {
    if (!machines_.media || batch_.empty()) return;
    auto batch = std::exchange(batch_, {});
    std::vector<port::Datagram> datagrams;
    datagrams.reserve(batch.size());
    for (auto& pending : batch) datagrams.push_back({&pending.path, pending.bytes});
    media_turn([&](auto& media, Now now, auto& out) { media.receive(now, datagrams, out); });
}

void House::send_arena() {
    for (const auto& item : arena_.items()) send_down(item, arena_.bytes(item));
    arena_.clear();
}

void House::carry_out_media() {
    send_arena();
    for (const auto connection : machines_.media->tcp_to_close()) drop_media_tcp(connection);
}

void House::send_down(const port::SendArena::Item& item, Bytes bytes) {
    if (on_media_sent) on_media_sent(item.path, bytes);
    if (item.path.transport == port::Transport::kTcp) {
        const auto it = media_tcp_.find(item.path.tcp);
        if (it == media_tcp_.end()) return;
        auto& tcp = it->second;
        tcp.last_down = std::max(tcp.last_down, world_.now().at + weather.streams.delay + world_.between(0ns, weather.streams.jitter));
        world_.at(tcp.last_down, [this, connection = item.path.tcp, copy = std::vector<std::uint8_t>(bytes.begin(), bytes.end())] {
            const auto found = media_tcp_.find(connection);
            if (found == media_tcp_.end()) return;
            found->second.client->datagram({port::Transport::kTcp, settings.media_address, found->second.from.ip, connection}, copy);
        });
        return;
    }
    auto& link = links_[item.path.remote];
    if (link.cut) return;
    for (auto& arrival : link.down.carry(world_.now().at, bytes, weather.datagrams, world_.chance()))
        world_.after(arrival.after, [this, to = item.path.remote, copy = std::move(arrival.bytes)] {
            if (const auto it = datagram_clients_.find(to); it != datagram_clients_.end()) it->second->datagram({port::Transport::kUdp, settings.media_address, to.ip, 0}, copy);
        });
}

// --- the media port over TCP

port::Path House::path_of(std::uint32_t connection, const MediaTcp& tcp) const { return {port::Transport::kTcp, tcp.from, settings.media_address.ip, connection}; }

std::uint32_t House::media_tcp_open(const SocketAddress& from, DatagramClient* client) {
    const auto number = next_media_tcp_++;
    media_tcp_[number] = {from, client, world_.now().at, world_.now().at};
    return number;
}

void House::media_tcp_send(std::uint32_t connection, Bytes bytes) {
    const auto it = media_tcp_.find(connection);
    if (it == media_tcp_.end()) return;
    it->second.last_up = std::max(it->second.last_up, world_.now().at + weather.streams.delay + world_.between(0ns, weather.streams.jitter));
    world_.at(it->second.last_up, [this, connection, copy = std::vector<std::uint8_t>(bytes.begin(), bytes.end())] { media_tcp_arrives(connection, copy); });
}

void House::media_tcp_arrives(std::uint32_t connection, Bytes bytes) {
    while (!bytes.empty()) {
        const auto it = media_tcp_.find(connection);
        if (it == media_tcp_.end() || !machines_.media) return;
        const auto size = world_.chance().chance(weather.streams.odd_chunks) ? 1 + world_.chance().below(bytes.size()) : bytes.size();
        media_turn([&](auto& media, Now now, auto& out) { media.tcp_receive(now, path_of(connection, it->second), bytes.first(size), out); });
        bytes = bytes.subspan(size);
    }
}

void House::media_tcp_close(std::uint32_t connection) {
    const auto it = media_tcp_.find(connection);
    if (it == media_tcp_.end()) return;
    const auto path = path_of(connection, it->second);
    media_tcp_.erase(it);
    if (machines_.media) machines_.media->tcp_closed(world_.now(), path);
}

// The house closed it; its client hears of that a little later.
void House::drop_media_tcp(std::uint32_t connection) {
    const auto it = media_tcp_.find(connection);
    if (it == media_tcp_.end()) return;
    auto* client = it->second.client;
    media_tcp_.erase(it);
    closing_media_tcp_[connection] = client;
    world_.after(weather.streams.delay, [this, connection] {
        if (const auto found = closing_media_tcp_.find(connection); found != closing_media_tcp_.end()) found->second->tcp_gone(connection);
        closing_media_tcp_.erase(connection);
    });
}

// Nothing is told to this client any more.
void House::forget_client(const DatagramClient* client) {
    std::erase_if(datagram_clients_, [&](const auto& c) { return c.second == client; });
    std::erase_if(closing_media_tcp_, [&](const auto& c) { return c.second == client; });
    for (auto it = media_tcp_.begin(); it != media_tcp_.end();) {
        const auto connection = it->first;
        const bool his = it->second.client == client;
        ++it;
        if (his) media_tcp_close(connection);
    }
}

}  // namespace earshot::sim
