// Every setting of the daemon, once: the command line, the environment, the file, --help, the default file and
// docs/configuration.md all come from this table.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace earshot::app {

enum class SettingType : std::uint8_t {
    kText,
    kListener,     // ADDRESS:PORT or off
    kNotBuiltYet,  // a listener that takes only off
    kAddress,      // an IP address, or empty
    kNumber,       // low..high
    kBool,
    kChoice,  // one of `choices`, which are separated by |
    kList,    // texts; with commas on the command line and in the environment
};

struct Setting {
    std::string_view key;  // "listen.web": section and name, as in the file
    SettingType type;
    std::string_view fallback;
    std::string_view flag;  // "--web", or empty: only --set reaches it
    std::string_view help;  // one sentence without its full stop
    std::int64_t low = 0, high = 0;
    std::string_view choices = {};
};

std::span<const Setting> settings_table();
// Of one more pair of ports of the plain front, [[plain.more]] in the file: "plain.more.text" here, and plain.more.0.text where a value
// is named, with the number of the pair.
std::span<const Setting> pair_table();
inline constexpr std::size_t kMostPairs = 8;  // beside the first
const Setting* find_setting(std::string_view key);
const Setting* find_flag(std::string_view flag);
// "listen.web" -> "EARSHOT_LISTEN__WEB".
std::string environment_name(std::string_view key);
// The known key that looks most like `key`; empty when none does.
std::string_view nearest_key(std::string_view key);

// The commented file that --print-default-config shows; `--help`; and docs/configuration.md.
std::string default_file();
std::string help_text();
std::string configuration_page();

}  // namespace earshot::app
