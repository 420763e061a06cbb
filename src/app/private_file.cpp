#include "app/private_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "io/net/socket.hpp"

namespace earshot::app {

std::expected<void, std::string> write_private(const std::string& path, std::string_view text) {
    const auto beside = path + ".new";
    ::unlink(beside.c_str());
    io::Descriptor file(::open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    const bool written = file && ::write(file.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size()) && ::fsync(file.get()) == 0;
    if (written && std::rename(beside.c_str(), path.c_str()) == 0) return {};
    return std::unexpected(fmt::format("cannot write {} ({}): make the data directory writable or choose another with --data", path, std::strerror(errno)));
}

}  // namespace earshot::app
