// One made TCP connection (or the WebSocket in it) between a simulated client and the house. It has a
// kernel's buffer towards a reader that may be slow, and the ends of real ones: FIN, reset, vanishing.
#pragma once
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/ids.hpp"
#include "base/shared_text.hpp"
#include "sim/weather.hpp"
#include "sim/world.hpp"

namespace earshot::sim {

// How bytes keep their company on the way.
enum class Framing : std::uint8_t {
    kMessages,  // a WebSocket: whole messages, always
    kLines,     // a byte stream: weather splits and joins
    kSegments,  // a client without newlines: its writes arrive as they were made
};

// The client's end hears this.
class StreamClient {
public:
    virtual ~StreamClient() = default;
    virtual void opened() = 0;
    virtual void arrived(std::string_view bytes) = 0;
    // Over, for whatever reason; nothing follows. `code` is the WebSocket's, 1006 when there was no goodbye.
    virtual void ended(std::uint16_t code, std::string_view reason) = 0;
};

// The house's end hears this.
class StreamServer {
public:
    virtual ~StreamServer() = default;
    virtual void stream_received(ConnectionId id, std::string_view bytes) = 0;
    virtual void stream_wrote(ConnectionId id, std::size_t size) = 0;
    virtual void stream_closed(ConnectionId id) = 0;
};

class Stream : public std::enable_shared_from_this<Stream> {
public:
    static constexpr std::size_t kKernelBuffer = 64 * 1024;  // both kernels' together
    static constexpr Duration kFlushPatience = 5s;           // after a Close
    static constexpr Duration kVanishedTimeout = 40s;        // the kernel gives a silent peer up while bytes wait

    Stream(World& world, const Weather& weather, ConnectionId id, Framing framing, StreamClient* client, StreamServer* server);

    ConnectionId id() const { return id_; }
    Framing framing() const { return framing_; }
    void begin();

    // --- the client's hands
    void send(std::string write);
    void close();               // FIN behind what was sent
    void vanish();              // the cable is pulled: neither side is told
    void read_slowly(bool on);  // stops taking bytes while on

    // --- the weather's
    void reset();

    // --- the house's hands
    void push(SharedText bytes);
    void finish(std::uint16_t code, std::string reason);
    void pause_reading(bool paused);
    bool reading_paused() const { return paused_; }
    // The process died: its kernel closes what it held.
    void server_died();
    std::size_t waiting() const { return queued_bytes_; }  // not yet taken by the kernel
    bool server_open() const { return server_ != nullptr; }
    bool client_open() const { return client_open_; }

private:
    struct Piece {
        SharedText text;
        std::size_t done = 0;
    };
    struct Readable {
        std::string bytes;
        bool whole = true;  // ends a Send
        bool goodbye = false;
    };
    Duration travel();
    void arrive_at_server(std::string write);
    void hand_over_oddly();
    void hand_over(std::string_view bytes);
    void read_on();
    static constexpr std::size_t kOneRead = 16 * 1024;
    void pump();
    void send_down(std::string bytes, bool whole);
    void send_goodbye();
    void hand_out();
    void tell_server_closed();
    void end_client(std::uint16_t code, std::string_view reason);

    World& world_;
    const Weather& weather_;
    ConnectionId id_;
    Framing framing_;
    StreamClient* client_;
    StreamServer* server_;
    bool client_open_ = false;
    bool client_fin_ = false;
    bool fin_arrived_ = false;  // behind what is held
    bool vanished_ = false;  // nothing passes any more, in either direction

    // towards the house
    Time last_to_server_;
    std::string inbound_;  // arrived, not yet handed over (kLines)
    std::string held_;     // arrived, not read: reading is paused
    bool paused_ = false;

    // towards the client
    std::deque<Piece> queue_;
    std::size_t queued_bytes_ = 0;
    std::size_t kernel_used_ = 0;
    Time last_to_client_;
    std::deque<Readable> readable_;
    std::string partial_;
    bool slow_ = false;
    bool finishing_ = false;
    bool goodbye_sent_ = false;
    std::uint16_t finish_code_ = 1006;
    std::string finish_reason_;
};

}  // namespace earshot::sim
