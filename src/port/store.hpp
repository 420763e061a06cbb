// What the house asks of whatever keeps its history. Semantic, not SQL: append a batch (acknowledged
// means it survives kill -9 and a power cut), page through a room, read everything needed at start.
#pragma once
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/ids.hpp"
#include "base/time.hpp"

namespace earshot::port {

struct StoredMessage {
    MessageId id{};
    RoomId room{};
    MemberId sender{};
    WallMs time_ms = 0;
    std::string sender_name{};
    std::string text{};
    // With sender_key (the folded name) the key by which a retry is recognised; empty: never a retry.
    std::string client_message_id{};
    std::string sender_key{};
};
struct RoomRow {  // inserts or replaces
    RoomId room{};
    std::string name{};
    std::string topic{};
    MessageId last_message{};  // told by Load only; not written
};
struct RoomDropped {
    RoomId room{};
};
using Record = std::variant<StoredMessage, RoomRow, RoomDropped>;

struct Append {
    BatchId batch{};
    std::vector<Record> records{};
};
struct Page {
    QueryId query{};
    RoomId room{};
    MessageId before{};  // 0: from the newest
    MessageId after{};   // set: forwards from here instead
    std::uint32_t limit = 50;
};
struct Load {
    QueryId query{};
};
using StoreRequest = std::variant<Append, Page, Load>;

struct Stored {};
struct DuplicateOf {  // this client_message_id of this sender_key is on disk already
    MessageId id{};
    WallMs time_ms = 0;
};
using AppendResult = std::variant<Stored, DuplicateOf>;

struct Appended {
    BatchId batch{};
    std::vector<AppendResult> results{};  // one a record, in order; empty when the whole batch failed
    std::string failure{};                // a sentence for the operator; the batch left no trace
};
struct Paged {
    QueryId query{};
    std::vector<StoredMessage> messages{};  // oldest first; without client_message_id and sender_key
    bool complete = false;                // nothing further in the direction asked for
    std::string failure{};
};
struct Loaded {
    QueryId query{};
    std::vector<RoomRow> rooms{};
    MessageId last_message{};  // highest ids ever used
    RoomId last_room{};
    MemberId last_member{};
    std::string failure{};
};
using StoreReply = std::variant<Appended, Paged, Loaded>;

// One thread at a time calls it; it may block. Both implementations (the simulator's torn log and SQLite)
// pass store/contract.
class Store {
public:
    virtual ~Store() = default;
    virtual StoreReply execute(const StoreRequest& request) = 0;
};

}  // namespace earshot::port
