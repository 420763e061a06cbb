// Devices as a person sees them: a numbered list, chosen by number or by name, remembered by name.
#pragma once
#include <expected>
#include <string>
#include <vector>

#include "client/shell/sound_desk.hpp"

namespace earshot::client {

using DevicesFound = std::expected<std::vector<io::SoundDevice>, std::string>;
// For /devices and `earshot devices`.
std::vector<std::string> device_lines(const DevicesFound& devices);
std::string devices_json(const std::vector<io::SoundDevice>& devices);
// The name of what was chosen.
std::expected<std::string, std::string> choose_device(SoundDesk& sound, bool input, const std::string& which);

}  // namespace earshot::client
