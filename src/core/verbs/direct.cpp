#include "core/text.hpp"
#include "core/verb_table.hpp"

namespace earshot::core::verbs {

void direct(Turn& turn, const Direct& command) {
    const auto found = turn.house.members.find(command.to);
    if (found == turn.house.members.end()) return turn.refuse(RefusalCode::kNoSuchMember, "That person is not here any more.");
    auto text = clean_text(command.text);
    const auto size = count_characters(text);
    if (!size) return turn.refuse(RefusalCode::kBadRequest, "A message is UTF-8 text.");
    if (text.empty()) return turn.refuse(RefusalCode::kEmpty, "There is nothing to send.");
    if (*size > turn.house.limits.text_characters) return turn.refuse(RefusalCode::kTooLong, "A message has at most " + std::to_string(turn.house.limits.text_characters) + " characters.");
    auto& sent = turn.member.sent;
    for (const auto& earlier : sent)
        if (!command.client_message_id.empty() && earlier.client_message_id == command.client_message_id) return turn.answer(Accepted{earlier.client_message_id, earlier.id, earlier.time_ms});
    const DirectShown shown{MessageId{++turn.house.last_message}, turn.now.wall_ms, turn.member.id, turn.member.name, found->first, found->second.name, std::move(text)};
    if (!command.client_message_id.empty()) {
        if (sent.size() >= turn.house.limits.remembered_retries && sent.front().stored) sent.pop_front();
        sent.push_back({command.client_message_id, shown.id, shown.time_ms, true, {}});
    }
    turn.answer(Accepted{command.client_message_id, shown.id, shown.time_ms});
    turn.effects.tell(turn.member.id, 0, shown);
    if (found->first != turn.member.id) turn.effects.tell(found->first, 0, shown);
}

}  // namespace earshot::core::verbs
