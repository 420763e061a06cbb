// Where a hosted house keeps what it forgets afterwards: a folder of its own among the temporary ones. A lock in it is held by the host and by
// his daemon for as long as either lives, however they die; so what a killed one left behind is known by its lock, and swept away.
#pragma once
#include <expected>
#include <filesystem>
#include <string>
#include <utility>

#include "io/net/socket.hpp"

namespace earshot::client {

class HostedFolder {
public:
    // `parent`: where temporary folders are. The error is a sentence.
    static std::expected<HostedFolder, std::string> make(const std::filesystem::path& parent);
    // Removes those of this user's that nobody holds any more; others', and what only looks like one, is left alone. How many.
    static int sweep(const std::filesystem::path& parent);

    HostedFolder() = default;
    HostedFolder(HostedFolder&& other) noexcept { *this = std::move(other); }
    HostedFolder& operator=(HostedFolder&& other) noexcept;
    ~HostedFolder();

    const std::filesystem::path& path() const { return path_; }
    // To be inherited by the daemon.
    int lock() const { return lock_.get(); }

private:
    void remove();
    std::filesystem::path path_;
    io::Descriptor lock_;
};

}  // namespace earshot::client
