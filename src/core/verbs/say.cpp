#include <algorithm>

#include "core/text.hpp"
#include "core/verb_table.hpp"

namespace earshot::core::verbs {
namespace {

// The same message sent again: answered with what became of the first.
bool answer_retry(Turn& turn, const std::string& client_message_id) {
    auto& sent = turn.member.sent;
    const auto found = std::ranges::find(sent, client_message_id, &SentLately::client_message_id);
    if (found == sent.end()) return false;
    if (found->stored)
        turn.answer(Accepted{found->client_message_id, found->id, found->time_ms});
    else if (turn.ticket && found->waiting.size() < 8)
        found->waiting.push_back(turn.ticket);
    else
        turn.refuse(RefusalCode::kBusy, "That message is being saved already.");
    return true;
}

void remember(Turn& turn, SentLately message) {
    auto& sent = turn.member.sent;
    // Only what is stored may be forgotten: an unanswered sender still waits for it.
    while (sent.size() >= turn.house.limits.remembered_retries && sent.front().stored) sent.pop_front();
    sent.push_back(std::move(message));
}

}  // namespace

void say(Turn& turn, const Say& command) {
    if (!command.client_message_id.empty() && answer_retry(turn, command.client_message_id)) return;
    auto text = clean_text(command.text);
    const auto size = count_characters(text);
    if (!size) return turn.refuse(RefusalCode::kBadRequest, "A message is UTF-8 text.");
    if (text.empty()) return turn.refuse(RefusalCode::kEmpty, "There is nothing to send.");
    if (*size > turn.house.limits.text_characters)
        return turn.refuse(RefusalCode::kTooLong, "A message has at most " + std::to_string(turn.house.limits.text_characters) + " characters; this one has " + std::to_string(*size) + ".");
    auto& room = *turn.room;
    auto& member = turn.member;
    Message message{MessageId{++turn.house.last_message}, room.id(), turn.now.wall_ms, member.id, member.name, std::move(text)};
    // Without an id of the client's own the message still needs one for its answer.
    const auto retry_key = command.client_message_id.empty() ? "#" + std::to_string(message.id.value) : command.client_message_id;
    remember(turn, {retry_key, message.id, message.time_ms, false, {turn.ticket}});
    turn.house.ensure_row(room, turn.effects);
    const auto entry = turn.house.write(MessageEntry{message, command.client_message_id, member.key},
                                        {.room = room.id(), .sender = member.id, .client_message_id = retry_key}, turn.effects);
    room.expect_history();
    room.push({.kind = Step::Kind::kShow, .waits_for = entry, .event = MessageShown{room.name(), std::move(message)}}, turn.effects);
}

}  // namespace earshot::core::verbs
