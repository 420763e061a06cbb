#include "app/operator_key.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>

#include "app/private_file.hpp"
#include "io/net/local_addresses.hpp"

namespace earshot::app {
namespace {

bool is_key(const std::string& text) {
    const auto is_digit = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
    return text.size() == 2 * kOperatorKeyBytes && std::ranges::all_of(text, is_digit);
}

std::string host_of(const IpAddress& ip) { return ip.is_v4() ? ip.text() : fmt::format("[{}]", ip.text()); }

}  // namespace

std::string operator_key_file(const std::string& data_directory) { return data_directory + "/operator.key"; }

std::expected<std::string, std::string> read_operator_key(const std::string& data_directory) {
    const auto path = operator_key_file(data_directory);
    std::ifstream file(path, std::ios::binary);
    if (!file) return std::unexpected(fmt::format("cannot read {}: earshotd makes it when it first starts, for the user it runs as", path));
    std::string key(2 * kOperatorKeyBytes + 1, '\0');
    file.read(key.data(), static_cast<std::streamsize>(key.size()));
    key.resize(static_cast<std::size_t>(file.gcount()));
    if (key.ends_with('\n')) key.pop_back();
    if (!is_key(key)) return std::unexpected(fmt::format("{} holds no key: remove it, and earshotd makes another when it starts", path));
    return key;
}

std::expected<std::string, std::string> open_operator_key(const std::string& data_directory, Random& random, std::string& note) {
    const auto path = operator_key_file(data_directory);
    struct stat facts {};
    if (::stat(path.c_str(), &facts) == 0) {
        if ((facts.st_mode & 077) != 0) note = fmt::format("others may read {}: chmod 600 it, or remove it to get another key", path);
        return read_operator_key(data_directory);
    }
    auto key = random.hex(kOperatorKeyBytes);
    if (auto done = write_private(path, key + "\n"); !done) return std::unexpected(done.error());
    return key;
}

std::expected<std::string, std::string> operator_link(const Config& config) {
    const auto key = read_operator_key(config.data_directory);
    if (!key) return std::unexpected(key.error());
    const auto link = [&](std::string_view scheme, std::string_view host, std::uint16_t port) {
        return fmt::format("{}://{}:{}/#operator={}", scheme, host, port, *key);
    };
    if (config.web_tls && config.web_tls->port != 0) {
        const auto host = !config.hosts.empty() ? config.hosts.front() : host_of(io::local_addresses(config.web_tls->ip).front());
        if (!config.web || config.web->port == 0 || !config.hosts.empty()) return link("https", host, config.web_tls->port);
    }
    if (config.web && config.web->port != 0)
        return link("http", config.web->ip.is_loopback() || config.web->ip.is_any() ? "localhost" : host_of(config.web->ip), config.web->port);
    return std::unexpected("there is no link: neither web nor web-tls listens on a port that is known beforehand");
}

}  // namespace earshot::app
