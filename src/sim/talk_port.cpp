#include "sim/talk_port.hpp"

#include <algorithm>
#include <utility>

namespace earshot::sim {
namespace {
constexpr std::string_view kRefusal = "SESSIONERROR: There is no such talk.\n";
}

// Rings once until it was heard, however often it is pulled.
class TalkPort::Bell final : public port::Waker {
public:
    Bell(TalkPort& port, const Duration& delay) : port_(port), delay_(delay) {}
    void wake() override {
        if (std::exchange(pulled_, true)) return;
        port_.world_.after(port_.world_.between(0ns, delay_), [this] {
            pulled_ = false;
            port_.turn([](auto& machine, Now now, auto& out) { machine.drain(now, out); });
        });
    }

private:
    TalkPort& port_;
    const Duration& delay_;
    bool pulled_ = false;
};

TalkPort::TalkPort(World& world, const Weather& weather, const Duration& mailbox_delay)
    : world_(world), weather_(weather), bell_(std::make_unique<Bell>(*this, mailbox_delay)), arena_(16u << world.fork("talk arena").below(5)) {
    arena_.when_full([this](port::SendArena& arena) {
        for (const auto& item : arena.items()) send_down(item.path.remote, arena.bytes(item));
        arena.clear();
    });
}

TalkPort::~TalkPort() = default;

port::Waker& TalkPort::waker() { return *bell_; }

void TalkPort::serve(port::MediaMachine* machine) {
    machine_ = machine;
    ++life_;
    batch_.clear();
    alarm_at_ = kNever;
    for (auto& [address, link] : links_) link.ever_told = false;  // a new life remembers no stranger
}

void TalkPort::forget(const TalkClient* client) {
    std::erase_if(clients_, [&](const auto& c) { return c.second == client; });
}

template <typename Turn>
void TalkPort::turn(Turn&& turn) {
    if (!machine_) return;
    turn(*machine_, world_.now(), arena_);
    for (const auto& item : arena_.items()) send_down(item.path.remote, arena_.bytes(item));
    arena_.clear();
    arm();
}

void TalkPort::arm() {
    const auto due = machine_->deadline().at;
    if (due == kNever || due >= alarm_at_) return;
    alarm_at_ = std::max(due, world_.now().at);
    world_.at(alarm_at_, [this, life = life_, alarm = ++alarm_] {
        if (life != life_ || alarm != alarm_) return;
        alarm_at_ = kNever;
        turn([](auto& machine, Now now, auto& out) { machine.tick(now, out); });
    });
}

void TalkPort::send(const SocketAddress& from, Bytes bytes) {
    for (auto& arrival : links_[from].up.carry(world_.now().at, bytes, weather_.datagrams, world_.chance()))
        world_.after(arrival.after, [this, from, copy = std::move(arrival.bytes), life = life_]() mutable {
            if (life != life_ || !machine_) return;
            if (batch_.empty())
                world_.after(world_.between(0us, 300us), [this, life] {
                    if (life == life_) hand_batch();
                });
            batch_.push_back({{.remote = from}, std::move(copy)});
        });
}

// The kernel hands over whatever came since the last call, at most as much as one call takes.
void TalkPort::hand_batch() {
    auto batch = std::exchange(batch_, {});
    std::vector<port::Datagram> datagrams;
    datagrams.reserve(batch.size());
    for (auto& pending : batch) {
        auto& last = links_[pending.path.remote].last_size;
        last = std::max(pending.bytes.size(), std::exchange(last, 0));
        datagrams.push_back({&pending.path, pending.bytes});
    }
    turn([&](auto& machine, Now now, auto& out) { machine.receive(now, datagrams, out); });
    for (const auto& pending : batch) links_[pending.path.remote].last_size = 0;
}

// A stranger is told of his error with no more than he sent, in the turn in which he sent it, once a second.
void TalkPort::watch(const SocketAddress& to, Bytes bytes) {
    auto& link = links_[to];
    if (kRefusal.starts_with(as_text(bytes))) {
        if (bytes.size() > link.last_size)
            world_.broken("nobody is sent more than he sent", fmt::format("{} sent {} bytes and is refused with {}", to.text(), link.last_size, bytes.size()));
        if (std::exchange(link.ever_told, true) && world_.now().at < link.told + 1s)
            world_.broken("a stranger is told once a second",
                          fmt::format("{} is refused twice within {} ms", to.text(), whole_ms(world_.now().at - link.told)));
        link.told = world_.now().at;
    }
    if (on_sent) on_sent(to, bytes);
}

void TalkPort::send_down(const SocketAddress& to, Bytes bytes) {
    watch(to, bytes);
    for (auto& arrival : links_[to].down.carry(world_.now().at, bytes, weather_.datagrams, world_.chance()))
        world_.after(arrival.after, [this, to, copy = std::move(arrival.bytes)] {
            if (const auto it = clients_.find(to); it != clients_.end()) it->second->datagram(to, copy);
        });
}

}  // namespace earshot::sim
