// From flags, environment and file to typed settings. Every error is one sentence that names its place.
#pragma once
#include <array>
#include <expected>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.hpp"
#include "base/log.hpp"
#include "port/doors.hpp"

namespace earshot::app {

using Listener = std::optional<SocketAddress>;  // nothing: off

struct Config {
    std::string data_directory;
    Listener web, web_tls, media, metrics;
    std::array<Listener, port::kStreamDoors.size()> streams;  // in the order of port/doors.def
    std::string name;
    std::vector<std::string> hosts, allowed_origins;
    std::string certificate, key;  // both empty: self-signed
    std::optional<IpAddress> public_address;
    char phrases = 'A';
    std::string plain_room;
    bool bare_quit = true;
    Listener plain_voice;
    int rate = 44'100, channels = 2;
    // Further pairs of ports of the plain front.
    struct PlainPair {
        Listener text, voice;
        char phrases = 'A';
        std::string room;
        bool bare_quit = true;
        int rate = 44'100, channels = 2;
    };
    std::vector<PlainPair> more_plain;
    std::int64_t text_characters = 0, messages_per_second = 0, message_burst = 0, members = 0, rooms = 0, connections = 0, connections_per_address = 0;
    LogLevel log_level = LogLevel::kInfo;
    bool log_addresses = false;
};

// Settings as text, by key, each from the strongest source that named it.
using Values = std::map<std::string, std::string, std::less<>>;

// Adds what `text` (TOML) says to `into`. `file` is for the sentences: "earshot.toml:3: ...".
std::expected<void, std::string> read_file(std::string_view text, std::string_view file, Values& into);
// Adds every EARSHOT_SECTION__NAME of "NAME=VALUE" texts.
std::expected<void, std::string> read_environment(std::span<const char* const> environment, Values& into);

enum class Action { kRun, kHelp, kVersion, kCheck, kPrintDefaults, kPrintPage, kOperatorLink };
struct CommandLine {
    Action action = Action::kRun;
    std::string config_file;
    Values values;
};
std::expected<CommandLine, std::string> read_command_line(std::span<const char* const> arguments);

// Where data goes when nobody said: $STATE_DIRECTORY, $XDG_DATA_HOME/earshot, ~/.local/share/earshot, ./data.
std::string default_data_directory();
std::expected<Config, std::string> to_config(const Values& values);

}  // namespace earshot::app
