#include "app/config.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <cstring>

#include "app/settings_table.hpp"
#include "base/ascii_armour.hpp"
#include "core/text.hpp"

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

namespace earshot::app {
namespace {

using Failure = std::unexpected<std::string>;

std::string unknown(std::string_view place, std::string_view key) {
    const auto nearest = nearest_key(key);
    return fmt::format("{}: there is no setting '{}'{}", place, printable(key, 80),
                       nearest.empty() ? "; --print-default-config shows all" : fmt::format("; did you mean '{}'?", nearest));
}

std::optional<std::int64_t> number(std::string_view text) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

bool is_choice(std::string_view choices, std::string_view value) {
    while (!choices.empty()) {
        const auto bar = std::min(choices.find('|'), choices.size());
        if (choices.substr(0, bar) == value) return true;
        choices.remove_prefix(std::min(bar + 1, choices.size()));
    }
    return false;
}

// Why `value` cannot be this setting's; empty when it can.
std::string fault(const Setting& setting, std::string_view value) {
    switch (setting.type) {
        case SettingType::kListener: {
            if (value == "off") return {};
            const auto address = SocketAddress::parse(value);
            return address ? std::string{} : address.error() + ", nor off";
        }
        case SettingType::kNotBuiltYet: return value == "off" ? "" : "this listener is not built yet: it can only be off";
        case SettingType::kAddress: {
            if (value.empty()) return {};
            const auto address = IpAddress::parse(value);
            return address ? std::string{} : address.error();
        }
        case SettingType::kNumber: {
            const auto parsed = number(value);
            return parsed && *parsed >= setting.low && *parsed <= setting.high
                       ? ""
                       : fmt::format("'{}' is not a number from {} to {}", printable(value, 40), setting.low, setting.high);
        }
        case SettingType::kBool: return value == "true" || value == "false" ? "" : fmt::format("'{}' is neither true nor false", printable(value, 40));
        case SettingType::kChoice: return is_choice(setting.choices, value) ? "" : fmt::format("'{}' is not one of {}", printable(value, 40), setting.choices);
        case SettingType::kText:
        case SettingType::kList: return value.find('\0') == std::string_view::npos ? "" : "a zero byte cannot be part of it";
    }
    return {};
}

// `key` names the setting as it was named: of a pair of ports with its number.
std::expected<void, std::string> put(Values& into, const Setting& setting, std::string_view key, std::string_view value, std::string_view place) {
    if (auto wrong = fault(setting, value); !wrong.empty()) return Failure(fmt::format("{}: {} ({})", place, wrong, key));
    into[std::string(key)] = value;
    return {};
}

// A TOML value as the text that a flag would have; nothing when it has the wrong shape.
std::optional<std::string> as_text(const toml::node& node, SettingType type) {
    if (type == SettingType::kNumber) {
        const auto* value = node.as_integer();
        return value ? std::optional(std::to_string(value->get())) : std::nullopt;
    }
    if (type == SettingType::kBool) {
        const auto* value = node.as_boolean();
        return value ? std::optional<std::string>(value->get() ? "true" : "false") : std::nullopt;
    }
    if (type == SettingType::kList) {
        const auto* list = node.as_array();
        if (!list) return std::nullopt;
        std::string joined;
        for (const auto& member : *list) {
            const auto* value = member.as_string();
            if (!value || value->get().find(',') != std::string::npos) return std::nullopt;
            joined += (joined.empty() ? "" : ",") + bared(value->get());
        }
        return joined;
    }
    const auto* value = node.as_string();
    return value ? std::optional(bared(value->get())) : std::nullopt;
}

std::string place_of(std::string_view file, const toml::source_region& region) { return fmt::format("{}:{}", file, region.begin.line); }

std::expected<void, std::string> read_pairs(const toml::node& node, std::string_view file, Values& into);

std::expected<void, std::string> read_section(const toml::table& section, std::string_view name, std::string_view file, Values& into) {
    for (const auto& [key, node] : section) {
        if (name == "plain" && key.str() == "more") {
            if (auto done = read_pairs(node, file, into); !done) return done;
            continue;
        }
        const auto full = fmt::format("{}.{}", name, bared(key.str()));
        const auto* setting = find_setting(full);
        if (!setting) return Failure(unknown(place_of(file, key.source()), full));
        const auto text = as_text(node, setting->type);
        if (!text)
            return Failure(
                fmt::format("{}: {} has a value of the wrong kind; --print-default-config shows the right one", place_of(file, node.source()), full));
        if (auto done = put(into, *setting, full, *text, place_of(file, node.source())); !done) return done;
    }
    return {};
}

// [[plain.more]]: each table as the section of its number.
std::expected<void, std::string> read_pairs(const toml::node& node, std::string_view file, Values& into) {
    const auto* pairs = node.as_array();
    if (!pairs) return Failure(fmt::format("{}: plain.more is an array of tables: write [[plain.more]] before each", place_of(file, node.source())));
    std::size_t number = 0;
    for (const auto& member : *pairs) {
        const auto* pair = member.as_table();
        const auto place = place_of(file, member.source());
        if (!pair) return Failure(fmt::format("{}: plain.more is an array of tables: write [[plain.more]] before each", place));
        if (number == kMostPairs) return Failure(fmt::format("{}: there are at most {} pairs of ports beside the first", place, kMostPairs));
        if (auto done = read_section(*pair, fmt::format("plain.more.{}", number++), file, into); !done) return done;
        const auto names = [&](const char* key) { return pair->contains(key); };
        if (!names("text") && !names("voice")) return Failure(fmt::format("{}: this pair listens nowhere; give it text or voice, or both", place));
    }
    return {};
}

std::vector<std::string> split(std::string_view list) {
    std::vector<std::string> members;
    while (!list.empty()) {
        const auto comma = std::min(list.find(','), list.size());
        if (comma > 0) members.emplace_back(list.substr(0, comma));
        list.remove_prefix(std::min(comma + 1, list.size()));
    }
    return members;
}

LogLevel log_level(std::string_view text) {
    if (text == "error") return LogLevel::kError;
    if (text == "warning") return LogLevel::kWarning;
    return text == "debug" ? LogLevel::kDebug : LogLevel::kInfo;
}

// Arguments that take a value: "--flag VALUE" and "--flag=VALUE".
struct Flag {
    std::string_view name, value;
    bool has_value = false;
};
Flag cut(std::string_view argument) {
    const auto equals = argument.find('=');
    if (equals == std::string_view::npos) return {argument, {}, false};
    return {argument.substr(0, equals), argument.substr(equals + 1), true};
}

std::optional<Action> action_of(std::string_view flag) {
    if (flag == "--help" || flag == "-h") return Action::kHelp;
    if (flag == "--version") return Action::kVersion;
    if (flag == "--check-config") return Action::kCheck;
    if (flag == "--print-default-config") return Action::kPrintDefaults;
    if (flag == "--operator-link") return Action::kOperatorLink;
    if (flag == "--print-configuration-page") return Action::kPrintPage;
    return std::nullopt;
}

std::expected<void, std::string> set_by_flag(const Flag& flag, CommandLine& line) {
    if (flag.name == "--config") {
        line.config_file = flag.value;
        return {};
    }
    if (flag.name == "--set") {
        const auto pair = cut(flag.value);
        const auto* setting = find_setting(pair.name);
        if (!pair.has_value) return Failure("--set wants KEY=VALUE");
        if (!setting) return Failure(unknown("--set", pair.name));
        return put(line.values, *setting, pair.name, pair.value, "--set");
    }
    const auto& setting = *find_flag(flag.name);
    return put(line.values, setting, setting.key, flag.value, flag.name);
}

}  // namespace

namespace {

std::expected<toml::table, std::string> parse_toml(std::string_view text, std::string_view file) {
    if (!core::count_characters(text)) return Failure(fmt::format("{}: this is not UTF-8", file));
    try {
        return toml::parse(armoured(text));
    } catch (const toml::parse_error& error) {
        return Failure(fmt::format("{}: {}", place_of(file, error.source()), bared(error.description())));
    } catch (const TomlConfused&) {
        return Failure(fmt::format("{}: this is not TOML; look for a bracket or a quotation mark too many", file));
    }
}

}  // namespace

std::expected<void, std::string> read_file(std::string_view text, std::string_view file, Values& into) {
    const auto parsed = parse_toml(text, file);
    if (!parsed) return Failure(parsed.error());
    for (const auto& [key, node] : *parsed) {
        const auto* section = node.as_table();
        if (!section) return Failure(unknown(place_of(file, key.source()), bared(key.str())));
        if (auto done = read_section(*section, bared(key.str()), file, into); !done) return done;
    }
    return {};
}

std::expected<void, std::string> read_environment(std::span<const char* const> environment, Values& into) {
    for (const std::string_view entry : environment) {
        const auto equals = entry.find('=');
        const auto name = entry.substr(0, equals);
        if (equals == std::string_view::npos || !name.starts_with("EARSHOT_") || name.find("__") == std::string_view::npos) continue;
        const auto table = settings_table();
        const auto it = std::ranges::find_if(table, [&](const Setting& s) { return environment_name(s.key) == name; });
        const auto place = fmt::format("environment variable {}", printable(name, 80));
        if (it == table.end()) return Failure(fmt::format("{}: there is no such setting; --print-default-config shows all", place));
        if (auto done = put(into, *it, it->key, entry.substr(equals + 1), place); !done) return done;
    }
    return {};
}

std::expected<CommandLine, std::string> read_command_line(std::span<const char* const> arguments) {
    CommandLine line;
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        auto flag = cut(arguments[i]);
        if (const auto action = action_of(flag.name); action && !flag.has_value) {
            line.action = *action;
            continue;
        }
        if (flag.name != "--config" && flag.name != "--set" && !find_flag(flag.name))
            return Failure(fmt::format("{}: there is no such flag; --help shows all", printable(arguments[i], 80)));
        if (!flag.has_value) {
            if (i + 1 == arguments.size()) return Failure(fmt::format("{} wants a value; --help shows which", flag.name));
            flag.value = arguments[++i];
        }
        if (auto done = set_by_flag(flag, line); !done) return Failure(done.error());
    }
    return line;
}

std::string default_data_directory() {
    const auto from = [](const char* name) -> std::string {
        const char* value = std::getenv(name);
        return value && *value == '/' ? value : "";
    };
    if (auto state = from("STATE_DIRECTORY"); !state.empty()) return state.substr(0, state.find(':'));
    if (auto data = from("XDG_DATA_HOME"); !data.empty()) return data + "/earshot";
    if (auto home = from("HOME"); !home.empty()) return home + "/.local/share/earshot";
    return "data";
}

namespace {
bool names_room(std::string_view name) { return name.starts_with('#') && name.size() >= 2; }
}  // namespace

std::expected<Config, std::string> to_config(const Values& values) {
    const auto text = [&](std::string_view key) {
        const auto it = values.find(key);
        return it != values.end() ? std::string_view(it->second) : find_setting(key)->fallback;
    };
    const auto listener = [&](std::string_view key) { return text(key) == "off" ? Listener{} : Listener(SocketAddress::parse(text(key)).value()); };
    const auto integer = [&](std::string_view key) { return number(text(key)).value(); };
    Config config;
    config.data_directory = text("data.directory").empty() ? default_data_directory() : std::string(text("data.directory"));
    config.web = listener("listen.web");
    config.web_tls = listener("listen.web_tls");
    config.media = listener("listen.media");
    for (std::size_t i = 0; i < port::kStreamDoors.size(); ++i) config.streams[i] = listener(port::kStreamDoors[i].key);
    config.metrics = listener("listen.metrics");
    config.name = text("web.name");
    config.hosts = split(text("web.hosts"));
    config.allowed_origins = split(text("web.allowed_origins"));
    config.certificate = text("tls.certificate");
    config.key = text("tls.key");
    if (config.certificate.empty() != config.key.empty()) return Failure("tls.certificate and tls.key go together: name both or neither");
    if (!text("media.public_address").empty()) config.public_address = IpAddress::parse(text("media.public_address")).value();
    config.phrases = text("plain.phrases").front();
    config.bare_quit = text("plain.bare_quit") == "true";
    config.plain_room = text("plain.room");
    if (!names_room(config.plain_room)) return Failure("plain.room must begin with # and have a name");
    config.plain_voice = listener("listen.plain_voice");
    config.rate = static_cast<int>(integer("plain.rate"));
    config.channels = static_cast<int>(integer("plain.channels"));
    for (std::size_t i = 0; i < kMostPairs; ++i) {
        const auto prefix = fmt::format("plain.more.{}.", i);
        const auto first = values.lower_bound(prefix);
        if (first == values.end() || !first->first.starts_with(prefix)) continue;
        const auto of = [&](std::string_view name) { return prefix + std::string(name); };
        config.more_plain.push_back({.text = listener(of("text")),
                                     .voice = listener(of("voice")),
                                     .phrases = text(of("phrases")).front(),
                                     .room = std::string(text(of("room"))),
                                     .bare_quit = text(of("bare_quit")) == "true",
                                     .rate = static_cast<int>(integer(of("rate"))),
                                     .channels = static_cast<int>(integer(of("channels")))});
        if (!names_room(config.more_plain.back().room)) return Failure(fmt::format("{}room must begin with # and have a name", prefix));
    }
    config.text_characters = integer("limits.text_characters");
    config.messages_per_second = integer("limits.messages_per_second");
    config.message_burst = integer("limits.message_burst");
    config.members = integer("limits.members");
    config.rooms = integer("limits.rooms");
    config.connections = integer("limits.connections");
    config.connections_per_address = integer("limits.connections_per_address");
    config.log_level = log_level(text("log.level"));
    config.log_addresses = text("log.addresses") == "true";
    return config;
}

}  // namespace earshot::app
