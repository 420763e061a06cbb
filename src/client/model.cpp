#include "client/model.hpp"

#include <algorithm>
#include <utility>

namespace earshot::client {

const Room* Model::find_room(std::string_view room) const {
    const auto at = std::ranges::find(rooms, room, &Room::name);
    return at == rooms.end() ? nullptr : &*at;
}

Room* Model::find_room(std::string_view room) { return const_cast<Room*>(std::as_const(*this).find_room(room)); }

const Person* Model::find_person(std::uint64_t who) const {
    for (const auto& room : rooms) {
        const auto at = room.people.find(who);
        if (at != room.people.end()) return &at->second;
    }
    return nullptr;
}

}  // namespace earshot::client
