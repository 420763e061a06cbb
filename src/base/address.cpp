#include "base/address.hpp"

#include <arpa/inet.h>

#include <charconv>

namespace earshot {
namespace {
constexpr std::array<std::uint8_t, 12> kV4Prefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
}

IpAddress IpAddress::v4(std::uint8_t a, std::uint8_t b, std::uint8_t c, std::uint8_t d) {
    IpAddress ip;
    std::copy(kV4Prefix.begin(), kV4Prefix.end(), ip.bytes.begin());
    ip.bytes[12] = a, ip.bytes[13] = b, ip.bytes[14] = c, ip.bytes[15] = d;
    return ip;
}

bool IpAddress::is_v4() const { return std::equal(kV4Prefix.begin(), kV4Prefix.end(), bytes.begin()); }

bool IpAddress::is_loopback() const {
    if (is_v4()) return bytes[12] == 127;
    IpAddress one;
    one.bytes[15] = 1;
    return *this == one;
}

bool IpAddress::is_any() const { return is_v4() ? load_u32(bytes.data() + 12) == 0 : *this == IpAddress{}; }

std::expected<IpAddress, std::string> IpAddress::parse(std::string_view text) {
    const std::string copy(text.substr(0, 64));
    std::array<std::uint8_t, 4> four{};
    if (inet_pton(AF_INET, copy.c_str(), four.data()) == 1) return v4(four[0], four[1], four[2], four[3]);
    IpAddress ip;
    if (inet_pton(AF_INET6, copy.c_str(), ip.bytes.data()) == 1) return ip;
    return std::unexpected("'" + copy + "' is not an IP address");
}

std::string IpAddress::text() const {
    char buffer[INET6_ADDRSTRLEN];
    if (is_v4())
        inet_ntop(AF_INET, bytes.data() + 12, buffer, sizeof buffer);
    else
        inet_ntop(AF_INET6, bytes.data(), buffer, sizeof buffer);
    return buffer;
}

std::expected<SocketAddress, std::string> SocketAddress::parse(std::string_view text) {
    const auto wrong = [&] { return std::unexpected("'" + std::string(text.substr(0, 80)) + "' is not ADDRESS:PORT (for example 127.0.0.1:8080 or [::1]:8080)"); };
    const auto colon = text.rfind(':');
    if (colon == std::string_view::npos) return wrong();
    auto host = text.substr(0, colon);
    const auto digits = text.substr(colon + 1);
    if (host.size() >= 2 && host.front() == '[' && host.back() == ']')
        host = host.substr(1, host.size() - 2);
    else if (host.find(':') != std::string_view::npos)
        return wrong();
    SocketAddress address;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), address.port);
    if (digits.empty() || error != std::errc{} || end != digits.data() + digits.size()) return wrong();
    const auto ip = IpAddress::parse(host);
    if (!ip) return wrong();
    address.ip = *ip;
    return address;
}

std::string SocketAddress::text() const { return (ip.is_v4() ? ip.text() : "[" + ip.text() + "]") + ":" + std::to_string(port); }

}  // namespace earshot
