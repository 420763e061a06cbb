#include "sim/torn_log.hpp"

#include <doctest/doctest.h>

#include <string>

#include "store/contract.hpp"

using namespace earshot;
using namespace earshot::sim;

namespace {

port::StoredMessage message(std::uint64_t id, std::string text, std::string key = {}) {
    return {MessageId{id}, RoomId{1}, MemberId{7}, 1000 + static_cast<WallMs>(id), "Ann", std::move(text), std::move(key), "ann"};
}

port::Appended append(TornLog& log, std::uint64_t batch, std::vector<port::Record> records) {
    return std::get<port::Appended>(log.execute(port::Append{BatchId{batch}, std::move(records)}));
}

port::Paged page(TornLog& log, std::uint64_t before, std::uint64_t after, std::uint32_t limit) {
    return std::get<port::Paged>(log.execute(port::Page{QueryId{1}, RoomId{1}, MessageId{before}, MessageId{after}, limit}));
}

std::string texts(const port::Paged& paged) {
    std::string all;
    for (const auto& m : paged.messages) all += m.text;
    return all;
}

}  // namespace

TEST_CASE("what was stored is there after a crash, what was only begun is there whole or not at all") {
    for (std::uint64_t seed = 0; seed < 300; ++seed) {
        SeededRandom chance{seed};
        TornLog log;
        append(log, 1, {port::RoomRow{RoomId{1}, "#lobby", ""}, message(1, "a")});
        log.begin(port::Append{BatchId{2}, {message(2, "b"), message(3, "c")}});
        log.crash(chance);
        const auto survived = texts(page(log, 0, 0, 10));
        CHECK((survived == "a" || survived == "abc"));
        append(log, 3, {message(9, "d")});
        log.crash(chance);
        CHECK(texts(page(log, 0, 0, 10)) == survived + "d");
        CHECK(log.rooms().at(RoomId{1}).name == "#lobby");
    }
}

TEST_CASE("some crashes keep the begun batch and some lose it") {
    int kept = 0;
    for (std::uint64_t seed = 0; seed < 300; ++seed) {
        SeededRandom chance{seed};
        TornLog log;
        log.begin(port::Append{BatchId{1}, {message(1, "a")}});
        log.crash(chance);
        kept += static_cast<int>(log.messages().size());
    }
    CHECK(kept > 0);
    CHECK(kept < 100);
}

TEST_CASE("a disk that lies about syncing loses what it promised") {
    int lost = 0;
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        SeededRandom chance{seed};
        TornLog log;
        log.faults.sync_lies = true;
        append(log, 1, {message(1, "a")});
        log.crash(chance);
        lost += log.messages().empty() ? 1 : 0;
    }
    CHECK(lost > 0);
}

TEST_CASE("a failed sync leaves no trace and the next batch is well") {
    TornLog log;
    log.faults.failing_syncs = 1;
    CHECK_FALSE(append(log, 1, {message(1, "a", "key-00001")}).failure.empty());
    CHECK(log.messages().empty());
    const auto again = append(log, 2, {message(2, "a", "key-00001")});
    CHECK(again.failure.empty());
    CHECK(std::holds_alternative<port::Stored>(again.results.at(0)));
}

TEST_CASE("a full disk refuses, and takes again when there is room") {
    TornLog log;
    log.faults.capacity = 10;
    CHECK_FALSE(append(log, 1, {message(1, "a")}).failure.empty());
    log.faults.capacity.reset();
    CHECK(append(log, 2, {message(1, "a")}).failure.empty());
    CHECK(texts(page(log, 0, 0, 10)) == "a");
}

TEST_CASE("a retry is recognised in the same batch, in a later one and after a crash") {
    TornLog log;
    SeededRandom chance{1};
    const auto first = append(log, 1, {message(1, "a", "key-00001"), message(2, "a", "key-00001")});
    CHECK(std::holds_alternative<port::Stored>(first.results.at(0)));
    CHECK(std::get<port::DuplicateOf>(first.results.at(1)).id == MessageId{1});
    log.crash(chance);
    const auto second = append(log, 2, {message(3, "a", "key-00001")});
    CHECK(std::get<port::DuplicateOf>(second.results.at(0)).id == MessageId{1});
    CHECK(std::get<port::DuplicateOf>(second.results.at(0)).time_ms == 1001);
    CHECK(log.messages().size() == 1);
}

TEST_CASE("pages go backwards from before and forwards from after") {
    TornLog log;
    for (std::uint64_t id = 1; id <= 5; ++id) append(log, id, {message(id, std::to_string(id))});
    CHECK(texts(page(log, 0, 0, 2)) == "45");
    CHECK_FALSE(page(log, 0, 0, 2).complete);
    CHECK(texts(page(log, 4, 0, 9)) == "123");
    CHECK(page(log, 4, 0, 9).complete);
    CHECK(texts(page(log, 0, 3, 1)) == "4");
    CHECK_FALSE(page(log, 0, 3, 1).complete);
    CHECK(texts(page(log, 0, 3, 9)) == "45");
    CHECK(page(log, 0, 5, 9).complete);
}

TEST_CASE("a start tells the highest ids ever used, of dropped rooms too") {
    TornLog log;
    SeededRandom chance{1};
    append(log, 1, {port::RoomRow{RoomId{1}, "#lobby", ""}, port::RoomRow{RoomId{4}, "#gone", ""}, message(8, "a")});
    append(log, 2, {port::RoomDropped{RoomId{4}}});
    log.crash(chance);
    const auto loaded = std::get<port::Loaded>(log.execute(port::Load{QueryId{1}}));
    CHECK(loaded.rooms.size() == 1);
    CHECK(loaded.last_message == MessageId{8});
    CHECK(loaded.last_room == RoomId{4});
    CHECK(loaded.last_member == MemberId{7});
}

TEST_CASE("one damaged byte costs its batch and what follows, never what came before") {
    TornLog log;
    SeededRandom chance{1};
    append(log, 1, {message(1, "a")});
    const auto whole = log.size();
    append(log, 2, {message(2, "b")});
    log.damage(whole + 20);
    log.crash(chance);
    CHECK(texts(page(log, 0, 0, 10)) == "a");
}

namespace {

class TornDisk final : public store::ContractDisk {
public:
    // The log is its own medium; what is handed out only passes requests on.
    std::unique_ptr<port::Store> open() override { return std::make_unique<Opened>(log_); }
    void crash(std::unique_ptr<port::Store> store) override {
        store.reset();
        log_.crash(chance_);
    }

private:
    struct Opened final : port::Store {
        explicit Opened(TornLog& medium) : log(medium) {}
        port::StoreReply execute(const port::StoreRequest& request) override { return log.execute(request); }
        TornLog& log;
    };
    TornLog log_;
    SeededRandom chance_{5};
};

}  // namespace

TEST_CASE("the torn log keeps what every store promises") {
    store::check_contract([] { return std::make_unique<TornDisk>(); });
}
