#include <algorithm>

#include "core/verb_table.hpp"

namespace earshot::core::verbs {

void join_call(Turn& turn, const JoinCall& command) {
    auto& member = turn.member;
    auto& room = *turn.room;
    const auto in_call = std::ranges::count_if(room.members(), [&](MemberId id) { return id != member.id && turn.house.members.at(id).call == room.id(); });
    if (static_cast<std::size_t>(in_call) >= turn.house.limits.call_members) return turn.refuse(RefusalCode::kCallFull, "The call is full.");
    turn.house.leave_call(member, CallLeftWhy::kReplaced, turn.effects);
    member.call = room.id();
    member.listen_only = command.listen_only;
    if (member.muted && !command.muted) member.silenced.reset();  // he knew, and comes with an open microphone
    member.muted = command.muted;
    turn.answer(CallGranted{room.id(), room.name(), member.listen_only, member.is_muted(), member.deafened});
    if (member.unaware()) turn.effects.tell(member.id, 0, *member.silenced);
    turn.house.show_change(member, {}, turn.effects);
}

}  // namespace earshot::core::verbs
