// What one turn of the Hub brought about: events with who may know them, and what must reach the disk.
#pragma once
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "core/event.hpp"

namespace earshot::core {

using EntryId = Id<struct EntryTag>;  // one durable thing, in the order it must be written

struct MessageEntry {
    Message message;
    std::string client_message_id;
    std::string sender_key;  // the folded name under which a retry is recognised
};
struct RoomEntry {
    RoomId room;
    std::string name;
    std::string topic;
};
struct RoomDroppedEntry {
    RoomId room;
};
struct Entry {
    EntryId id;
    std::variant<MessageEntry, RoomEntry, RoomDroppedEntry> what;
};

// How an entry ended. Answer with Hub.committed, in the order of the entries.
struct EntryStored {};
struct EntryDuplicate {  // this retry is on disk as an earlier message
    MessageId id;
    WallMs time_ms = 0;
};
struct EntryFailed {};
using EntryOutcome = std::variant<EntryStored, EntryDuplicate, EntryFailed>;

struct Delivery {
    std::vector<MemberId> to;  // those in the room at this point of its order
    Ticket ticket = 0;
    Event event;
};

struct Effects {
    std::vector<Delivery> deliveries;  // in order
    std::vector<Entry> entries;        // in order
    std::vector<RoomId> touched;       // rooms whose summary changed; may repeat
    std::vector<std::string> gone;     // names of rooms that ended
    std::vector<MemberId> departed;    // members that are no more

    void tell(MemberId member, Ticket ticket, Event event) { deliveries.push_back({{member}, ticket, std::move(event)}); }
    void refuse(MemberId member, Ticket ticket, Refusal refusal) { tell(member, ticket, Refused{std::move(refusal)}); }
};

}  // namespace earshot::core
