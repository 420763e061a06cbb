#include "core/verb_table.hpp"

namespace earshot::core::verbs {

void leave_call(Turn& turn, const LeaveCall&) {
    if (!turn.member.call) return turn.refuse(RefusalCode::kNoCall, "You are in no call.");
    turn.house.leave_call(turn.member, CallLeftWhy::kAsked, turn.effects);
    turn.answer(Done{});
}

}  // namespace earshot::core::verbs
