#include "sim/bare_side.hpp"

#include "base/overloaded.hpp"

namespace earshot::sim {
namespace {
constexpr std::uint32_t kTooManyTicks = 1000;  // at one moment: a machine that never lets go
}

class BareSide::Bell final : public port::Waker {
public:
    explicit Bell(BareSide& side) : side_(side) {}
    void wake() override {
        if (std::exchange(pulled_, true)) return;
        side_.world_.after(side_.world_.between(0ns, side_.mailbox_delay_), [this, life = side_.life_] {
            pulled_ = false;
            if (life == side_.life_) side_.turn([](auto& desk, Now now, auto& out) { desk.drain(now, out); });
        });
    }

private:
    BareSide& side_;
    bool pulled_ = false;
};

BareSide::BareSide(World& world, const Weather& weather, Duration mailbox_delay, std::size_t waiting_limit)
    : world_(world), weather_(weather), mailbox_delay_(mailbox_delay), waiting_limit_(waiting_limit), bell_(std::make_unique<Bell>(*this)) {}
BareSide::~BareSide() = default;

port::Waker& BareSide::bell() { return *bell_; }

void BareSide::start(port::ControlMachine* machine) {
    machine_ = machine;
    ++life_;
    alarm_at_ = kNever;
    last_tick_ = {};
}

void BareSide::fall() {
    for (auto& [id, stream] : streams_) stream->server_died();
    streams_.clear();
    machine_ = nullptr;
    ++life_;
}

void BareSide::shutdown() {
    turn([](auto& desk, Now now, auto& out) { desk.shutdown(now, out); });
}

template <typename Turn>
void BareSide::turn(Turn&& turn) {
    if (!machine_) return;
    port::ControlOutbox out;
    turn(*machine_, world_.now(), out);
    carry_out(out.take());
    arm();
}

void BareSide::carry_out(std::vector<port::ControlOutput> items) {
    const auto find = [this](ConnectionId id) {
        const auto it = streams_.find(id);
        return it == streams_.end() ? std::shared_ptr<Stream>{} : it->second;
    };
    for (auto& item : items)
        std::visit(overloaded{[&](port::Send& send) {
                                  const auto stream = find(send.to);
                                  if (!stream) return;
                                  stream->push(std::move(send.bytes));
                                  if (stream->waiting() > waiting_limit_)
                                      world_.broken("sound that nobody reads is bounded",
                                                    fmt::format("{} bytes wait for voice socket {}", stream->waiting(), send.to.value));
                              },
                              [&](port::Close& close) {
                                  if (const auto stream = find(close.which)) stream->finish(close.code, std::move(close.reason));
                              },
                              [&](const port::PauseReading& pause) {
                                  if (const auto stream = find(pause.which)) stream->pause_reading(pause.paused);
                              },
                              [](const port::StoreRequest&) {}},
                   item);
}

void BareSide::arm() {
    const auto deadline = machine_->deadline();
    if (deadline.at == kNever || deadline.at >= alarm_at_) return;
    alarm_at_ = std::max(deadline.at, world_.now().at);
    // A real timer rings late, never early.
    const auto rings = alarm_at_ + world_.between(0us, 800us);
    world_.at(rings, [this, alarm = ++alarm_, life = life_, reason = deadline.reason] {
        if (life != life_ || alarm != alarm_ || !machine_) return;
        alarm_at_ = kNever;
        ticks_in_a_row_ = world_.now().at == last_tick_ ? ticks_in_a_row_ + 1 : 0;
        last_tick_ = world_.now().at;
        if (ticks_in_a_row_ > kTooManyTicks)
            return world_.broken("a deadline passes", fmt::format("the desk of sound wants to be woken again and again: {}", reason));
        turn([](auto& desk, Now now, auto& out) { desk.tick(now, out); });
    });
}

std::shared_ptr<Stream> BareSide::connect(const SocketAddress& remote, std::uint8_t pair, StreamClient* client) {
    if (!machine_) return nullptr;
    const ConnectionId id{next_connection_++};
    auto stream = std::make_shared<Stream>(world_, weather_, id, Framing::kLines, client, this);
    streams_.emplace(id, stream);
    stream->begin();
    turn([&](auto& desk, Now now, auto& out) {
        desk.opened(now, id, {.door = port::Door::kPlain, .remote = remote, .local = {}, .secure = false, .pair = pair}, out);
    });
    return stream;
}

void BareSide::stream_received(ConnectionId id, std::string_view bytes) {
    turn([&](auto& desk, Now now, auto& out) { desk.received(now, id, as_bytes(bytes), out); });
}

void BareSide::stream_wrote(ConnectionId id, std::size_t size) {
    turn([&](auto& desk, Now now, auto& out) { desk.wrote(now, id, size, out); });
}

void BareSide::stream_closed(ConnectionId id) {
    if (streams_.erase(id) == 0) return;
    turn([&](auto& desk, Now now, auto& out) { desk.closed(now, id, out); });
}

}  // namespace earshot::sim
