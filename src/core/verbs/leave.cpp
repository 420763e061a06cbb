#include "core/verb_table.hpp"

namespace earshot::core::verbs {

void leave(Turn& turn, const Leave&) {
    const Left left{turn.room->id(), turn.room->name()};
    turn.house.leave_room(turn.member, left.room, LeaveReason::kLeft, turn.effects);
    turn.answer(left);
}

}  // namespace earshot::core::verbs
