// Which addresses of this machine a browser may reach us at.
#pragma once
#include <vector>

#include "base/address.hpp"

namespace earshot::io {

// For a socket bound to `bound`: that address itself; for a wildcard all addresses of interfaces that are up, IPv4
// first, without link-local ones, and loopback last: the browser on this very machine needs no network.
// At most 16: every one is a candidate in every offer.
std::vector<IpAddress> local_addresses(const IpAddress& bound);

}  // namespace earshot::io
