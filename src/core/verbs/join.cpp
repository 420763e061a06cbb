#include <algorithm>

#include "core/verb_table.hpp"

namespace earshot::core::verbs {

namespace {

std::string you_were_removed(Duration wait) {
    const auto minutes = std::chrono::ceil<std::chrono::minutes>(wait).count();
    return "You have been removed. You may come back in " + std::to_string(minutes) + (minutes == 1 ? " minute." : " minutes.");
}

}  // namespace

void join(Turn& turn, const Join& command) {
    const auto name = read_room_name(command.room);
    if (!name) return turn.refuse(name.error());
    auto* room = turn.house.find_room(command.room);
    if (room && room->has(turn.member.id)) {  // again: the room as it stands
        if (std::ranges::find(room->people(), turn.member.id, &Person::member) == room->people().end())
            return turn.refuse(RefusalCode::kBusy, "You are just joining that room.");
        return turn.answer(Joined{room->id(), room->name(), room->topic(), room->people(), room->last_message(), room->slots, room->keeper()});
    }
    if (room && !turn.member.operates) {
        const auto wait = room->barred_for(turn.now.at, turn.member.id, turn.member.key, turn.member.origin);
        if (wait) return turn.refuse(RefusalCode::kRemoved, you_were_removed(*wait));
    }
    if (turn.member.rooms.size() >= turn.house.limits.rooms_per_member)
        return turn.refuse(RefusalCode::kTooManyRooms, "You are in too many rooms; leave one first.");
    if (!room) {
        if (turn.house.rooms.size() >= turn.house.limits.rooms) return turn.refuse(RefusalCode::kTooManyRooms, "The server has no space for another room.");
        room = &turn.house.make_room(*name, turn.effects);
        if (room->key() != kLobbyKey) room->set_keeper(turn.member.id);
    }
    room->admit(turn.member.id);
    turn.member.rooms.push_back(room->id());
    room->push({.kind = Step::Kind::kAddPerson, .event = PersonJoined{room->id(), room->name(), turn.member.as_seen_in(room->id())}, .ticket = turn.ticket},
               turn.effects);
}

}  // namespace earshot::core::verbs
