// Who may hold how many connections. One person's address is an IPv4 address or an IPv6 /64, which is what one
// household gets. Loopback is many people behind a proxy, and our own load tests: it has a limit of its own.
#pragma once
#include <cstddef>
#include <unordered_map>

#include "base/address.hpp"

namespace earshot::io {

class Admission {
public:
    struct Limits {
        std::size_t total = 8192;
        std::size_t per_address = 64;
        std::size_t per_loopback = 4096;
    };
    explicit Admission(Limits limits) : limits_(limits) {}

    // False: refuse. True: leave() is owed.
    bool admit(const IpAddress& who) {
        auto& count = counts_[key(who)];
        if (total_ >= limits_.total || count >= (who.is_loopback() ? limits_.per_loopback : limits_.per_address)) {
            if (count == 0) counts_.erase(key(who));
            return false;
        }
        ++count;
        ++total_;
        return true;
    }
    void leave(const IpAddress& who) {
        const auto it = counts_.find(key(who));
        if (it == counts_.end()) return;
        --total_;
        if (--it->second == 0) counts_.erase(it);
    }
    std::size_t total() const { return total_; }

private:
    static SocketAddress key(IpAddress who) {
        if (!who.is_v4()) std::fill(who.bytes.begin() + 8, who.bytes.end(), std::uint8_t{0});
        return {who, 0};
    }
    Limits limits_;
    std::unordered_map<SocketAddress, std::size_t> counts_;
    std::size_t total_ = 0;
};

}  // namespace earshot::io
