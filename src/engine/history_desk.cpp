#include "engine/history_desk.hpp"

#include <algorithm>

#include "engine/limits.hpp"

namespace earshot::engine {

bool HistoryDesk::ask(ConnectionId connection, const fronts::AskHistory& question, RoomId room, port::ControlOutbox& out) {
    const auto open = std::ranges::count_if(pending_, [&](const auto& row) { return row.second.connection == connection; });
    if (static_cast<std::size_t>(open) >= limits::kQueriesPerConnection) return false;
    const QueryId query{++last_query_};
    pending_.emplace(query, Pending{connection, question.ticket, question.room});
    out.ask(port::Page{query, room, question.before, question.after, question.limit});
    return true;
}

HistoryDesk::Answer HistoryDesk::answer(port::Paged reply) {
    const auto found = pending_.find(reply.query);
    if (found == pending_.end()) return {};
    Answer answer{found->second.connection, {found->second.ticket, std::move(found->second.room), {}, reply.complete}, !reply.failure.empty()};
    pending_.erase(found);
    for (auto& m : reply.messages) answer.page.messages.push_back({m.id, m.room, m.time_ms, m.sender, std::move(m.sender_name), std::move(m.text)});
    return answer;
}

void HistoryDesk::withdraw(ConnectionId connection) {
    std::erase_if(pending_, [&](const auto& row) { return row.second.connection == connection; });
}

}  // namespace earshot::engine
