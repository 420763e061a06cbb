#include "store/journal.hpp"

#include <algorithm>
#include <iterator>

#include "base/check.hpp"
#include "base/overloaded.hpp"

namespace earshot::store {
namespace {

port::Record record_of(core::Entry&& entry) {
    return std::visit(overloaded{
                          [](core::MessageEntry& m) -> port::Record {
                              return port::StoredMessage{m.message.id, m.message.room, m.message.sender, m.message.time_ms, std::move(m.message.sender_name), std::move(m.message.text),
                                                         std::move(m.client_message_id), std::move(m.sender_key)};
                          },
                          [](core::RoomEntry& r) -> port::Record { return port::RoomRow{r.room, std::move(r.name), std::move(r.topic)}; },
                          [](core::RoomDroppedEntry& r) -> port::Record { return port::RoomDropped{r.room}; },
                      },
                      entry.what);
}

core::EntryOutcome outcome_of(const port::AppendResult& result) {
    if (const auto* first = std::get_if<port::DuplicateOf>(&result)) return core::EntryDuplicate{first->id, first->time_ms};
    return core::EntryStored{};
}

}  // namespace

void Journal::add(std::vector<core::Entry> entries) { std::ranges::move(entries, std::back_inserter(waiting_)); }

void Journal::flush(port::ControlOutbox& out) {
    if (!in_flight_.empty() || waiting_.empty()) return;
    port::Append batch{BatchId{++last_batch_.value}, {}};
    while (!waiting_.empty() && in_flight_.size() < kBatchEntries) {
        in_flight_.push_back(waiting_.front().id);
        batch.records.push_back(record_of(std::move(waiting_.front())));
        waiting_.pop_front();
    }
    out.ask(std::move(batch));
}

std::vector<Settled> Journal::settle(const port::Appended& reply) {
    ENSURE(reply.batch == last_batch_ && !in_flight_.empty());
    const bool failed = !reply.failure.empty();
    ENSURE(failed || reply.results.size() == in_flight_.size());
    std::vector<Settled> settled;
    for (std::size_t i = 0; i < in_flight_.size(); ++i) settled.push_back({in_flight_[i], failed ? core::EntryOutcome{core::EntryFailed{}} : outcome_of(reply.results[i])});
    in_flight_.clear();
    return settled;
}

}  // namespace earshot::store
