// What one turn of the media side sends: datagrams in the arena, and the protection they still need. RTP packets are
// encrypted straight into the arena, all of a turn in one batch.
#pragma once
#include <algorithm>
#include <cstdint>
#include <vector>

#include "base/counters.hpp"
#include "crypto/srtp.hpp"
#include "port/media.hpp"

namespace earshot::rtc {

class Outbox {
public:
    // `jobs` is memory kept from turn to turn; it is emptied here.
    Outbox(port::SendArena& arena, std::vector<crypto::ProtectJob>& jobs, Counters& counters) : arena_(arena), jobs_(jobs), counters_(counters) { jobs_.clear(); }
    ~Outbox() { finish(); }
    Outbox(const Outbox&) = delete;
    Outbox& operator=(const Outbox&) = delete;

    // Room for one datagram of up to `size` bytes. Empty (and counted) when the arena is full and cannot be sent now.
    MutableBytes reserve(std::size_t size) {
        auto room = arena_.reserve(size);
        if (!room.empty()) [[likely]] return room;
        finish();
        if (arena_.flush()) room = arena_.reserve(size);
        if (room.empty()) counters_.add(Counter::dropped_send_full);
        return room;
    }
    void commit(const port::Path& path, std::size_t size) {
        arena_.commit(path, size);
        ++sent_;
        sent_bytes_ += size;
    }
    void send(const port::Path& path, Bytes datagram) {
        const auto room = reserve(datagram.size());
        if (room.empty()) return;
        std::copy(datagram.begin(), datagram.end(), room.begin());
        commit(path, datagram.size());
    }
    // The job's packet was committed. Its context and its payload live until finish().
    void protect(const crypto::ProtectJob& job) { jobs_.push_back(job); }
    // Everything committed is complete after this. Must come before a context or an incoming datagram dies.
    void finish() {
        if (!jobs_.empty()) crypto::protect_rtp(jobs_);
        jobs_.clear();
        counters_.add(Counter::packets_out, sent_);
        counters_.add(Counter::media_bytes_out, sent_bytes_);
        sent_ = sent_bytes_ = 0;
    }
    Counters& counters() { return counters_; }

private:
    port::SendArena& arena_;
    std::vector<crypto::ProtectJob>& jobs_;
    Counters& counters_;
    std::uint64_t sent_ = 0;
    std::uint64_t sent_bytes_ = 0;
};

}  // namespace earshot::rtc
