#include "io/db/sqlite_store.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <map>

#include "io/db/faulty_vfs.hpp"
#include "io/db/migrations.hpp"
#include "io/db/statement.hpp"
#include "store/contract.hpp"

namespace earshot::io {
namespace {

namespace fs = std::filesystem;
using namespace store::contract;

class TempDir {
public:
    TempDir() {
        std::string name = (fs::temp_directory_path() / "earshot-test-XXXXXX").string();
        REQUIRE(::mkdtemp(name.data()));
        path_ = name;
    }
    ~TempDir() { fs::remove_all(path_); }
    TempDir(const TempDir&) = delete;
    TempDir& operator=(const TempDir&) = delete;
    std::string sub(const std::string& name) const { return path_ + "/" + name; }
    const std::string& path() const { return path_; }

private:
    std::string path_;
};

// A killed process leaves the files as they are: they are copied from under the open store.
class SqliteDisk final : public store::ContractDisk {
public:
    std::unique_ptr<port::Store> open() override {
        auto opened = SqliteStore::open(place());
        REQUIRE_MESSAGE(opened, opened.error());
        return std::move(*opened);
    }
    void crash(std::unique_ptr<port::Store> store) override {
        const auto before = place();
        ++life_;
        fs::create_directory(place());
        for (const auto& file : {"earshot.db", "earshot.db-wal"})
            if (fs::exists(before + "/" + file)) fs::copy_file(before + "/" + file, place() + "/" + file);
        store.reset();
    }

private:
    std::string place() const { return dir_.sub("life" + std::to_string(life_)); }
    TempDir dir_;
    int life_ = 0;
};

std::unique_ptr<SqliteStore> must_open(const std::string& directory, const char* vfs = nullptr) {
    auto opened = SqliteStore::open(directory, vfs);
    REQUIRE_MESSAGE(opened, opened.error());
    return std::move(*opened);
}

std::vector<port::Record> batch_of_three(std::uint64_t number) {
    const auto first = number * 3 + 1;
    return {message(first, 1, std::string(900, 'a')), message(first + 1, 1, std::string(900, 'b')), message(first + 2, 1, std::string(900, 'c'))};
}

// Whole batches only, every acknowledged one among them.
void check_whole_batches(const std::string& directory, const std::set<std::uint64_t>& acknowledged) {
    auto store = must_open(directory);
    const auto paged = page(*store, {.room = RoomId{1}, .limit = 1000});
    REQUIRE(paged.failure.empty());
    std::map<std::uint64_t, int> parts;
    for (const auto& m : paged.messages) ++parts[(m.id.value - 1) / 3];
    for (const auto& [number, count] : parts) CHECK_MESSAGE(count == 3, "half a batch was found: ", number);
    for (const auto number : acknowledged) CHECK_MESSAGE(parts.contains(number), "an acknowledged batch is gone: ", number);
}

std::string copy_of(const std::string& directory, const std::string& to) {
    fs::create_directory(to);
    for (const auto& file : {"earshot.db", "earshot.db-wal"})
        if (fs::exists(directory + "/" + file)) fs::copy_file(directory + "/" + file, to + "/" + file);
    return to;
}

// Appends while the file layer fails once, goes on when it is well again, then dies.
void run_with_fault(Faults::Kind kind, int after, bool& tripped) {
    TempDir dir;
    FaultyVfs vfs;
    std::set<std::uint64_t> acknowledged;
    {
        auto store = must_open(dir.sub("data"), FaultyVfs::kName);
        vfs.faults.kind = kind;
        vfs.faults.after = after;
        for (std::uint64_t number = 0; number < 6; ++number) {
            const auto done = append(*store, batch_of_three(number));
            CHECK((done.failure.empty() ? 3 : 0) == done.results.size());
            if (done.failure.empty()) acknowledged.insert(number);
            if (vfs.faults.tripped) vfs.faults.kind = Faults::Kind::kNone;
        }
        tripped = vfs.faults.tripped;
        CHECK(acknowledged.size() >= 5);
        copy_of(dir.sub("data"), dir.sub("found"));
    }
    check_whole_batches(dir.sub("found"), acknowledged);
    check_whole_batches(dir.sub("data"), acknowledged);
}

}  // namespace

TEST_CASE("SQLite keeps the store's contract") {
    store::check_contract([] { return std::make_unique<SqliteDisk>(); });
}

TEST_CASE("a failing disk loses nothing acknowledged and leaves no half batch") {
    for (const auto kind : {Faults::Kind::kWriteFails, Faults::Kind::kShortWrite, Faults::Kind::kSyncFails}) {
        bool tripped = true;
        int tried = 0;
        for (; tripped && tried < 200; ++tried) run_with_fault(kind, tried, tripped);
        CHECK(tried > 5);  // it struck at several places, and then no more
        CHECK_FALSE(tripped);
    }
}

TEST_CASE("a batch that failed left no trace, and its message can be sent again") {
    TempDir dir;
    FaultyVfs vfs;
    auto store = must_open(dir.path(), FaultyVfs::kName);
    vfs.faults.kind = Faults::Kind::kWriteFails;
    const auto failed = append(*store, {message(1, 1, "hello", "key-12345")});
    CHECK(failed.failure.find("the database failed: ") == 0);
    vfs.faults.kind = Faults::Kind::kNone;
    CHECK(page(*store, {.room = RoomId{1}}).messages.empty());
    CHECK_FALSE(load(*store).last_message);
    const auto again = append(*store, {message(1, 1, "hello", "key-12345")});
    REQUIRE(again.results.size() == 1);
    CHECK(stored(again.results[0]));
}

TEST_CASE("acknowledged outlives a power cut: only what was fsynced is found") {
    TempDir dir;
    FaultyVfs vfs;
    fs::create_directory(dir.sub("durable"));
    vfs.faults.durable = dir.sub("durable");
    std::set<std::uint64_t> acknowledged;
    auto store = must_open(dir.sub("data"), FaultyVfs::kName);
    for (std::uint64_t number = 0; number < 8; ++number) {
        REQUIRE(append(*store, batch_of_three(number)).failure.empty());
        acknowledged.insert(number);
        check_whole_batches(copy_of(dir.sub("durable"), dir.sub("found" + std::to_string(number))), acknowledged);
    }
}

TEST_CASE("a second daemon on the same directory is told so") {
    TempDir dir;
    auto first = must_open(dir.path());
    auto second = SqliteStore::open(dir.path());
    REQUIRE_FALSE(second);
    CHECK(second.error().find("in use by another earshotd") != std::string::npos);
    first.reset();
    CHECK(SqliteStore::open(dir.path()));
}

TEST_CASE("a newer database is refused by name") {
    TempDir dir;
    must_open(dir.path()).reset();
    sqlite3* db = nullptr;
    sqlite3_open((dir.path() + "/earshot.db").c_str(), &db);
    sqlite3_exec(db, "PRAGMA user_version = 99", nullptr, nullptr, nullptr);
    sqlite3_close(db);
    auto opened = SqliteStore::open(dir.path());
    REQUIRE_FALSE(opened);
    CHECK(opened.error() == "the database " + dir.path() + "/earshot.db was written by a newer earshotd (schema 99, this one knows "
                              + std::to_string(newest_schema()) + "): use that version or another --data");
}

TEST_CASE("a file that is no database is refused") {
    TempDir dir;
    std::ofstream(dir.sub("earshot.db")) << std::string(5000, 'x');
    auto opened = SqliteStore::open(dir.path());
    REQUIRE_FALSE(opened);
    CHECK(opened.error().find("cannot be opened") != std::string::npos);
}

TEST_CASE("a directory that cannot be made or written is one sentence") {
    TempDir dir;
    std::ofstream(dir.sub("file")) << "in the way";
    auto opened = SqliteStore::open(dir.sub("file") + "/data");
    REQUIRE_FALSE(opened);
    CHECK(opened.error().find("cannot make the data directory") == 0);
    opened = SqliteStore::open("/proc");  // nobody writes there, root neither
    REQUIRE_FALSE(opened);
    CHECK(opened.error().find("cannot write in the data directory /proc") == 0);
}

TEST_CASE("others on the machine cannot read the history") {
    TempDir dir;
    auto store = must_open(dir.sub("data"));
    append(*store, batch_of_three(0));
    for (const auto& file : fs::directory_iterator(dir.sub("data"))) {
        struct stat info {};
        REQUIRE(::stat(file.path().c_str(), &info) == 0);
        CHECK_MESSAGE((info.st_mode & 0077) == 0, file.path().string());
    }
    struct stat info {};
    REQUIRE(::stat(dir.sub("data").c_str(), &info) == 0);
    CHECK((info.st_mode & 0777) == 0700);
}

}  // namespace earshot::io
