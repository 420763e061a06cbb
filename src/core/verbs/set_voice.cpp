#include "core/verb_table.hpp"

namespace earshot::core::verbs {

void set_voice(Turn& turn, const SetVoice& command) {
    auto& member = turn.member;
    if (member.muted == command.muted && member.deafened == command.deafened) return;
    member.muted = command.muted;
    member.deafened = command.deafened;
    turn.effects.tell(member.id, 0, VoiceSet{member.muted, member.deafened});
    turn.house.show_change(member, {}, turn.effects);
}

}  // namespace earshot::core::verbs
