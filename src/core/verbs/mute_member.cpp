#include "core/verb_table.hpp"

namespace earshot::core::verbs {

// Nobody is ever unmuted by somebody else: only set_voice ends this.
void mute_member(Turn& turn, const MuteMember& command) {
    const auto found = turn.house.members.find(command.member);
    if (found == turn.house.members.end() || !turn.room->has(found->first))
        return turn.refuse(RefusalCode::kNoSuchMember, "That person is not in this room any more.");
    auto& member = found->second;
    if (member.id == turn.member.id) return turn.refuse(RefusalCode::kBadRequest, "To mute yourself, use your own microphone's button.");
    if (member.call != turn.room->id()) return turn.refuse(RefusalCode::kNoCall, member.name + " is not in the call of this room.");
    if (!member.is_muted()) {
        member.silenced = MutedBy{turn.room->id(), turn.room->name(), member.id, turn.member.id, turn.member.name};
        turn.effects.tell(member.id, 0, VoiceSet{true, member.deafened});
        turn.effects.tell(member.id, 0, *member.silenced);
        turn.house.show_change(member, {}, turn.effects);
    }
    turn.answer(Done{});
}

}  // namespace earshot::core::verbs
