#include "app/settings_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "base/edit_distance.hpp"

namespace earshot::app {
namespace {

using enum SettingType;

constexpr std::array kTable{
    Setting{"data.directory", kText, "", "--data", "Directory of the database and the certificate; empty: $STATE_DIRECTORY, or earshot in $XDG_DATA_HOME"},

    Setting{"listen.web", kListener, "127.0.0.1:8080", "--web", "Web client over plain HTTP: for this machine, or behind a proxy that speaks TLS"},
    Setting{"listen.web_tls", kListener, "0.0.0.0:8443", "--web-tls", "Web client over HTTPS, and media of browsers whose firewalls let only TCP out"},
    Setting{"listen.media", kListener, "0.0.0.0:8444", "--media", "Voice of browsers, UDP and TCP on one port number"},
#define EARSHOT_STREAM_DOOR(door, name, flag, fallback, front, settings, help) Setting{"listen." #name, kListener, fallback, flag, help},
#include "port/doors.def"
#undef EARSHOT_STREAM_DOOR
    Setting{"listen.plain_voice", kListener, "127.0.0.1:55555", "--plain-voice",
            "Raw sound over TCP, both ways, for the same clients; wants the media port too"},
    Setting{"listen.metrics", kListener, "127.0.0.1:9090", "--metrics", "Prometheus metrics at /metrics"},
    Setting{"listen.irc", kNotBuiltYet, "off", "--irc", "IRC (not built yet)"},
    Setting{"listen.irc_tls", kNotBuiltYet, "off", "--irc-tls", "IRC over TLS (not built yet)"},
    Setting{"listen.mumble", kNotBuiltYet, "off", "--mumble", "Mumble apps (not built yet)"},

    Setting{"web.name", kText, "Earshot", "", "The name of this house, as its visitors see it"},
    Setting{"web.hosts", kList, "", "", "Further host names of this server that a listener on loopback accepts, for a proxy in front of it"},
    Setting{"web.allowed_origins", kList, "", "", "Origins besides our own whose pages may connect, such as https://talk.example.org behind a proxy"},

    Setting{"tls.certificate", kText, "", "", "PEM file of the certificate and its chain; empty: a self-signed one is made on first run and kept"},
    Setting{"tls.key", kText, "", "", "PEM file of the certificate's key"},

    Setting{"media.public_address", kAddress, "", "",
            "The address under which the media port is reached from outside, behind NAT; local addresses are offered too"},

    Setting{"plain.phrases", kChoice, "A", "", "Wording of the plain text listener", 0, 0, "A|C"},
    Setting{"plain.room", kText, "#lobby", "", "The room that plain text clients enter"},
    Setting{"plain.bare_quit", kBool, "true", "", "Whether `quit` alone ends a plain text connection like `{quit}`"},
    Setting{"plain.rate", kNumber, "44100", "", "Samples a second of the raw sound: signed 16 bit, little endian", 8000, 96000},
    Setting{"plain.channels", kNumber, "2", "", "Channels of the raw sound, interleaved", 1, 2},

    Setting{"limits.text_characters", kNumber, "4000", "", "Longest message, in characters", 1, 16000},
    Setting{"limits.messages_per_second", kNumber, "10", "", "Messages that one person may send a second, on average", 1, 1000},
    Setting{"limits.message_burst", kNumber, "20", "", "Messages that one person may send at once", 1, 1000},
    Setting{"limits.members", kNumber, "5000", "", "People in the house at once", 1, 100000},
    Setting{"limits.rooms", kNumber, "2000", "", "Rooms", 1, 100000},
    Setting{"limits.connections", kNumber, "8192", "", "TCP connections in all", 16, 100000},
    Setting{"limits.connections_per_address", kNumber, "64", "", "TCP connections of one IPv4 address or IPv6 /64", 1, 100000},

    Setting{"log.level", kChoice, "info", "", "How much the log tells", 0, 0, "error|warning|info|debug"},
    Setting{"log.addresses", kBool, "false", "", "Whether the log may hold network addresses of people"},
};

constexpr std::array kPairTable{
    Setting{"plain.more.text", kListener, "off", "", "Text of this pair"},
    Setting{"plain.more.voice", kListener, "off", "", "Raw sound of this pair"},
    Setting{"plain.more.phrases", kChoice, "A", "", "Wording of its text", 0, 0, "A|C"},
    Setting{"plain.more.room", kText, "#lobby", "", "The room that its clients enter"},
    Setting{"plain.more.bare_quit", kBool, "true", "", "Whether `quit` alone ends its text like `{quit}`"},
    Setting{"plain.more.rate", kNumber, "44100", "", "Samples a second of its sound", 8000, 96000},
    Setting{"plain.more.channels", kNumber, "2", "", "Channels of its sound", 1, 2},
};
constexpr std::string_view kLastOfPlain = "plain.channels";  // after it stand the pairs
constexpr std::string_view kPairPrefix = "plain.more.";

// "plain.more.3.text" -> "plain.more.text"; empty when it is no such key.
std::string without_number(std::string_view key) {
    if (!key.starts_with(kPairPrefix) || key.size() < kPairPrefix.size() + 2) return {};
    const char digit = key[kPairPrefix.size()];
    if (digit < '0' || digit >= '0' + static_cast<char>(kMostPairs) || key[kPairPrefix.size() + 1] != '.') return {};
    return std::string(kPairPrefix) + std::string(key.substr(kPairPrefix.size() + 2));
}

std::string_view section_of(std::string_view key) { return key.substr(0, key.find('.')); }
std::string_view name_in_section(std::string_view key) { return key.substr(key.find('.') + 1); }

std::string list_as_toml(std::string_view list) {
    std::string out = "[";
    while (!list.empty()) {
        const auto comma = std::min(list.find(','), list.size());
        out += fmt::format("{}\"{}\"", out.size() > 1 ? ", " : "", list.substr(0, comma));
        list.remove_prefix(std::min(comma + 1, list.size()));
    }
    return out + "]";
}

std::string as_toml(const Setting& setting) {
    if (setting.type == kNumber || setting.type == kBool) return std::string(setting.fallback);
    if (setting.type == kList) return list_as_toml(setting.fallback);
    return fmt::format("\"{}\"", setting.fallback);
}

std::string values_of(const Setting& setting) {
    switch (setting.type) {
        case kListener: return "ADDRESS:PORT or off";
        case kNotBuiltYet: return "off";
        case kAddress: return "an IP address, or empty";
        case kNumber: return fmt::format("{} to {}", setting.low, setting.high);
        case kBool: return "true or false";
        case kChoice: {
            std::string choices(setting.choices);
            std::ranges::replace(choices, '|', ' ');
            return "one of: " + choices;
        }
        case kList: return "a list of texts";
        case kText: return "text";
    }
    return "text";
}

}  // namespace

std::span<const Setting> settings_table() { return kTable; }
std::span<const Setting> pair_table() { return kPairTable; }

const Setting* find_setting(std::string_view key) {
    if (const auto of_pair = without_number(key); !of_pair.empty()) {
        const auto it = std::ranges::find(kPairTable, of_pair, &Setting::key);
        return it == kPairTable.end() ? nullptr : &*it;
    }
    const auto it = std::ranges::find(kTable, key, &Setting::key);
    return it == kTable.end() ? nullptr : &*it;
}

const Setting* find_flag(std::string_view flag) {
    const auto it = std::ranges::find(kTable, flag, &Setting::flag);
    return it == kTable.end() || flag.empty() ? nullptr : &*it;
}

std::string environment_name(std::string_view key) {
    std::string name = "EARSHOT_";
    for (const char c : key) {
        if (c == '.')
            name += "__";
        else
            name += c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
    }
    return name;
}

std::string_view nearest_key(std::string_view key) {
    if (key.size() > 64) return {};
    const auto nearest = std::ranges::min_element(
        kTable, {}, [&](const Setting& s) { return std::min(edit_distance(key, s.key), edit_distance(key, name_in_section(s.key)) + 1); });
    const auto away = std::min(edit_distance(key, nearest->key), edit_distance(key, name_in_section(nearest->key)) + 1);
    return away <= 2 + key.size() / 3 ? nearest->key : std::string_view{};
}

namespace {

std::string_view last_part(std::string_view key) { return key.substr(key.rfind('.') + 1); }

std::string pairs_in_file() {
    std::string out = "# More pairs of ports for other clients, each with what differs from these defaults:\n# [[plain.more]]\n";
    for (const auto& setting : kPairTable)
        out += fmt::format("# {} = {}  # {} ({})\n", last_part(setting.key), as_toml(setting), setting.help, values_of(setting));
    return out;
}

std::string pairs_on_page() {
    std::string out = fmt::format(
        "\n### [[plain.more]]\n\nUp to {} more pairs of ports, each with its own settings, in the file only (`--set plain.more.0.text=...` reaches the "
        "first):\n\n"
        "| setting | default | values | |\n|---|---|---|---|\n",
        kMostPairs);
    for (const auto& setting : kPairTable)
        out += fmt::format("| `{}` | `{}` | {} | {} |\n", last_part(setting.key), as_toml(setting), values_of(setting), setting.help);
    return out;
}

}  // namespace

std::string default_file() {
    std::string out = "# Earshot's configuration, with every setting at its default. A flag wins over the environment, that over this file.\n";
    std::string_view section;
    for (const auto& setting : kTable) {
        if (section_of(setting.key) != section) out += fmt::format("\n[{}]\n", section = section_of(setting.key));
        out += fmt::format("# {} ({}).\n{} = {}\n", setting.help, values_of(setting), name_in_section(setting.key), as_toml(setting));
        if (setting.key == kLastOfPlain) out += pairs_in_file();
    }
    return out;
}

std::string help_text() {
    std::string out =
        "earshotd: voice, text and video rooms that you host yourself.\n\n"
        "Usage: earshotd [FLAG...]\n\n"
        "Without flags it serves this machine's browsers at http://localhost:8080 and the network's at port 8443.\n\n";
    const auto line = [&out](std::string_view flag, std::string_view help, std::string_view fallback) {
        out += fmt::format("  {:<28} {}{}\n", flag, help, fallback.empty() ? "" : fmt::format(" [{}]", fallback));
    };
    line("--config FILE", "Read settings from this TOML file", "");
    for (const auto& setting : kTable)
        if (!setting.flag.empty())
            line(fmt::format("{} {}", setting.flag,
                             setting.type == kText          ? "DIR"
                             : setting.type == kNotBuiltYet ? "off"
                                                            : "ADDRESS:PORT|off"),
                 setting.help, setting.fallback);
    line("--set KEY=VALUE", "Any setting of the file; --print-default-config shows them all", "");
    line("--check-config", "Say whether the configuration is right, and end", "");
    line("--operator-link", "Print the link that makes its opener the operator, and end", "");
    line("--print-default-config", "Print a commented file with every setting, and end", "");
    line("--version", "Print the version, and end", "");
    line("-h, --help", "Print this, and end", "");
    out += "\nEach setting may come from the environment too: EARSHOT_LISTEN__WEB=off is listen.web.\nPort 0 takes any free port; the log says which.\n";
    return out;
}

std::string configuration_page() {
    std::string out =
        "# Configuration of earshotd\n\n"
        "`earshotd` runs without any configuration. A setting may come from a flag, from the environment, from a TOML file named with `--config`, or be\n"
        "left at its default; the first of these that speaks wins. An unknown name is an error that tells its line and the nearest known name.\n"
        "`earshotd --print-default-config` prints a commented file to start from, `--check-config` says whether a configuration is right.\n"
        "Listeners take `ADDRESS:PORT` (`[::1]:8080` for IPv6, port 0 for any free port) or `off`. In the environment lists are separated by commas.\n\n"
        "This page is made from the table in `src/app/settings_table.cpp`; a test keeps the two equal (`earshotd --print-configuration-page`).\n";
    std::string_view section;
    for (const auto& setting : kTable) {
        if (section_of(setting.key) != section) {
            section = section_of(setting.key);
            out += fmt::format("\n## [{}]\n\n| setting | default | values | flag | environment | |\n|---|---|---|---|---|---|\n", section);
        }
        const auto flag = setting.flag.empty() ? std::string{} : fmt::format("`{}`", setting.flag);
        out += fmt::format("| `{}` | `{}` | {} | {} | `{}` | {} |\n", name_in_section(setting.key), as_toml(setting), values_of(setting), flag,
                           environment_name(setting.key), setting.help);
        if (setting.key == kLastOfPlain) out += pairs_on_page();
    }
    return out;
}

}  // namespace earshot::app
