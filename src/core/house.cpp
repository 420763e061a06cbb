#include "core/house.hpp"

#include <algorithm>

namespace earshot::core {

Room* Hub::State::find_room(std::string_view name) {
    const auto read = read_room_name(name);
    if (!read) return nullptr;
    const auto found = room_names.find(read->key);
    return found == room_names.end() ? nullptr : &rooms.at(found->second);
}

Room& Hub::State::make_room(const Name& name, Effects& effects) {
    const RoomId id{++last_room};
    room_names.emplace(name.key, id);
    auto& room = rooms.emplace(id, Room{id, name.shown, name.key}).first->second;
    write(RoomEntry{id, name.shown, {}}, {.room = id}, effects);
    effects.touched.push_back(id);
    return room;
}

void Hub::State::drop_if_empty(RoomId id, Effects& effects) {
    const auto found = rooms.find(id);
    if (found == rooms.end()) return;
    const auto& room = found->second;
    if (!room.members().empty() || room.has_history() || room.waiting() || room.key() == kLobbyKey) return;
    write(RoomDroppedEntry{id}, {.room = id}, effects);
    effects.gone.push_back(room.name());
    room_names.erase(room.key());
    rooms.erase(found);
}

EntryId Hub::State::write(decltype(Entry::what) what, PendingEntry pending_entry, Effects& effects) {
    const EntryId id{++last_entry};
    pending_entry.entry = id;
    pending.push_back(std::move(pending_entry));
    effects.entries.push_back({id, std::move(what)});
    return id;
}

void Hub::State::ensure_row(Room& room, Effects& effects) {
    if (std::exchange(room.row_lost, false)) write(RoomEntry{room.id(), room.name(), room.topic()}, {.room = room.id()}, effects);
}

void Hub::State::leave_room(Member& member, RoomId id, LeaveReason reason, Effects& effects) {
    leave_room(member, id, PersonLeft{id, rooms.at(id).name(), member.id, member.name, reason}, effects);
}

void Hub::State::leave_room(Member& member, RoomId id, PersonLeft left, Effects& effects) {
    if (member.call == id) leave_call(member, CallLeftWhy::kRoomLeft, effects);
    auto& room = rooms.at(id);
    std::erase(member.rooms, id);
    room.dismiss(member.id);
    if (!room.withdraw(member.id, effects)) room.push({.kind = Step::Kind::kRemovePerson, .event = std::move(left)}, effects);
    drop_if_empty(id, effects);
}

void Hub::State::show_change(const Member& member, const std::string& old_name, Effects& effects) {
    for (const auto id : member.rooms) {
        auto& room = rooms.at(id);
        room.push({.kind = Step::Kind::kChangePerson, .event = PersonChanged{id, room.name(), member.as_seen_in(id), old_name}}, effects);
    }
}

void Hub::State::leave_call(Member& member, CallLeftWhy why, Effects& effects) {
    if (!member.call) return;
    const auto id = std::exchange(member.call, RoomId{});
    member.camera = member.share = false;
    const auto& room = rooms.at(id);
    effects.tell(member.id, 0, CallLeft{id, room.name(), why});
    show_change(member, {}, effects);
}

void Hub::State::pass_on(Room& room, Effects& effects) {
    const auto can = [&](MemberId id) {
        const auto& member = members.at(id);
        return member.client == ClientKind::kBrowser || member.client == ClientKind::kTerminal;
    };
    const auto next = std::ranges::find_if(room.members(), can);
    room.set_keeper(next == room.members().end() ? MemberId{} : *next);
    const auto name = room.keeper() ? members.at(room.keeper()).name : std::string{};
    room.push({.kind = Step::Kind::kShow, .event = KeeperChanged{room.id(), room.name(), room.keeper(), name}}, effects);
}

void Hub::State::pass_on_all_of(MemberId keeper, Effects& effects) {
    for (auto& [id, room] : rooms)
        if (room.keeper() == keeper) pass_on(room, effects);
}

void Hub::State::depart(Member& member, LeaveReason reason, Effects& effects) {
    const auto rooms_left = member.rooms;
    for (const auto id : rooms_left) leave_room(member, id, reason, effects);
    // Who was lost may come back for a while, and what he keeps waits for him (Hub::forget).
    if (reason != LeaveReason::kLost) pass_on_all_of(member.id, effects);
    names.erase(member.key);
    effects.departed.push_back(member.id);
    members.erase(member.id);  // `member` is gone from here on
}

}  // namespace earshot::core
