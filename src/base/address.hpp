// An IP address with a port: 16 bytes (IPv4 as ::ffff:a.b.c.d), so that it hashes and compares cheaply.
#pragma once
#include <array>
#include <compare>
#include <expected>
#include <string>
#include <string_view>

#include "base/bytes.hpp"

namespace earshot {

struct IpAddress {
    std::array<std::uint8_t, 16> bytes{};  // network order; IPv4 is mapped
    auto operator<=>(const IpAddress&) const = default;

    static IpAddress v4(std::uint8_t a, std::uint8_t b, std::uint8_t c, std::uint8_t d);
    // "192.0.2.1", "2001:db8::1"; no brackets, no zone.
    static std::expected<IpAddress, std::string> parse(std::string_view text);
    bool is_v4() const;
    bool is_loopback() const;
    bool is_any() const;
    std::string text() const;
};

struct SocketAddress {
    IpAddress ip;
    std::uint16_t port = 0;
    auto operator<=>(const SocketAddress&) const = default;

    // "ADDRESS:PORT", "[v6]:PORT".
    static std::expected<SocketAddress, std::string> parse(std::string_view text);
    std::string text() const;
};

}  // namespace earshot

template <>
struct std::hash<earshot::SocketAddress> {
    std::size_t operator()(const earshot::SocketAddress& a) const noexcept {
        const std::uint64_t h = (earshot::load_u64(a.ip.bytes.data()) * 0x9e3779b97f4a7c15ull) ^ (earshot::load_u64(a.ip.bytes.data() + 8) + a.port) * 0xbf58476d1ce4e5b9ull;
        return static_cast<std::size_t>(h ^ h >> 29);
    }
};
