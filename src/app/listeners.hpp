// The sockets that the configuration asks for, open, before anything is built on them.
#pragma once
#include <array>
#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "app/config.hpp"
#include "engine/settings.hpp"
#include "io/net/socket.hpp"
#include "port/doors.hpp"

namespace earshot::app {

struct Listeners {
    std::optional<io::Bound> web, web_tls, metrics, media_udp, media_tcp, voix_udp;
    std::array<std::optional<io::Bound>, port::kStreamDoors.size()> streams;
    // Voice of the plain front, and its further pairs of ports. Only with media: without it nobody could hear them.
    std::optional<io::Bound> plain_voice;
    struct Pair {
        std::optional<io::Bound> text, voice;
    };
    std::vector<Pair> more_plain;
    bool bare_voice() const;
};
std::expected<Listeners, std::string> open_listeners(const Config& config);

// "listening web 127.0.0.1:8080", a line for each.
std::vector<std::string> describe(const Listeners& listeners);
// Where people go: the localhost link first, then the one for others.
std::vector<std::string> links(const Listeners& listeners);
// What browsers are told about our media port: the public address first, then every local one.
engine::MediaAddresses media_addresses(const Config& config, const Listeners& listeners);

}  // namespace earshot::app
