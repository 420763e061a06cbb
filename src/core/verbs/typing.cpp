#include "core/verb_table.hpp"

namespace earshot::core::verbs {

void typing(Turn& turn, const Typing&) { turn.room->tell_now(TypingShown{turn.room->name(), turn.member.id}, turn.member.id, turn.effects); }

}  // namespace earshot::core::verbs
