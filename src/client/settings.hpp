// What the client remembers between its runs: $XDG_CONFIG_HOME/earshot/client.toml. Volumes and a certificate's fingerprint belong to
// a server; the rest to the person.
#pragma once
#include <map>
#include <optional>
#include <string>

namespace earshot::client {

struct ServerMemory {
    std::string fingerprint{};             // of the self-signed certificate that was accepted; empty: none was
    std::map<std::string, int> volumes{};  // percent, by lower-case name
};

struct Settings {
    std::string name{};
    std::string mode = "voice";  // or "ptt"
    std::string ptt = "auto";    // "repeat": talk while the key repeats
    int gate = 0;                // dBFS; 0: found by itself
    int volume = 100;
    std::string aec = "auto";                       // echo: taken out where there can be one; or "on", "off"
    std::string noise = "light";                    // of the room: "off", "light" without delay, "strong" 6 ms later
    std::string music = "off";                      // or "on": stereo, nothing taken out, no gate
    std::string input{}, output{};                  // devices by name; empty: the system's
    std::map<std::string, ServerMemory> servers{};  // by host, with its port when it is not the usual one
};

inline constexpr std::size_t kMostServers = 500;
inline constexpr std::size_t kMostVolumes = 500;  // of one server

// Sets one of the plain keys from text. The error is a sentence.
std::optional<std::string> set_setting(Settings& settings, const std::string& key, const std::string& value);
// The file, whole.
std::string settings_file(const Settings& settings);

}  // namespace earshot::client
