// What every port::Store promises, as tests. An implementation's own test hands in a maker of fresh disks;
// SQLite and the simulator's torn log both pass.
#pragma once
#include <doctest/doctest.h>

#include <functional>
#include <memory>
#include <set>
#include <string>

#include "port/store.hpp"

namespace earshot::store {

// One medium that outlives the process.
class ContractDisk {
public:
    virtual ~ContractDisk() = default;
    // Opens what lies on the disk; the first time it is empty.
    virtual std::unique_ptr<port::Store> open() = 0;
    // The process dies with `store` open: nothing is flushed or closed. open() follows.
    virtual void crash(std::unique_ptr<port::Store> store) = 0;
};
using MakeDisk = std::function<std::unique_ptr<ContractDisk>()>;

namespace contract {

inline port::StoredMessage message(std::uint64_t id, std::uint64_t room, std::string text, std::string key = {}) {
    return {.id = MessageId{id}, .room = RoomId{room}, .sender = MemberId{7}, .time_ms = 1000 + static_cast<WallMs>(id),
            .sender_name = "Ana", .text = std::move(text), .client_message_id = std::move(key), .sender_key = "ana"};
}
inline port::Appended append(port::Store& store, std::vector<port::Record> records) {
    return std::get<port::Appended>(store.execute(port::Append{BatchId{5}, std::move(records)}));
}
inline port::Paged page(port::Store& store, port::Page query) {
    return std::get<port::Paged>(store.execute(query));
}
inline port::Loaded load(port::Store& store) { return std::get<port::Loaded>(store.execute(port::Load{QueryId{9}})); }

inline std::vector<std::uint64_t> ids(const port::Paged& paged) {
    std::vector<std::uint64_t> out;
    for (const auto& m : paged.messages) out.push_back(m.id.value);
    return out;
}
inline bool stored(const port::AppendResult& result) { return std::holds_alternative<port::Stored>(result); }
inline void append_numbered(port::Store& store, std::uint64_t first, std::uint64_t last, std::uint64_t room) {
    std::vector<port::Record> batch;
    for (auto id = first; id <= last; ++id) batch.push_back(message(id, room, "text " + std::to_string(id)));
    REQUIRE(append(store, std::move(batch)).failure.empty());
}
using Ids = std::vector<std::uint64_t>;

}  // namespace contract

inline void check_empty_disk(ContractDisk& disk) {
    using namespace contract;
    auto store = disk.open();
    REQUIRE(store);
    const auto loaded = load(*store);
    CHECK(loaded.query == QueryId{9});
    CHECK(loaded.failure.empty());
    CHECK(loaded.rooms.empty());
    CHECK_FALSE(loaded.last_message);
    CHECK_FALSE(loaded.last_room);
    CHECK_FALSE(loaded.last_member);
    const auto paged = page(*store, {.query = QueryId{3}, .room = RoomId{1}, .limit = 10});
    CHECK(paged.query == QueryId{3});
    CHECK(paged.messages.empty());
    CHECK(paged.complete);
}

inline void check_fields_come_back(ContractDisk& disk) {
    using namespace contract;
    auto store = disk.open();
    const std::string odd = std::string("zero \0 byte, ", 13) + "\xf0\x9f\x8e\xb5 and ' quote\n";
    const auto done = append(*store, {port::RoomRow{RoomId{2}, "#lobby", "All \xc3\xa9"}, message(4, 2, odd, "key-00001")});
    CHECK(done.batch == BatchId{5});
    REQUIRE(done.failure.empty());
    REQUIRE(done.results.size() == 2);
    CHECK(stored(done.results[0]));
    CHECK(stored(done.results[1]));
    const auto paged = page(*store, {.room = RoomId{2}, .limit = 10});
    REQUIRE(paged.messages.size() == 1);
    const auto& m = paged.messages[0];
    CHECK(m.id == MessageId{4});
    CHECK(m.room == RoomId{2});
    CHECK(m.sender == MemberId{7});
    CHECK(m.time_ms == 1004);
    CHECK(m.sender_name == "Ana");
    CHECK(m.text == odd);
    CHECK(m.client_message_id.empty());
    CHECK(m.sender_key.empty());
    const auto loaded = load(*store);
    REQUIRE(loaded.rooms.size() == 1);
    CHECK(loaded.rooms[0].name == "#lobby");
    CHECK(loaded.rooms[0].topic == "All \xc3\xa9");
    CHECK(loaded.last_message == MessageId{4});
    CHECK(loaded.last_room == RoomId{2});
    CHECK(loaded.last_member == MemberId{7});
}

inline void check_paging(ContractDisk& disk) {
    using namespace contract;
    auto store = disk.open();
    append_numbered(*store, 1, 10, 1);
    append_numbered(*store, 11, 12, 2);  // another room never shows
    auto newest = page(*store, {.room = RoomId{1}, .limit = 4});
    CHECK(ids(newest) == Ids{7, 8, 9, 10});
    CHECK_FALSE(newest.complete);
    auto before = page(*store, {.room = RoomId{1}, .before = MessageId{5}, .limit = 4});
    CHECK(ids(before) == Ids{1, 2, 3, 4});
    CHECK(before.complete);
    CHECK_FALSE(page(*store, {.room = RoomId{1}, .before = MessageId{6}, .limit = 4}).complete);
    CHECK(page(*store, {.room = RoomId{1}, .before = MessageId{1}, .limit = 4}).messages.empty());
    auto after = page(*store, {.room = RoomId{1}, .after = MessageId{6}, .limit = 3});
    CHECK(ids(after) == Ids{7, 8, 9});
    CHECK_FALSE(after.complete);
    after = page(*store, {.room = RoomId{1}, .after = MessageId{7}, .limit = 3});
    CHECK(ids(after) == Ids{8, 9, 10});
    CHECK(after.complete);
    CHECK(page(*store, {.room = RoomId{1}, .after = MessageId{10}, .limit = 3}).complete);
    CHECK(ids(page(*store, {.room = RoomId{2}, .limit = 50})) == Ids{11, 12});
}

// A retry is the same message, and does not hold up the rest of its batch.
inline void check_retries(ContractDisk& disk) {
    using namespace contract;
    auto store = disk.open();
    REQUIRE(append(*store, {message(1, 1, "first", "retry-key")}).failure.empty());
    const auto mixed = append(*store, {message(2, 1, "other"), message(3, 1, "first again", "retry-key"), message(4, 1, "twice", "same-batch"),
                                       message(5, 1, "twice", "same-batch"), message(6, 1, "last")});
    REQUIRE(mixed.failure.empty());
    REQUIRE(mixed.results.size() == 5);
    CHECK(stored(mixed.results[0]));
    REQUIRE(std::holds_alternative<port::DuplicateOf>(mixed.results[1]));
    CHECK(std::get<port::DuplicateOf>(mixed.results[1]).id == MessageId{1});
    CHECK(std::get<port::DuplicateOf>(mixed.results[1]).time_ms == 1001);
    CHECK(stored(mixed.results[2]));
    REQUIRE(std::holds_alternative<port::DuplicateOf>(mixed.results[3]));
    CHECK(std::get<port::DuplicateOf>(mixed.results[3]).id == MessageId{4});
    CHECK(stored(mixed.results[4]));
    CHECK(ids(page(*store, {.room = RoomId{1}, .limit = 50})) == Ids{1, 2, 4, 6});
    // Another person may use the same key, and messages without a key are never retries.
    auto other = message(7, 1, "mine", "retry-key");
    other.sender_key = "bob";
    const auto done = append(*store, {other, message(8, 1, "same"), message(9, 1, "same")});
    REQUIRE(done.results.size() == 3);
    for (const auto& result : done.results) CHECK(stored(result));
    store.reset();
    store = disk.open();  // the key outlives the process
    const auto again = append(*store, {message(10, 1, "first", "retry-key")});
    REQUIRE(again.results.size() == 1);
    CHECK(std::holds_alternative<port::DuplicateOf>(again.results[0]));
}

inline void check_rooms(ContractDisk& disk) {
    using namespace contract;
    auto store = disk.open();
    append(*store, {port::RoomRow{RoomId{1}, "#a", ""}, port::RoomRow{RoomId{2}, "#b", "old"}, message(1, 1, "in a"), message(2, 2, "in b")});
    append(*store, {port::RoomRow{RoomId{2}, "#b", "new"}, port::RoomDropped{RoomId{1}}});
    append(*store, {port::RoomDropped{RoomId{99}}});  // unknown: nothing to do
    const auto loaded = load(*store);
    REQUIRE(loaded.rooms.size() == 1);
    CHECK(loaded.rooms[0].room == RoomId{2});
    CHECK(loaded.rooms[0].topic == "new");
    CHECK(page(*store, {.room = RoomId{1}, .limit = 5}).messages.empty());
    CHECK(ids(page(*store, {.room = RoomId{2}, .limit = 5})) == Ids{2});
}

// An id that was used is never given out again, even if nothing bears it any more.
inline void check_highest_ids(ContractDisk& disk) {
    using namespace contract;
    auto store = disk.open();
    append(*store, {port::RoomRow{RoomId{8}, "#gone", ""}, message(40, 8, "gone too")});
    append(*store, {port::RoomDropped{RoomId{8}}});
    store.reset();
    store = disk.open();
    const auto loaded = load(*store);
    CHECK(loaded.rooms.empty());
    CHECK(loaded.last_message == MessageId{40});
    CHECK(loaded.last_room == RoomId{8});
    CHECK(loaded.last_member == MemberId{7});
}

inline void check_crash(ContractDisk& disk) {
    using namespace contract;
    auto store = disk.open();
    for (std::uint64_t round = 0; round < 5; ++round) {
        append_numbered(*store, round * 3 + 1, round * 3 + 3, 1);
        append(*store, {port::RoomRow{RoomId{1}, "#kept", std::to_string(round)}});
        disk.crash(std::move(store));
        store = disk.open();
        REQUIRE(store);
        const auto paged = page(*store, {.room = RoomId{1}, .limit = 100});
        REQUIRE(paged.messages.size() == (round + 1) * 3);
        CHECK(paged.messages.back().text == "text " + std::to_string(round * 3 + 3));
        const auto loaded = load(*store);
        REQUIRE(loaded.rooms.size() == 1);
        CHECK(loaded.rooms[0].topic == std::to_string(round));
        CHECK(loaded.last_message == MessageId{round * 3 + 3});
    }
}

// Call it inside a TEST_CASE.
inline void check_contract(const MakeDisk& make) {
    const auto disk = make();
    SUBCASE("an empty disk knows nothing") { check_empty_disk(*disk); }
    SUBCASE("every field comes back as it went in") { check_fields_come_back(*disk); }
    SUBCASE("pages run backwards and forwards, oldest first") { check_paging(*disk); }
    SUBCASE("a retry is the same message") { check_retries(*disk); }
    SUBCASE("rooms are replaced and dropped with their history") { check_rooms(*disk); }
    SUBCASE("used ids are remembered") { check_highest_ids(*disk); }
    SUBCASE("what was acknowledged survives a crash") { check_crash(*disk); }
}

}  // namespace earshot::store
