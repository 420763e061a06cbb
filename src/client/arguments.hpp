// The command line of `earshot`: what to do, where, and how. One table says every flag: the help, the completions and the reader
// come from it.
#pragma once
#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace earshot::client {

enum class Verb : std::uint8_t { kJoin, kHost, kDevices, kControl, kCompletion, kHelp, kVersion };

// Where to go, from "https://talk.example/r/maps", "localhost:8080", "[::1]:8443".
struct Address {
    bool secure = true;
    std::string host{};  // a name or an IP address, without brackets
    std::uint16_t port = 443;
    std::string room{};         // of the path /r/NAME; empty: none was named
    std::string shown() const;  // as people write it: the port only when it is not the usual one
};
std::expected<Address, std::string> read_address(std::string_view text);

struct Arguments {
    Verb verb = Verb::kHelp;
    Address address{};
    std::string name{}, room{};
    std::string passphrase_file{}, operator_key_file{}, operator_key{};  // the key: what the file holds
    std::string audio_in{}, audio_out{};                                 // a device, FILE.wav or "none"; empty: the settings', else the system's
    bool plain = false, json = false, call = true, audio = true, low_delay = false, input = true;
    std::string aec{};                 // "auto", "on", "off"; empty: the settings'
    std::string noise{};               // "off", "light", "strong"; empty: the settings'
    std::string accept_fingerprint{};  // 64 lower-case hexadecimal digits
    std::string data{};                // host: its directory; empty: one that is removed afterwards
    std::vector<std::string> words{};  // ctl: the command; completion: the shell
};

// `arguments` without the program's name. The error is one sentence.
std::expected<Arguments, std::string> read_arguments(std::span<const char* const> arguments);

std::string usage_text();
// For "bash", "zsh" or "fish"; empty for another.
std::string completion_script(std::string_view shell);

// "AB:CD:..." or plain hexadecimal, as 64 lower-case digits; nothing when it is no SHA-256.
std::optional<std::string> read_fingerprint(std::string_view text);

}  // namespace earshot::client
