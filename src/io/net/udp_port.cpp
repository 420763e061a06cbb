#include "io/net/udp_port.hpp"

#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "io/net/path_groups.hpp"

namespace earshot::io {
namespace {

constexpr std::size_t kMessages = 256;       // of one sendmmsg
constexpr std::size_t kMostSegments = 64;    // of one segmented send: UDP_MAX_SEGMENTS of older kernels
constexpr std::size_t kMostSegmented = 60000;  // bytes of one segmented send; an IP packet ends at 65535
constexpr std::size_t kLargestSegment = 1400;  // a segment must fit the path's MTU, or the kernel refuses the whole

constexpr std::size_t kArrivalSpace = CMSG_SPACE(sizeof(in6_pktinfo));
constexpr std::size_t kSendSpace = CMSG_SPACE(sizeof(in6_pktinfo)) + CMSG_SPACE(sizeof(std::uint16_t));

// Appends control messages to a buffer of a msghdr.
class ControlWriter {
public:
    ControlWriter(msghdr& header, std::uint8_t* buffer) : header_(header), buffer_(buffer) {
        header_.msg_control = nullptr;
        header_.msg_controllen = 0;
    }
    template <typename T>
    void add(int level, int type, const T& value) {
        cmsghdr head{};
        head.cmsg_level = level;
        head.cmsg_type = type;
        head.cmsg_len = CMSG_LEN(sizeof(T));
        auto* at = buffer_ + header_.msg_controllen;
        std::memcpy(at, &head, sizeof head);
        std::memcpy(at + CMSG_LEN(0), &value, sizeof value);
        header_.msg_control = buffer_;
        header_.msg_controllen += CMSG_SPACE(sizeof(T));
    }

private:
    msghdr& header_;
    std::uint8_t* buffer_;
};

IpAddress arrival_address(msghdr& header) {
    IpAddress ip;
    for (auto* c = CMSG_FIRSTHDR(&header); c; c = CMSG_NXTHDR(&header, c)) {
        if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
            in_pktinfo info{};
            std::memcpy(&info, CMSG_DATA(c), sizeof info);
            ip = IpAddress::v4(0, 0, 0, 0);
            std::memcpy(ip.bytes.data() + 12, &info.ipi_addr, 4);
        } else if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO) {
            in6_pktinfo info{};
            std::memcpy(&info, CMSG_DATA(c), sizeof info);
            std::memcpy(ip.bytes.data(), &info.ipi6_addr, 16);
        }
    }
    return ip;
}

void leave_from(ControlWriter& control, const IpAddress& local, bool v6_socket) {
    if (v6_socket) {
        in6_pktinfo info{};
        std::memcpy(&info.ipi6_addr, local.bytes.data(), 16);
        control.add(IPPROTO_IPV6, IPV6_PKTINFO, info);
    } else if (local.is_v4()) {
        in_pktinfo info{};
        std::memcpy(&info.ipi_spec_dst, local.bytes.data() + 12, 4);
        control.add(IPPROTO_IP, IP_PKTINFO, info);
    }
}

}  // namespace

struct UdpPort::Impl {
    Impl(Bound b, std::size_t most_items) : bound(std::move(b)), v6(!bound.address.ip.is_v4()), wildcard(bound.address.ip.is_any()), groups(most_items), pieces(most_items) { prepare_receive(); }

    void prepare_receive();
    void reset_arrival(std::size_t i);
    void add_message(port::SendArena& arena, std::uint32_t first, std::size_t count);
    void add_path(port::SendArena& arena, std::uint32_t first);
    void flush();
    bool passed(mmsghdr& message);
    bool send_one_by_one(const msghdr& message);

    Bound bound;
    bool v6, wildcard, segmented = true;

    std::array<std::array<std::uint8_t, kLargestDatagram>, kBatch> memory;
    std::array<mmsghdr, kBatch> arrivals{};
    std::array<iovec, kBatch> arrival_pieces{};
    std::array<sockaddr_storage, kBatch> arrival_names{};
    alignas(cmsghdr) std::array<std::array<std::uint8_t, kArrivalSpace>, kBatch> arrival_controls{};
    std::array<port::Path, kBatch> paths{};
    std::array<port::Datagram, kBatch> datagrams{};

    PathGroups groups;
    std::vector<iovec> pieces;  // of the messages being gathered
    std::size_t used_pieces = 0;
    std::array<mmsghdr, kMessages> messages{};
    std::array<RawAddress, kMessages> names{};
    alignas(cmsghdr) std::array<std::array<std::uint8_t, kSendSpace>, kMessages> controls{};
    std::size_t used_messages = 0;
    std::size_t dropped = 0;
};

void UdpPort::Impl::prepare_receive() {
    for (std::size_t i = 0; i < kBatch; ++i) {
        arrival_pieces[i] = {memory[i].data(), memory[i].size()};
        auto& header = arrivals[i].msg_hdr;
        header.msg_name = &arrival_names[i];
        header.msg_iov = &arrival_pieces[i];
        header.msg_iovlen = 1;
        header.msg_control = arrival_controls[i].data();
        reset_arrival(i);
    }
}

void UdpPort::Impl::reset_arrival(std::size_t i) {
    arrivals[i].msg_hdr.msg_namelen = sizeof(sockaddr_storage);
    arrivals[i].msg_hdr.msg_controllen = wildcard ? kArrivalSpace : 0;
}

std::span<port::Datagram> UdpPort::receive() {
    auto& own = *impl_;
    const int got = ::recvmmsg(own.bound.socket.get(), own.arrivals.data(), kBatch, MSG_DONTWAIT, nullptr);
    if (got <= 0) return {};  // nothing, or news of an unreachable listener that the next call has forgotten
    for (std::size_t i = 0; i < static_cast<std::size_t>(got); ++i) {
        own.paths[i] = {port::Transport::kUdp, from_raw(own.arrival_names[i]), own.wildcard ? arrival_address(own.arrivals[i].msg_hdr) : own.bound.address.ip, 0};
        own.datagrams[i] = {&own.paths[i], MutableBytes{own.memory[i].data(), own.arrivals[i].msg_len}};
        own.reset_arrival(i);
    }
    return {own.datagrams.data(), static_cast<std::size_t>(got)};
}

// `count` items of the chain from `first`, as one message; more than one are segments of equal size, the last may be shorter.
void UdpPort::Impl::add_message(port::SendArena& arena, std::uint32_t first, std::size_t count) {
    if (used_messages == kMessages || used_pieces + count > pieces.size()) flush();
    const auto& path = arena.items()[first].path;
    auto& header = messages[used_messages].msg_hdr;
    header = {};
    header.msg_iov = &pieces[used_pieces];
    header.msg_iovlen = count;
    for (auto i = first; count-- > 0; i = groups.next(i)) {
        const auto bytes = arena.bytes(arena.items()[i]);
        pieces[used_pieces++] = {bytes.data(), bytes.size()};
    }
    names[used_messages] = raw_address(path.remote, v6);
    header.msg_name = names[used_messages].get();
    header.msg_namelen = names[used_messages].size;
    ControlWriter control(header, controls[used_messages].data());
    if (wildcard && !path.local.is_any()) leave_from(control, path.local, v6);
    if (header.msg_iovlen > 1) control.add(SOL_UDP, UDP_SEGMENT, static_cast<std::uint16_t>(header.msg_iov->iov_len));
    ++used_messages;
}

// Cuts one path's chain into runs that the kernel can segment.
void UdpPort::Impl::add_path(port::SendArena& arena, std::uint32_t first) {
    const auto items = arena.items();
    for (auto at = first; at != PathGroups::kEnd;) {
        const std::size_t size = items[at].size;
        std::size_t count = 1, total = size;
        auto next = groups.next(at);
        while (segmented && size <= kLargestSegment && next != PathGroups::kEnd && count < kMostSegments && items[next].size <= size && items[next].size > 0 && total + size <= kMostSegmented) {
            const bool shorter = items[next].size < size;
            total += items[next].size;
            ++count;
            next = groups.next(next);
            if (shorter) break;
        }
        add_message(arena, at, count);
        at = next;
    }
}

// One datagram each: for paths whose device cannot segment.
bool UdpPort::Impl::send_one_by_one(const msghdr& message) {
    for (std::size_t i = 0; i < message.msg_iovlen; ++i) {
        alignas(cmsghdr) std::array<std::uint8_t, kSendSpace> space{};
        msghdr single = message;
        single.msg_iov = message.msg_iov + i;
        single.msg_iovlen = 1;
        // The address to leave from stands first; the segment size behind it is left out.
        const std::size_t kept = message.msg_controllen - CMSG_SPACE(sizeof(std::uint16_t));
        if (kept > 0) std::memcpy(space.data(), message.msg_control, kept);
        single.msg_control = kept > 0 ? space.data() : nullptr;
        single.msg_controllen = kept;
        if (::sendmsg(bound.socket.get(), &single, MSG_DONTWAIT) < 0 && errno == EAGAIN) return false;
    }
    return true;
}

// After an error at `message`: true when the rest may go on.
bool UdpPort::Impl::passed(mmsghdr& message) {
    if (errno == EINTR) return true;
    if (errno == EAGAIN || errno == ENOBUFS) return false;
    if (message.msg_hdr.msg_iovlen > 1 && (errno == EIO || errno == EINVAL || errno == EMSGSIZE)) {
        segmented = segmented && errno != EIO;  // EIO: this device computes no checksums, it never will
        return send_one_by_one(message.msg_hdr);
    }
    return true;  // one listener is unreachable; the others are not
}

void UdpPort::Impl::flush() {
    std::size_t at = 0;
    while (at < used_messages) {
        const int sent = ::sendmmsg(bound.socket.get(), &messages[at], static_cast<unsigned>(used_messages - at), MSG_DONTWAIT);
        if (sent > 0) {
            at += static_cast<std::size_t>(sent);
            continue;
        }
        const bool again = errno == EINTR;
        if (!passed(messages[at])) break;
        if (!again) ++at;
    }
    for (; at < used_messages; ++at) dropped += messages[at].msg_hdr.msg_iovlen;
    used_messages = used_pieces = 0;
}

std::size_t UdpPort::send(port::SendArena& arena) {
    impl_->dropped = 0;
    impl_->groups.build(arena.items());
    for (const auto first : impl_->groups.firsts()) impl_->add_path(arena, first);
    impl_->flush();
    return impl_->dropped;
}

UdpPort::UdpPort(Bound bound, std::size_t most_items) : impl_(std::make_unique<Impl>(std::move(bound), most_items)) {}
UdpPort::~UdpPort() = default;
int UdpPort::descriptor() const { return impl_->bound.socket.get(); }
const SocketAddress& UdpPort::address() const { return impl_->bound.address; }

}  // namespace earshot::io
