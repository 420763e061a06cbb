// `earshot ctl`: a socket for the same user's other programs, such as a compositor that binds push-to-talk to a key. Each running
// client has its own; the newest is the one that `earshot ctl` talks to.
#pragma once
#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "io/net/asio.hpp"

namespace earshot::client {

class ControlSocket {
public:
    static constexpr std::size_t kMostGuests = 16;
    static constexpr Duration kGuestStays = 5s;
    // A line of a guest; what is returned is his answer, without its newline.
    using Answer = std::function<std::string(std::string_view line)>;

    // The error is a sentence; a client runs on without.
    static std::expected<std::unique_ptr<ControlSocket>, std::string> open(io::asio::io_context& context, Answer answer);
    ~ControlSocket();

private:
    struct Impl;
    explicit ControlSocket(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

// The other side: says one line to the newest running client and gives its answer. The error says that none runs.
std::expected<std::string, std::string> ask_running_client(std::string_view line);

}  // namespace earshot::client
