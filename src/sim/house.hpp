// The house in the made world: drives a ControlMachine and a MediaMachine the way io does, with a disk,
// a worker that asks it, mailboxes with drawn delay, and crashes.
#pragma once
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "port/control.hpp"
#include "port/media.hpp"
#include "sim/bare_side.hpp"
#include "sim/stream.hpp"
#include "sim/talk_port.hpp"
#include "sim/torn_log.hpp"
#include "sim/weather.hpp"
#include "sim/world.hpp"

namespace earshot::sim {

// A client's end of the media port. Paths are as he sees them: `remote` is the house, `local` his own address.
class DatagramClient {
public:
    virtual ~DatagramClient() = default;
    virtual void datagram(const port::Path& path, Bytes bytes) = 0;
    virtual void tcp_gone(std::uint32_t connection) = 0;
};

class House final : public StreamServer {
public:
    // What a start of the house is made of. `shared` outlives both machines (mailboxes, settings).
    struct Machines {
        std::shared_ptr<void> shared;
        std::unique_ptr<port::ControlMachine> control;
        std::unique_ptr<port::MediaMachine> media;  // may be absent: a house of text alone
        std::unique_ptr<port::MediaMachine> talks;  // likewise
        std::unique_ptr<port::ControlMachine> bare;  // raw sound; may be absent too
    };
    struct Wakers {
        port::Waker& control;
        port::Waker& media;
        port::Waker& talks;
        port::Waker& bare;
    };
    using Make = std::function<Machines(const Wakers&, Random& entropy)>;
    struct Settings {
        std::size_t waiting_limit = 2 * 1024 * 1024;  // bytes that may wait for one reader
        Duration disk_delay = 2ms;
        Duration mailbox_delay = 200us;
        SocketAddress media_address;
    };

    House(World& world, TornLog& disk, Make make, Settings settings);
    ~House() override;

    Weather weather = fair_weather();
    Settings settings;
    // Hears every datagram that the media side sends, before any weather.
    std::function<void(const port::Path& path, Bytes datagram)> on_media_sent;

    bool standing() const { return machines_.control != nullptr; }
    void start();
    // Power is cut, mid-turn of the disk too.
    void crash();
    // SIGTERM: goodbye to everyone, then the process ends.
    void stop();
    std::uint32_t starts() const { return starts_; }

    // A client dials in; nullptr when nobody listens.
    std::shared_ptr<Stream> connect(port::Door door, Framing framing, const SocketAddress& remote, StreamClient* client);

    // The voice port of a pair of the plain front.
    std::shared_ptr<Stream> connect_voice(const SocketAddress& remote, std::uint8_t pair, StreamClient* client) { return bare_.connect(remote, pair, client); }
    port::ControlMachine* bare() { return machines_.bare.get(); }

    // The media port over UDP. `from` is the client's address as the house sees it.
    void listen_datagrams(const SocketAddress& at, DatagramClient* client);
    void forget_client(const DatagramClient* client);
    void datagram_to_house(const SocketAddress& from, Bytes bytes);
    // This address alone is cut off (a firewall, a lost route).
    void cut(const SocketAddress& at, bool on);

    // The port of talks, over UDP.
    TalkPort& talks() { return talks_; }

    // The media port over TCP (RFC 4571). Numbers are never reused.
    std::uint32_t media_tcp_open(const SocketAddress& from, DatagramClient* client);
    void media_tcp_send(std::uint32_t connection, Bytes bytes);
    void media_tcp_close(std::uint32_t connection);
    std::size_t media_tcp_connections() const { return media_tcp_.size(); }

    port::ControlMachine* control() { return machines_.control.get(); }
    port::MediaMachine* media() { return machines_.media.get(); }
    TornLog& disk() { return disk_; }
    const std::map<ConnectionId, std::shared_ptr<Stream>>& streams() const { return streams_; }
    std::size_t most_waiting() const { return most_waiting_; }

    void stream_received(ConnectionId id, std::string_view bytes) override;
    void stream_wrote(ConnectionId id, std::size_t size) override;
    void stream_closed(ConnectionId id) override;

private:
    class Bell;  // a Waker that rings into the event queue
    struct MediaTcp {
        SocketAddress from;
        DatagramClient* client = nullptr;
        Time last_up{}, last_down{};
    };
    template <typename Turn>
    void turn(Turn&& turn);
    template <typename Turn>
    void media_turn(Turn&& turn);
    void carry_out(std::vector<port::ControlOutput> items);
    void carry_out_media();
    void send_arena();
    void send_down(const port::SendArena::Item& item, Bytes bytes);
    void arm();
    void arm_media();
    void work();
    void hand_batch();
    void fall();
    port::Path path_of(const SocketAddress& from) const;
    port::Path path_of(std::uint32_t connection, const MediaTcp& tcp) const;
    void drop_media_tcp(std::uint32_t connection);
    void media_tcp_arrives(std::uint32_t connection, Bytes bytes);

    World& world_;
    TornLog& disk_;
    Make make_;
    SeededRandom entropy_;
    std::unique_ptr<Bell> control_bell_, media_bell_;
    TalkPort talks_;
    BareSide bare_;
    Machines machines_;
    std::uint32_t starts_ = 0;
    std::uint64_t next_connection_ = 1;
    std::map<ConnectionId, std::shared_ptr<Stream>> streams_;
    std::size_t most_waiting_ = 0;

    std::deque<port::StoreRequest> store_queue_;
    bool worker_busy_ = false;

    std::uint64_t control_alarm_ = 0, media_alarm_ = 0;
    Time control_alarm_at_ = kNever, media_alarm_at_ = kNever;
    Time last_tick_{}, last_media_tick_{};
    std::uint32_t ticks_in_a_row_ = 0, media_ticks_in_a_row_ = 0;

    port::SendArena arena_;
    std::map<SocketAddress, DatagramClient*> datagram_clients_;
    struct Links {
        DatagramLink up, down;
        bool cut = false;
    };
    std::map<SocketAddress, Links> links_;
    struct Pending {
        port::Path path;
        std::vector<std::uint8_t> bytes;
    };
    std::vector<Pending> batch_;
    std::map<std::uint32_t, MediaTcp> media_tcp_;
    std::map<std::uint32_t, DatagramClient*> closing_media_tcp_;
    std::uint32_t next_media_tcp_ = 1;
};

}  // namespace earshot::sim
