// What a media shard asks of the network, and the network of it. Datagrams live in memory of the
// caller; what goes out is written into a SendArena, one system call for the whole turn.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "base/address.hpp"
#include "base/bytes.hpp"
#include "base/check.hpp"
#include "base/deadline.hpp"

namespace earshot::port {

enum class Transport : std::uint8_t { kUdp, kTcp };

// Where a datagram comes from or goes to: a UDP 5-tuple, or one TCP connection (RFC 4571 frames).
struct Path {
    Transport transport = Transport::kUdp;
    SocketAddress remote;
    IpAddress local;            // the address of ours it arrived at (UDP: replies leave from it); any-address when unknown
    std::uint32_t tcp = 0;      // TCP: the connection's number, never reused within a run; 0 for UDP
    bool operator==(const Path&) const = default;
};

struct Datagram {
    const Path* path = nullptr;
    MutableBytes bytes;  // may be decrypted in place
};

// Room for what one turn sends. No allocation after construction. A turn that needs more calls flush(): a driver that said
// how (when_full) then sends what is there and clears; without one, what does not fit is dropped and counted.
// Every item is one datagram, on a TCP path too: whoever carries it out puts the RFC 4571 length before it.
class SendArena {
public:
    static constexpr std::size_t kSlotSize = 1536;  // one datagram with its protection
    struct Item {
        Path path;
        std::uint32_t offset = 0;
        std::uint32_t size = 0;
    };

    // The memory is not touched before it is used: an idle arena costs address space only.
    explicit SendArena(std::size_t slots = 1024) : memory_(std::make_unique_for_overwrite<std::uint8_t[]>(slots * kSlotSize)), capacity_(slots * kSlotSize) { items_.reserve(slots); }

    // At least `size` writable bytes for the next datagram, or an empty span when the arena is full. Nothing
    // is sent until commit().
    MutableBytes reserve(std::size_t size) {
        if (items_.size() == items_.capacity() || used_ + size > capacity_) return {};
        return {memory_.get() + used_, capacity_ - used_};
    }
    void commit(const Path& path, std::size_t size) {
        ENSURE(items_.size() < items_.capacity() && used_ + size <= capacity_);
        items_.push_back({path, static_cast<std::uint32_t>(used_), static_cast<std::uint32_t>(size)});
        used_ += (size + 15) & ~std::size_t{15};
        if (used_ > capacity_) used_ = capacity_;
    }
    std::span<const Item> items() const { return items_; }
    MutableBytes bytes(const Item& item) { return {memory_.get() + item.offset, item.size}; }
    std::size_t free_items() const { return items_.capacity() - items_.size(); }

    // Whoever drives the machine says once how the arena is emptied in the middle of a turn; it must clear() it.
    void when_full(std::function<void(SendArena&)> send) { send_ = std::move(send); }
    // True when there is room again. Every committed datagram must be complete (protected) before the call.
    bool flush() {
        if (!send_) return false;
        send_(*this);
        return items_.empty();
    }
    void clear() {
        items_.clear();
        used_ = 0;
    }

private:
    std::unique_ptr<std::uint8_t[]> memory_;
    std::size_t capacity_;
    std::vector<Item> items_;
    std::size_t used_ = 0;
    std::function<void(SendArena&)> send_;
};

// The media side as io and the simulator drive it. One thread calls it.
class MediaMachine {
public:
    virtual ~MediaMachine() = default;
    // Orders from the control side are waiting in the mailbox.
    virtual void drain(Now now, SendArena& out) = 0;
    virtual void receive(Now now, std::span<Datagram> batch, SendArena& out) = 0;
    // A TCP connection of the media port: bytes of the stream as they come, RFC 4571 lengths among them;
    // closed = it is gone (no reply possible).
    virtual void tcp_receive(Now now, const Path& path, Bytes bytes, SendArena& out) = 0;
    virtual void tcp_closed(Now now, const Path& path) = 0;
    // TCP connections that the machine wants closed since the last call.
    virtual std::vector<std::uint32_t> tcp_to_close() = 0;
    virtual void tick(Now now, SendArena& out) = 0;
    virtual Deadline deadline() const = 0;
};

}  // namespace earshot::port
