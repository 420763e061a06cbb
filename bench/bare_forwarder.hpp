// The floor to compare the shard with: the least a fan-out voice server can do. One thread, one UDP socket; every datagram of a
// known sender is encrypted for each other listener under that listener's own key, and sent. No ICE, no RTP rules, no slots.
#pragma once
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <map>
#include <vector>

#include "base/check.hpp"
#include "base/random.hpp"
#include "crypto/srtp.hpp"

namespace earshot::bench {

class BareForwarder {
public:
    static constexpr std::size_t kHeader = 12;

    explicit BareForwarder(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_DGRAM, 0)) {
        sockaddr_in address{.sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {htonl(INADDR_LOOPBACK)}, .sin_zero = {}};
        const int big = 4 << 20;
        const timeval patience{.tv_sec = 0, .tv_usec = 100'000};  // to look at stop_
        ::setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &big, sizeof big);
        ::setsockopt(socket_, SOL_SOCKET, SO_SNDBUF, &big, sizeof big);
        ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        ENSURE(::bind(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
        socklen_t size = sizeof address_;
        ENSURE(::getsockname(socket_, reinterpret_cast<sockaddr*>(&address_), &size) == 0);
        peers_.reserve(4096);
    }
    ~BareForwarder() { ::close(socket_); }
    BareForwarder(const BareForwarder&) = delete;
    BareForwarder& operator=(const BareForwarder&) = delete;

    const sockaddr_in& address() const { return address_; }
    std::uint64_t forwarded() const { return forwarded_.load(std::memory_order_relaxed); }
    void stop() { stop_ = true; }

    // A datagram of one byte registers its sender.
    void run() {
        prepare();
        while (!stop_) {
            for (auto& message : in_) message.msg_hdr.msg_namelen = sizeof(sockaddr_in);
            const int count = ::recvmmsg(socket_, in_.data(), kBatch, MSG_WAITFORONE, nullptr);
            for (int i = 0; i < count; ++i) take(static_cast<std::size_t>(i));
            flush();
        }
    }

private:
    static constexpr std::size_t kBatch = 64, kSlot = 2048;
    struct Peer {
        sockaddr_in address;
        crypto::SrtpOutbound srtp;
        std::uint64_t sequence = 1;
    };

    void prepare() {
        for (std::size_t i = 0; i < kBatch; ++i) {
            in_pieces_[i] = {in_memory_[i].data(), kSlot};
            in_[i].msg_hdr = {.msg_name = &from_[i], .msg_namelen = sizeof from_[i], .msg_iov = &in_pieces_[i], .msg_iovlen = 1, .msg_control = nullptr, .msg_controllen = 0, .msg_flags = 0};
        }
    }
    void take(std::size_t i) {
        const std::uint16_t sender = from_[i].sin_port;
        if (in_[i].msg_len == 1) return add(from_[i]);
        if (in_[i].msg_len <= kHeader || !known_.contains(sender)) return;
        for (auto& peer : peers_) {
            if (peer.address.sin_port != sender) emit(peer, i);
        }
    }
    void add(const sockaddr_in& address) {
        if (!known_.try_emplace(address.sin_port, peers_.size()).second) return;
        crypto::SrtpKeys keys;
        random_.fill(keys.master_key.fill());
        random_.fill(keys.master_salt.fill());
        peers_.push_back({address, crypto::SrtpOutbound{keys}});
    }
    void emit(Peer& peer, std::size_t i) {
        auto& memory = out_memory_[jobs_used_];
        std::memcpy(memory.data(), in_memory_[i].data(), kHeader);
        store_u16(memory.data() + 2, static_cast<std::uint16_t>(peer.sequence));
        const auto payload = static_cast<std::uint16_t>(in_[i].msg_len - kHeader);
        jobs_[jobs_used_] = {.context = &peer.srtp, .packet = memory.data(), .payload = in_memory_[i].data() + kHeader, .header_size = kHeader, .payload_size = payload,
                             .roc = static_cast<std::uint32_t>(peer.sequence++ >> 16)};
        out_pieces_[jobs_used_] = {memory.data(), kHeader + payload + peer.srtp.rtp_overhead()};
        out_[jobs_used_].msg_hdr = {.msg_name = &peer.address, .msg_namelen = sizeof peer.address, .msg_iov = &out_pieces_[jobs_used_], .msg_iovlen = 1, .msg_control = nullptr,
                                    .msg_controllen = 0, .msg_flags = 0};
        if (++jobs_used_ == kBatch) flush();
    }
    void flush() {
        crypto::protect_rtp({jobs_.data(), jobs_used_});
        for (std::size_t sent = 0; sent < jobs_used_;) {
            const int more = ::sendmmsg(socket_, out_.data() + sent, static_cast<unsigned>(jobs_used_ - sent), 0);
            if (more <= 0) break;
            sent += static_cast<std::size_t>(more);
        }
        forwarded_.store(forwarded_.load(std::memory_order_relaxed) + jobs_used_, std::memory_order_relaxed);
        jobs_used_ = 0;
    }

    int socket_;
    sockaddr_in address_{};
    SeededRandom random_{9};
    std::vector<Peer> peers_;
    std::map<std::uint16_t, std::size_t> known_;
    std::array<std::array<std::uint8_t, kSlot>, kBatch> in_memory_, out_memory_;
    std::array<mmsghdr, kBatch> in_{}, out_{};
    std::array<iovec, kBatch> in_pieces_{}, out_pieces_{};
    std::array<sockaddr_in, kBatch> from_{};
    std::array<crypto::ProtectJob, kBatch> jobs_;
    std::size_t jobs_used_ = 0;
    std::atomic<std::uint64_t> forwarded_ = 0;
    std::atomic<bool> stop_ = false;
};

}  // namespace earshot::bench
