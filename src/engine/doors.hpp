// The fronts behind the doors of port/doors.def.
#pragma once
#include <map>
#include <memory>

#include "engine/settings.hpp"
#include "port/control.hpp"

namespace earshot::engine {

inline std::map<port::Door, std::unique_ptr<fronts::Front>> make_fronts(const Settings& settings) {
    std::map<port::Door, std::unique_ptr<fronts::Front>> made;
    made[port::Door::kWeb] = std::make_unique<fronts::web::WebFront>(settings.web);
#define EARSHOT_STREAM_DOOR(door, name, flag, fallback, front, own_settings, help) made[port::Door::door] = std::make_unique<fronts::front>(settings.own_settings);
#include "port/doors.def"
#undef EARSHOT_STREAM_DOOR
    return made;
}

}  // namespace earshot::engine
