#include "core/text.hpp"
#include "core/verb_table.hpp"

namespace earshot::core::verbs {

// As if he had left, but for the word that he is told and for the way back. Told last: nothing of the room may follow it.
void remove(Turn& turn, const Remove& command) {
    const auto found = turn.house.members.find(command.member);
    auto& room = *turn.room;
    if (found == turn.house.members.end() || !room.has(found->first))
        return turn.refuse(RefusalCode::kNoSuchMember, "That person is not in this room any more.");
    auto& member = found->second;
    if (member.id == turn.member.id) return turn.refuse(RefusalCode::kBadRequest, "To go yourself, leave the room.");
    if (member.operates) return turn.refuse(RefusalCode::kNotAllowed, "The operator of the house cannot be removed.");
    const auto because = clean_line(command.reason);
    const auto size = count_characters(because);
    const auto& limits = turn.house.limits;
    if (!size) return turn.refuse(RefusalCode::kBadRequest, "A reason is UTF-8 text.");
    if (*size > limits.reason_characters)
        return turn.refuse(RefusalCode::kTooLong, "A reason has at most " + std::to_string(limits.reason_characters) + " characters.");
    const auto room_id = room.id();
    room.bar({member.id, member.key, member.origin, turn.now.at + limits.barred_for}, limits.barred_per_room);
    turn.house.leave_room(member, room_id, PersonLeft{room_id, room.name(), member.id, member.name, LeaveReason::kRemoved, turn.member.name, because},
                          turn.effects);
    turn.effects.tell(member.id, 0, Removed{room_id, room.name(), member.id, turn.member.id, turn.member.name, because});
    // The remover is still in, so the room is there.
    if (room.keeper() == command.member) turn.house.pass_on(room, turn.effects);
    turn.answer(Done{});
}

}  // namespace earshot::core::verbs
