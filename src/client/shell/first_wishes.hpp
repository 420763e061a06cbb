// What one starts with: the command line first, then the settings, then the system.
#pragma once
#include "client/arguments.hpp"
#include "client/house.hpp"
#include "client/settings.hpp"

namespace earshot::client {

inline constexpr std::string_view kAgent = "Earshot terminal " EARSHOT_VERSION;

// `screen`: somebody looks, who wants to see what was said before.
HouseSettings house_settings(const Arguments& arguments, const Settings& settings, bool screen);

}  // namespace earshot::client
