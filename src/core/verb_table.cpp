#include "core/verb_table.hpp"

#include <array>

namespace earshot::core {
namespace {

template <typename C, void (*F)(Turn&, const C&)>
void call(Turn& turn, const Command& command) {
    F(turn, std::get<C>(command));
}

template <typename C>
const std::string& room_of(const Command& command) {
    return std::get<C>(command).room;
}

// In the order of the variant.
constexpr std::array<Verb, std::variant_size_v<Command>> kVerbs{{
    {"join", nullptr, 0.5, true, false, call<Join, verbs::join>},
    {"leave", room_of<Leave>, 0, false, false, call<Leave, verbs::leave>},
    {"say", room_of<Say>, 1, true, false, call<Say, verbs::say>},
    {"direct", nullptr, 1, false, false, call<Direct, verbs::direct>},
    {"typing", room_of<Typing>, 0.2, false, false, call<Typing, verbs::typing>},
    {"topic", room_of<SetTopic>, 1, true, false, call<SetTopic, verbs::set_topic>},
    {"nick", nullptr, 2, false, false, call<SetNick, verbs::set_nick>},
    {"call_join", room_of<JoinCall>, 1, false, false, call<JoinCall, verbs::join_call>},
    {"call_leave", nullptr, 0, false, false, call<LeaveCall, verbs::leave_call>},
    {"voice", nullptr, 0.2, false, false, call<SetVoice, verbs::set_voice>},
    {"video", nullptr, 0.5, false, false, call<SetVideo, verbs::set_video>},
    {"remove", room_of<Remove>, 1, false, true, call<Remove, verbs::remove>},
    {"mute_member", room_of<MuteMember>, 1, false, true, call<MuteMember, verbs::mute_member>},
    {"quit", nullptr, 0, false, false, call<Quit, verbs::quit>},
}};

bool find_room(Turn& turn, const Verb& verb, const Command& command) {
    if (!verb.room) return true;
    turn.room = turn.house.find_room(verb.room(command));
    if (turn.room && turn.room->has(turn.member.id)) return true;
    turn.refuse(RefusalCode::kNotInRoom, "You are not in that room; join it first.");
    return false;
}

// The lobby is everybody's, so it has no keeper.
bool may_moderate(const Turn& turn) { return turn.member.operates || turn.room->keeper() == turn.member.id; }

}  // namespace

const Verb& verb_of(const Command& command) { return kVerbs[command.index()]; }

void carry_out(Turn& turn, const Command& command) {
    const auto& verb = verb_of(command);
    if (verb.flood_cost > 0 && !turn.member.talk.take(turn.now.at, verb.flood_cost))
        return turn.refuse(RefusalCode::kFlood, "That was too much at once; wait a moment and send it again.");
    if (!find_room(turn, verb, command)) return;
    if (verb.moderates && !may_moderate(turn)) return turn.refuse(RefusalCode::kNotAllowed, "Only the room's keeper or the operator may do that.");
    if (verb.writes && turn.house.disk_is_behind()) return turn.refuse(RefusalCode::kBusy, "The server is busy writing; try again in a moment.");
    verb.apply(turn, command);
}

}  // namespace earshot::core
