#include "client/shell/first_wishes.hpp"

#include <cstdlib>

namespace earshot::client {

namespace {

std::string own_name(const Arguments& arguments, const Settings& settings) {
    if (!arguments.name.empty()) return arguments.name;
    if (!settings.name.empty()) return settings.name;
    const char* user = std::getenv("USER");
    return user != nullptr && *user != '\0' ? user : "guest";
}

}  // namespace

HouseSettings house_settings(const Arguments& arguments, const Settings& settings, bool screen) {
    HouseSettings wanted;
    wanted.name = own_name(arguments, settings);
    wanted.agent = kAgent;
    wanted.operator_key = arguments.operator_key;
    if (!arguments.room.empty())
        wanted.room = arguments.room;
    else if (!arguments.address.room.empty())
        wanted.room = arguments.address.room;
    wanted.host = arguments.address.shown();
    wanted.secure = arguments.address.secure;
    wanted.join_call = arguments.call;
    wanted.tell_history = screen;
    if (const auto known = settings.servers.find(wanted.host); known != settings.servers.end()) wanted.volumes = known->second.volumes;
    return wanted;
}

}  // namespace earshot::client
