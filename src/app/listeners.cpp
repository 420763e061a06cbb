#include "app/listeners.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "engine/limits.hpp"
#include "io/net/local_addresses.hpp"

namespace earshot::app {
namespace {

using Opened = std::expected<io::Bound, std::string>;

// Opens into `place`; the sentence when it fails, empty otherwise.
template <typename Open>
std::string into(std::optional<io::Bound>& place, const Listener& wanted, std::string_view flag, Open open) {
    if (!wanted) return {};
    auto bound = open(*wanted, flag);
    if (!bound) return fmt::format("{} {}", flag, bound.error());
    place = std::move(*bound);
    return {};
}

// UDP and TCP on one port; with port 0 another is drawn when TCP's is taken.
std::string open_both(std::optional<io::Bound>& udp, std::optional<io::Bound>& tcp, const Listener& wanted, std::string_view flag) {
    if (!wanted) return {};
    std::string trouble;
    for (int attempt = 0; attempt < 20; ++attempt) {
        udp.reset();
        if (trouble = into(udp, wanted, flag, io::bind_udp); !trouble.empty()) return trouble;
        if (trouble = into(tcp, Listener(udp->address), flag, io::listen_tcp); trouble.empty() || wanted->port != 0) return trouble;
    }
    return trouble;
}

std::string open_stream(Listeners& listeners, std::size_t number, const Listener& wanted) {
    const auto& door = port::kStreamDoors[number];
    auto& tcp = listeners.streams[number];
    return door.door == port::Door::kVoix ? open_both(listeners.voix_udp, tcp, wanted, door.flag) : into(tcp, wanted, door.flag, io::listen_tcp);
}

// Small buffers in the kernel: what waits there is delay.
std::string open_voice(std::optional<io::Bound>& place, const Config& config, const Listener& wanted, std::string_view flag) {
    if (!config.media) return {};
    auto trouble = into(place, wanted, flag, io::listen_tcp);
    if (place) io::set_buffers(place->socket.get(), engine::limits::kVoiceSocketBuffer);
    return trouble;
}

std::string open_pairs(Listeners& listeners, const Config& config) {
    if (auto trouble = open_voice(listeners.plain_voice, config, config.plain_voice, "--plain-voice"); !trouble.empty()) return trouble;
    for (const auto& wanted : config.more_plain) {
        auto& pair = listeners.more_plain.emplace_back();
        if (auto trouble = into(pair.text, wanted.text, "plain.more text", io::listen_tcp); !trouble.empty()) return trouble;
        if (auto trouble = open_voice(pair.voice, config, wanted.voice, "plain.more voice"); !trouble.empty()) return trouble;
    }
    return {};
}

void add(std::vector<SocketAddress>& candidates, const Config& config, const std::optional<io::Bound>& bound) {
    if (!bound) return;
    const auto once = [&](const IpAddress& ip) {
        const SocketAddress candidate{ip, bound->address.port};
        if (std::ranges::find(candidates, candidate) == candidates.end()) candidates.push_back(candidate);
    };
    if (config.public_address) once(*config.public_address);
    for (const auto& ip : io::local_addresses(bound->address.ip)) once(ip);
}

std::string link(std::string_view scheme, std::string_view host, std::uint16_t port) { return fmt::format("{}://{}:{}/", scheme, host, port); }

std::string host_in_link(const IpAddress& ip) { return ip.is_v4() ? ip.text() : "[" + ip.text() + "]"; }

}  // namespace

std::expected<Listeners, std::string> open_listeners(const Config& config) {
    Listeners listeners;
    for (const auto& trouble :
         {into(listeners.web, config.web, "--web", io::listen_tcp), into(listeners.web_tls, config.web_tls, "--web-tls", io::listen_tcp),
          open_both(listeners.media_udp, listeners.media_tcp, config.media, "--media"), into(listeners.metrics, config.metrics, "--metrics", io::listen_tcp)})
        if (!trouble.empty()) return std::unexpected(trouble);
    for (std::size_t i = 0; i < port::kStreamDoors.size(); ++i)
        if (const auto trouble = open_stream(listeners, i, config.streams[i]); !trouble.empty()) return std::unexpected(trouble);
    if (const auto trouble = open_pairs(listeners, config); !trouble.empty()) return std::unexpected(trouble);
    return listeners;
}

bool Listeners::bare_voice() const {
    return plain_voice || std::ranges::any_of(more_plain, [](const Pair& pair) { return pair.voice.has_value(); });
}

std::vector<std::string> describe(const Listeners& listeners) {
    std::vector<std::string> lines;
    const auto say = [&](std::string_view name, const std::optional<io::Bound>& bound) {
        if (bound) lines.push_back(fmt::format("listening {} {}", name, bound->address.text()));
    };
    say("web", listeners.web);
    say("web-tls", listeners.web_tls);
    say("media", listeners.media_udp);
    for (std::size_t i = 0; i < port::kStreamDoors.size(); ++i) say(port::kStreamDoors[i].name(), listeners.streams[i]);
    say("plain-voice", listeners.plain_voice);
    for (std::size_t i = 0; i < listeners.more_plain.size(); ++i) {
        say(fmt::format("plain-text-{}", i + 2), listeners.more_plain[i].text);
        say(fmt::format("plain-voice-{}", i + 2), listeners.more_plain[i].voice);
    }
    say("metrics", listeners.metrics);
    return lines;
}

std::vector<std::string> links(const Listeners& listeners) {
    std::vector<std::string> lines;
    if (listeners.web) {
        const auto& at = listeners.web->address;
        lines.push_back("on this machine: " + link("http", at.ip.is_loopback() || at.ip.is_any() ? "localhost" : host_in_link(at.ip), at.port));
    }
    if (listeners.web_tls) {
        const auto& at = listeners.web_tls->address;
        const auto reachable = io::local_addresses(at.ip);
        lines.push_back("for others:      " + link("https", host_in_link(reachable.front()), at.port));
    }
    return lines;
}

engine::MediaAddresses media_addresses(const Config& config, const Listeners& listeners) {
    engine::MediaAddresses addresses;
    if (!listeners.media_udp) return addresses;
    add(addresses.udp, config, listeners.media_udp);
    add(addresses.tcp, config, listeners.media_tcp);
    add(addresses.tcp, config, listeners.web_tls);  // the port that firewalls let out
    return addresses;
}

}  // namespace earshot::app
