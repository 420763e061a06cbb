#include "client/settings.hpp"

#include <fmt/format.h>

#include <array>

#include "client/words.hpp"

namespace earshot::client {
namespace {

// A TOML basic string: quotes, backslashes and control characters escaped.
std::string quoted(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
            out += fmt::format("\\u{:04x}", static_cast<unsigned>(static_cast<unsigned char>(c)));
        else
            out += c;
    }
    return out + "\"";
}

std::optional<std::string> choose(std::string& field, const std::string& key, const std::string& value, std::initializer_list<std::string_view> choices) {
    for (const auto choice : choices)
        if (choice == value) return field = value, std::nullopt;
    return fmt::format("{} is one of: {}", key, fmt::join(choices, ", "));
}

std::optional<std::string> number(int& field, const std::string& key, const std::string& value, int low, int high) {
    const auto read = whole_number(value, low, high);
    if (!read) return fmt::format("{} is a number from {} to {}", key, low, high);
    field = *read;
    return std::nullopt;
}

std::optional<std::string> text(std::string& field, const std::string& key, const std::string& value) {
    if (value.size() > 256) return fmt::format("{} is too long", key);
    field = value;
    return std::nullopt;
}

}  // namespace

std::optional<std::string> set_setting(Settings& settings, const std::string& key, const std::string& value) {
    if (key == "name") return text(settings.name, key, value);
    if (key == "mode") return choose(settings.mode, key, value, {"voice", "ptt"});
    if (key == "ptt") return choose(settings.ptt, key, value, {"auto", "repeat"});
    if (key == "gate") return number(settings.gate, key, value, -90, 0);
    if (key == "volume") return number(settings.volume, key, value, 0, 200);
    if (key == "aec") return choose(settings.aec, key, value, {"auto", "on", "off"});
    if (key == "noise") return choose(settings.noise, key, value, {"off", "light", "strong"});
    if (key == "music") return choose(settings.music, key, value, {"on", "off"});
    if (key == "input") return text(settings.input, key, value);
    if (key == "output") return text(settings.output, key, value);
    return fmt::format("there is no setting '{}'; there are name, mode, ptt, gate, volume, aec, noise, music, input and output", key);
}

std::string settings_file(const Settings& s) {
    auto out = fmt::format(
        "# What earshot remembers; see earshot(1).\n\n[client]\nname = {}\nmode = {}\nptt = {}\ngate = {}\nvolume = {}\naec = {}\nnoise = {}\nmusic = "
        "{}\ninput = "
        "{}\noutput = {}\n",
        quoted(s.name), quoted(s.mode), quoted(s.ptt), s.gate, s.volume, quoted(s.aec), quoted(s.noise), quoted(s.music), quoted(s.input), quoted(s.output));
    std::size_t servers = 0;
    for (const auto& [host, memory] : s.servers) {
        if (++servers > kMostServers) break;
        out += fmt::format("\n[servers.{}]\n", quoted(host));
        if (!memory.fingerprint.empty()) out += fmt::format("fingerprint = {}\n", quoted(memory.fingerprint));
        if (memory.volumes.empty()) continue;
        out += fmt::format("[servers.{}.volumes]\n", quoted(host));
        std::size_t volumes = 0;
        for (const auto& [name, percent] : memory.volumes)
            if (++volumes <= kMostVolumes) out += fmt::format("{} = {}\n", quoted(name), percent);
    }
    return out;
}

}  // namespace earshot::client
