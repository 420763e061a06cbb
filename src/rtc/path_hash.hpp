// Paths as keys of tables.
#pragma once
#include <functional>

#include "port/media.hpp"

namespace earshot::rtc {

struct PathHash {
    std::size_t operator()(const port::Path& path) const noexcept {
        return std::hash<SocketAddress>{}(path.remote) ^ (path.tcp * std::size_t{0x9e3779b97f4a7c15ull});
    }
};

}  // namespace earshot::rtc
