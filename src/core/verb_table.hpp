// Every command the house knows, behind one guard (style: a table, not a switch of 900 lines).
#pragma once
#include <string_view>

#include "core/house.hpp"

namespace earshot::core {

struct Verb {
    std::string_view name;
    // Names the room the command works in; the guard refuses whoever is not in it. Null: works in none.
    const std::string& (*room)(const Command&) = nullptr;
    double flood_cost = 0;   // of the member's bucket
    bool writes = false;     // refused while the disk is far behind
    bool moderates = false;  // refused to all but the room's keeper and the operator
    void (*apply)(Turn&, const Command&) = nullptr;
};

const Verb& verb_of(const Command& command);
// Judges, then applies.
void carry_out(Turn& turn, const Command& command);

namespace verbs {
void join(Turn&, const Join&);
void leave(Turn&, const Leave&);
void say(Turn&, const Say&);
void direct(Turn&, const Direct&);
void typing(Turn&, const Typing&);
void set_topic(Turn&, const SetTopic&);
void set_nick(Turn&, const SetNick&);
void join_call(Turn&, const JoinCall&);
void leave_call(Turn&, const LeaveCall&);
void set_voice(Turn&, const SetVoice&);
void set_video(Turn&, const SetVideo&);
void remove(Turn&, const Remove&);
void mute_member(Turn&, const MuteMember&);
void quit(Turn&, const Quit&);
}  // namespace verbs

}  // namespace earshot::core
