// The house's port for talks (Voix) in the made world: datagrams of one UDP port, for a machine of its own. What comes and goes is
// watched: nobody may be sent more than he sent, but the people of a talk what the others of it sent.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "port/control.hpp"
#include "port/media.hpp"
#include "sim/weather.hpp"
#include "sim/world.hpp"

namespace earshot::sim {

// Somebody with a UDP socket, or several.
class TalkClient {
public:
    virtual ~TalkClient() = default;
    // A datagram of the house came to his address `at`.
    virtual void datagram(const SocketAddress& at, Bytes bytes) = 0;
};

class TalkPort {
public:
    TalkPort(World& world, const Weather& weather, const Duration& mailbox_delay);
    ~TalkPort();

    // The machine wakes by it when orders wait.
    port::Waker& waker();
    // A life of the house begins or ends (null).
    void serve(port::MediaMachine* machine);

    void listen(const SocketAddress& at, TalkClient* client) { clients_[at] = client; }
    void forget(const TalkClient* client);
    void send(const SocketAddress& from, Bytes bytes);
    // Hears every datagram that the house sends, before any weather.
    std::function<void(const SocketAddress& to, Bytes bytes)> on_sent;

private:
    class Bell;
    struct Pending {
        port::Path path;
        std::vector<std::uint8_t> bytes;
    };
    struct Links {
        DatagramLink up, down;
        std::size_t last_size = 0;  // of what came last
        Time told{};                // when he was told last that he is a stranger
        bool ever_told = false;
    };
    template <typename Turn>
    void turn(Turn&& turn);
    void hand_batch();
    void watch(const SocketAddress& to, Bytes bytes);
    void send_down(const SocketAddress& to, Bytes bytes);
    void arm();

    World& world_;
    const Weather& weather_;
    std::unique_ptr<Bell> bell_;
    port::MediaMachine* machine_ = nullptr;
    std::uint64_t life_ = 0, alarm_ = 0;
    Time alarm_at_ = kNever;
    port::SendArena arena_;
    std::map<SocketAddress, TalkClient*> clients_;
    std::map<SocketAddress, Links> links_;
    std::vector<Pending> batch_;
};

}  // namespace earshot::sim
