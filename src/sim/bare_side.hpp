// The house's door for raw sound in the made world: drives the desk of voice sockets as its own loop does in the real one.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "port/control.hpp"
#include "sim/stream.hpp"
#include "sim/world.hpp"

namespace earshot::sim {

class BareSide final : public StreamServer {
public:
    BareSide(World& world, const Weather& weather, Duration mailbox_delay, std::size_t waiting_limit);
    ~BareSide() override;

    port::Waker& bell();
    void start(port::ControlMachine* machine);
    // As the process dies: its kernel closes what it held.
    void fall();
    void shutdown();
    port::ControlMachine* machine() { return machine_; }
    std::shared_ptr<Stream> connect(const SocketAddress& remote, std::uint8_t pair, StreamClient* client);
    std::size_t connections() const { return streams_.size(); }

    void stream_received(ConnectionId id, std::string_view bytes) override;
    void stream_wrote(ConnectionId id, std::size_t size) override;
    void stream_closed(ConnectionId id) override;

private:
    class Bell;
    template <typename Turn>
    void turn(Turn&& turn);
    void carry_out(std::vector<port::ControlOutput> items);
    void arm();

    World& world_;
    const Weather& weather_;
    Duration mailbox_delay_;
    std::size_t waiting_limit_;
    std::unique_ptr<Bell> bell_;
    port::ControlMachine* machine_ = nullptr;
    std::uint32_t life_ = 0;
    std::map<ConnectionId, std::shared_ptr<Stream>> streams_;
    std::uint64_t next_connection_ = 1;
    std::uint64_t alarm_ = 0;
    Time alarm_at_ = kNever, last_tick_{};
    std::uint32_t ticks_in_a_row_ = 0;
};

}  // namespace earshot::sim
