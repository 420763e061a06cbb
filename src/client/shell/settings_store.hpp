// Reads and keeps the settings file. Written whole to a new file beside it, which then takes its place: a crash leaves the old one or
// the new one, never half of it. Mode 0600.
#pragma once
#include <expected>
#include <string>
#include <string_view>
#include <utility>

#include "client/settings.hpp"

namespace earshot::client {

// `file` is named in the error, with the line.
std::expected<Settings, std::string> read_settings(std::string_view text, std::string_view file);

class SettingsStore {
public:
    // $XDG_CONFIG_HOME/earshot/client.toml, or ~/.config/earshot/client.toml. A file that is not there is no error.
    static std::expected<SettingsStore, std::string> open();

    Settings& settings() { return settings_; }
    const Settings& settings() const { return settings_; }
    const std::string& file() const { return file_; }
    // There was none to read: somebody is here for the first time.
    bool fresh() const { return fresh_; }
    // A sentence when it could not be kept.
    std::string save() const;
    // Something in it is another: it is worth saving when there is a moment.
    void save_soon() { changed_ = true; }
    std::string save_if_changed() { return std::exchange(changed_, false) ? save() : std::string(); }

private:
    std::string file_;
    Settings settings_;
    bool changed_ = false, fresh_ = false;
};

}  // namespace earshot::client
