// The list of fronts: one line for each. To add a front, write its folder and add its line here and its
// door in port/control.hpp.
#pragma once
#include <map>
#include <memory>

#include "engine/settings.hpp"
#include "port/control.hpp"

namespace earshot::engine {

inline std::map<port::Door, std::unique_ptr<fronts::Front>> make_fronts(const Settings& settings) {
    std::map<port::Door, std::unique_ptr<fronts::Front>> fronts;
    fronts[port::Door::kWeb] = std::make_unique<fronts::web::WebFront>(settings.web);
    fronts[port::Door::kPlain] = std::make_unique<fronts::plain::PlainFront>(settings.plain);
    return fronts;
}

}  // namespace earshot::engine
