// Devices as a person sees them: a numbered list, chosen by number or by name, remembered by name.
#pragma once
#include <expected>
#include <string>
#include <vector>

#include "io/sound/device.hpp"

namespace earshot::client {

// For /devices and `earshot devices`; `sound` may be none.
std::vector<std::string> device_lines(io::Sound* sound);
std::string devices_json(const std::vector<io::SoundDevice>& devices);
// The name of what was chosen.
std::expected<std::string, std::string> choose_device(io::Sound& sound, bool input, const std::string& which);

}  // namespace earshot::client
