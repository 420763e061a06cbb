#include "app/certificate_files.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <iterator>

#include "app/private_file.hpp"
#include "crypto/certificate.hpp"
#include "io/net/local_addresses.hpp"

namespace earshot::app {
namespace {

constexpr int kDays = 397;  // browsers distrust longer ones
constexpr WallMs kRenewBefore = 14LL * 24 * 3600 * 1000;

std::string read_all(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::string> names_of_this_machine(const Config& config) {
    std::vector<std::string> names{"localhost"};
    char host[256]{};
    if (::gethostname(host, sizeof host - 1) == 0 && host[0] != '\0') names.emplace_back(host);
    for (const auto& ip : io::local_addresses(config.web_tls->ip)) names.push_back(ip.text());
    if (config.public_address) names.push_back(config.public_address->text());
    names.insert(names.end(), config.hosts.begin(), config.hosts.end());
    std::vector<std::string> once;
    for (auto& name : names)
        if (std::ranges::find(once, name) == once.end()) once.push_back(std::move(name));
    if (once.size() > 100) once.resize(100);
    return once;
}

bool is_good(const std::string& certificate, const std::string& key, WallMs now) {
    if (::access(key.c_str(), R_OK) != 0) return false;
    const auto facts = crypto::read_certificate(read_all(certificate));
    return facts && facts->not_after > now + kRenewBefore;
}

}  // namespace

std::expected<io::TlsContext, std::string> open_tls(const Config& config, WallMs now, std::string& notes) {
    if (!config.certificate.empty()) return io::TlsContext::load(config.certificate, config.key);
    const auto certificate = config.data_directory + "/tls.pem", key = config.data_directory + "/tls.key";
    if (!is_good(certificate, key, now)) {
        const auto names = names_of_this_machine(config);
        auto made = crypto::make_tls_certificate(names, now, kDays);
        if (!made) made = crypto::make_tls_certificate(std::span(names).first(1), now, kDays);  // a host name that is none
        if (!made) return std::unexpected(made.error());
        if (auto done = write_private(key, made->key_pem); !done) return std::unexpected(done.error());
        if (auto done = write_private(certificate, made->certificate_pem); !done) return std::unexpected(done.error());
        notes = fmt::format("made a self-signed certificate: {}", certificate);
    }
    return io::TlsContext::load(certificate, key);
}

}  // namespace earshot::app
