#include "core/verb_table.hpp"

namespace earshot::core::verbs {

void set_nick(Turn& turn, const SetNick& command) {
    const auto name = read_nickname(command.name);
    if (!name) return turn.refuse(name.error());
    auto& member = turn.member;
    const auto holder = turn.house.names.find(name->key);
    if (holder != turn.house.names.end() && holder->second != member.id)
        return turn.refuse(RefusalCode::kNameTaken, "Somebody here has that name, or one that looks like it; choose another.");
    const auto old_name = std::exchange(member.name, name->shown);
    turn.house.names.erase(member.key);
    member.key = name->key;
    turn.house.names.emplace(member.key, member.id);
    turn.answer(NickChanged{member.name});
    if (old_name != member.name) turn.house.show_change(member, old_name, turn.effects);
}

}  // namespace earshot::core::verbs
