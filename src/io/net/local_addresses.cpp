#include "io/net/local_addresses.hpp"

#include <ifaddrs.h>
#include <net/if.h>

#include <algorithm>
#include <cstring>

#include "io/net/socket.hpp"

namespace earshot::io {
namespace {

constexpr std::size_t kMost = 16;

bool is_link_local(const IpAddress& ip) {
    if (ip.is_v4()) return ip.bytes[12] == 169 && ip.bytes[13] == 254;
    return ip.bytes[0] == 0xfe && (ip.bytes[1] & 0xc0) == 0x80;
}

std::vector<IpAddress> all_up() {
    std::vector<IpAddress> found;
    ifaddrs* list = nullptr;
    if (::getifaddrs(&list) != 0) return found;
    for (const auto* at = list; at; at = at->ifa_next) {
        if (!at->ifa_addr || !(at->ifa_flags & IFF_UP)) continue;
        if (at->ifa_addr->sa_family != AF_INET && at->ifa_addr->sa_family != AF_INET6) continue;
        sockaddr_storage raw{};
        std::memcpy(&raw, at->ifa_addr, at->ifa_addr->sa_family == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6));
        found.push_back(from_raw(raw).ip);
    }
    ::freeifaddrs(list);
    return found;
}

}  // namespace

std::vector<IpAddress> local_addresses(const IpAddress& bound) {
    if (!bound.is_any()) return {bound};
    auto found = all_up();
    std::erase_if(found, [&](const IpAddress& ip) { return is_link_local(ip) || ip.is_loopback() || ip.is_any() || (bound.is_v4() && !ip.is_v4()); });
    std::ranges::stable_sort(found, [](const IpAddress& a, const IpAddress& b) { return a.is_v4() && !b.is_v4(); });
    found.erase(std::unique(found.begin(), found.end()), found.end());
    if (found.size() > kMost - 1) found.resize(kMost - 1);
    found.push_back(IpAddress::v4(127, 0, 0, 1));
    return found;
}

}  // namespace earshot::io
