#include "core/verb_table.hpp"

namespace earshot::core::verbs {

void quit(Turn& turn, const Quit& command) { turn.house.depart(turn.member, command.reason, turn.effects); }

}  // namespace earshot::core::verbs
