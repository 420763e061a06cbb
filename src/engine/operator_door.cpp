#include "engine/operator_door.hpp"

#include <algorithm>

#include "base/secret.hpp"

namespace earshot::engine {

IpAddress place_of(const IpAddress& ip) {
    auto place = ip;
    if (!ip.is_v4()) std::fill(place.bytes.begin() + 8, place.bytes.end(), std::uint8_t{0});
    return place;
}

OperatorDoor::Answer OperatorDoor::knock(Time now, const IpAddress& from, std::string_view key) {
    const auto place = place_of(from);
    if (!wrong_.contains(place) && wrong_.size() >= kPlaces) wrong_.clear();
    auto& bucket = wrong_.try_emplace(place, kWrongPerSecond, kWrongBurst).first->second;
    if (bucket.wait(now) > Duration{0}) return Answer::kTooOften;
    if (!key_.empty() && equal_in_constant_time(as_bytes(key_), as_bytes(key))) return Answer::kOpen;
    static_cast<void>(bucket.take(now));
    return Answer::kWrong;
}

}  // namespace earshot::engine
