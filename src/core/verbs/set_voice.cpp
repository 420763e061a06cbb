#include "core/verb_table.hpp"

namespace earshot::core::verbs {

void set_voice(Turn& turn, const SetVoice& command) {
    auto& member = turn.member;
    // An unmute that was on its way when somebody muted him ends nothing: to unmute is to have been muted in his own eyes.
    const bool ends_silence = member.silenced.has_value() && !command.muted && (member.muted || command.knowing);
    if (member.muted == command.muted && member.deafened == command.deafened && !ends_silence) return;
    member.muted = command.muted;
    member.deafened = command.deafened;
    if (ends_silence) member.silenced.reset();
    turn.effects.tell(member.id, 0, VoiceSet{member.is_muted(), member.deafened});
    turn.house.show_change(member, {}, turn.effects);
}

}  // namespace earshot::core::verbs
