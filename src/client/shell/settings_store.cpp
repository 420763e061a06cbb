#include "client/shell/settings_store.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "base/ascii_armour.hpp"
#include "client/arguments.hpp"
#include "client/safe_text.hpp"
#include "io/net/socket.hpp"

namespace {
// Some malformed files run into the TOML library's own assertions: those are the file's fault, not ours.
struct TomlConfused {};
[[noreturn]] void toml_confused() { throw TomlConfused{}; }
}  // namespace
#undef NDEBUG
#define TOML_ASSERT(expr) ((expr) ? static_cast<void>(0) : toml_confused())
#define TOML_EXCEPTIONS 1
#define TOML_ENABLE_FORMATTERS 0
#include <toml++/toml.h>

namespace earshot::client {
namespace {

constexpr std::size_t kMostBytes = 4 << 20;

// Errors remember their line; the file's name comes in front at the end.
using Wrong = std::unexpected<std::string>;
Wrong wrong(const toml::node& at, std::string_view sentence) { return Wrong(fmt::format("{}: {}", at.source().begin.line, sentence)); }

std::optional<std::string> as_text(const toml::node& node) {
    if (const auto* text = node.as_string()) return bared(text->get());
    if (const auto* number = node.as_integer()) return fmt::format("{}", number->get());
    return std::nullopt;
}

std::expected<void, std::string> read_client(const toml::table& table, Settings& into) {
    for (const auto& [armoured_key, node] : table) {
        const auto key = bared(armoured_key.str());
        const auto value = as_text(node);
        if (!value) return wrong(node, fmt::format("{} has a value of the wrong kind", safe_line(key)));
        if (const auto fault = set_setting(into, key, *value)) return wrong(node, safe_line(*fault));
    }
    return {};
}

std::expected<void, std::string> read_volumes(const toml::table& table, ServerMemory& into) {
    for (const auto& [name, node] : table) {
        const auto percent = node.value<std::int64_t>();
        if (!percent || *percent < 0 || *percent > 200) return wrong(node, "a volume is a number from 0 to 200");
        into.volumes[bared(name.str())] = static_cast<int>(*percent);
    }
    return {};
}

std::expected<void, std::string> read_server(const toml::table& table, ServerMemory& into) {
    for (const auto& [key, node] : table) {
        if (key.str() == "fingerprint") {
            const auto value = as_text(node);
            const auto fingerprint = value ? read_fingerprint(*value) : std::nullopt;
            if (!fingerprint) return wrong(node, "a fingerprint is 64 hexadecimal digits");
            into.fingerprint = *fingerprint;
        } else if (key.str() == "volumes" && node.is_table()) {
            if (auto done = read_volumes(*node.as_table(), into); !done) return done;
        } else {
            return wrong(node, fmt::format("there is no setting '{}' of a server; there are fingerprint and volumes", safe_line(bared(key.str()))));
        }
    }
    return {};
}

std::expected<void, std::string> read_tables(const toml::table& file, Settings& into) {
    for (const auto& [key, node] : file) {
        const auto* table = node.as_table();
        const bool client = key.str() == "client", servers = key.str() == "servers";
        if (table == nullptr || (!client && !servers))
            return wrong(node, fmt::format("there is no section '{}'; there are client and servers", safe_line(bared(key.str()))));
        if (client) {
            if (auto done = read_client(*table, into); !done) return done;
            continue;
        }
        for (const auto& [host, server] : *table) {
            if (!server.is_table()) return wrong(server, "a server is a table of its own: [servers.\"HOST\"]");
            if (auto done = read_server(*server.as_table(), into.servers[bared(host.str())]); !done) return done;
        }
    }
    return {};
}

std::expected<Settings, std::string> parse(std::string_view text) {
    try {
        const auto table = toml::parse(armoured(text));
        Settings settings;
        if (auto done = read_tables(table, settings); !done) return Wrong(done.error());
        return settings;
    } catch (const toml::parse_error& error) {
        return Wrong(fmt::format("{}: {}", error.source().begin.line, safe_line(error.description())));
    } catch (const TomlConfused&) {
        return Wrong("1: this is no TOML");
    }
}

std::string settings_path() {
    const char* config = std::getenv("XDG_CONFIG_HOME");
    if (config != nullptr && *config == '/') return fmt::format("{}/earshot/client.toml", config);
    const char* home = std::getenv("HOME");
    return home != nullptr && *home == '/' ? fmt::format("{}/.config/earshot/client.toml", home) : std::string();
}

bool write_all(int fd, std::string_view text) {
    while (!text.empty()) {
        const auto written = ::write(fd, text.data(), text.size());
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return false;
        text.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
}

}  // namespace

std::expected<Settings, std::string> read_settings(std::string_view text, std::string_view file) {
    if (text.size() > kMostBytes) return Wrong(fmt::format("{} is too large", file));
    auto settings = parse(text);
    if (!settings) return Wrong(fmt::format("{}:{}", file, settings.error()));
    return settings;
}

std::expected<SettingsStore, std::string> SettingsStore::open() {
    SettingsStore store;
    store.file_ = settings_path();
    std::ifstream file(store.file_, std::ios::binary);
    store.fresh_ = !file;
    if (store.file_.empty() || !file) return store;
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    auto settings = read_settings(text, store.file_);
    if (!settings) return Wrong(settings.error());
    store.settings_ = std::move(*settings);
    return store;
}

std::string SettingsStore::save() const {
    if (file_.empty()) return "There is no home to keep settings in.";
    const auto cannot = [&] { return fmt::format("The settings cannot be kept in {}: {}.", file_, std::strerror(errno)); };
    std::error_code ec;
    std::filesystem::create_directories(std::filesystem::path(file_).parent_path(), ec);
    const auto fresh = fmt::format("{}.{}", file_, ::getpid());
    {
        const io::Descriptor fd(::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
        if (!fd) return cannot();
        if (!write_all(fd.get(), settings_file(settings_)) || ::fsync(fd.get()) != 0) {
            const auto sentence = cannot();
            ::unlink(fresh.c_str());
            return sentence;
        }
    }
    if (::rename(fresh.c_str(), file_.c_str()) != 0) return cannot();
    return {};
}

}  // namespace earshot::client
