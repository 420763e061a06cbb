#include "core/text.hpp"
#include "core/verb_table.hpp"

namespace earshot::core::verbs {

void set_topic(Turn& turn, const SetTopic& command) {
    auto topic = clean_line(command.topic);
    const auto size = count_characters(topic);
    if (!size) return turn.refuse(RefusalCode::kBadRequest, "A topic is UTF-8 text.");
    if (*size > turn.house.limits.topic_characters) return turn.refuse(RefusalCode::kTooLong, "A topic has at most " + std::to_string(turn.house.limits.topic_characters) + " characters.");
    auto& room = *turn.room;
    const auto entry = turn.house.write(RoomEntry{room.id(), room.name(), topic}, {.room = room.id(), .sender = turn.member.id, .ticket = turn.ticket}, turn.effects);
    room.push({.kind = Step::Kind::kShow, .waits_for = entry, .event = TopicChanged{room.id(), room.name(), std::move(topic), turn.member.name}}, turn.effects);
}

}  // namespace earshot::core::verbs
