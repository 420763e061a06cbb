#include "io/db/sqlite_store.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <utility>

#include "base/check.hpp"
#include "base/overloaded.hpp"
#include "io/db/migrations.hpp"
#include "io/db/statement.hpp"

namespace earshot::io {
namespace {

constexpr int kBusyMs = 2000;  // a backup tool may hold the file for a moment

// The file stays when the process ends; the kernel's lock on it does not.
class LockFile {
public:
    LockFile() = default;
    explicit LockFile(int fd) : fd_(fd) {}
    LockFile(LockFile&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    LockFile& operator=(LockFile&& other) noexcept {
        std::swap(fd_, other.fd_);
        return *this;
    }
    ~LockFile() {
        if (fd_ >= 0) ::close(fd_);
    }

    static std::expected<LockFile, std::string> take(const std::string& directory) {
        const auto path = directory + "/earshot.lock";
        LockFile lock(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
        if (lock.fd_ < 0)
            return std::unexpected(fmt::format("cannot write in the data directory {} ({}): make it writable for this user or choose another with --data", directory, std::strerror(errno)));
        if (::flock(lock.fd_, LOCK_EX | LOCK_NB) != 0)
            return std::unexpected(fmt::format("the data directory {} is in use by another earshotd: stop that one or choose another directory with --data", directory));
        return lock;
    }

private:
    int fd_ = -1;
};

std::expected<void, std::string> make_directory(const std::string& directory) {
    std::error_code error;
    const bool made = std::filesystem::create_directories(directory, error);
    if (error) return std::unexpected(fmt::format("cannot make the data directory {} ({}): make it by hand or choose another with --data", directory, error.message()));
    if (made) ::chmod(directory.c_str(), 0700);
    return {};
}

// SQLite gives its journal files the mode of the database, so the database itself is made first.
std::expected<void, std::string> make_private_file(const std::string& path) {
    const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) return std::unexpected(fmt::format("cannot write {} ({}): make it writable for this user or choose another directory with --data", path, std::strerror(errno)));
    ::close(fd);
    return {};
}

bool set_up(sqlite3* db) {
    sqlite3_busy_timeout(db, kBusyMs);
    sqlite3_extended_result_codes(db, 1);
    // FULL: fsync of the log at every commit, so that an acknowledged batch outlives a power cut.
    return sqlite3_exec(db, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON; PRAGMA cache_size=-1024", nullptr, nullptr, nullptr) == SQLITE_OK;
}

struct Queries {
    explicit Queries(sqlite3* db)
        : begin(db, "BEGIN IMMEDIATE"),
          commit(db, "COMMIT"),
          rollback(db, "ROLLBACK"),
          insert_message(db,
                         "INSERT INTO messages(id, room, sender, time_ms, sender_name, text, client_message_id, sender_key) "
                         "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) "
                         "ON CONFLICT(sender_key, client_message_id) WHERE client_message_id != '' DO NOTHING"),
          find_retry(db, "SELECT id, time_ms FROM messages WHERE sender_key = ?1 AND client_message_id = ?2 AND client_message_id != ''"),
          put_room(db, "INSERT INTO rooms(id, name, topic) VALUES (?1, ?2, ?3) ON CONFLICT(id) DO UPDATE SET name = ?2, topic = ?3"),
          drop_room(db, "DELETE FROM rooms WHERE id = ?1"),
          drop_messages(db, "DELETE FROM messages WHERE room = ?1"),
          raise(db, "UPDATE highest SET id = max(id, ?2) WHERE what = ?1"),
          page_before(db, "SELECT id, sender, time_ms, sender_name, text FROM messages WHERE room = ?1 AND id < ?2 ORDER BY id DESC LIMIT ?3"),
          page_after(db, "SELECT id, sender, time_ms, sender_name, text FROM messages WHERE room = ?1 AND id > ?2 ORDER BY id LIMIT ?3"),
          rooms(db, "SELECT id, name, topic, coalesce((SELECT max(id) FROM messages WHERE room = rooms.id), 0) FROM rooms ORDER BY id"),
          highest(db, "SELECT what, id FROM highest") {}
    bool complete() const {
        return begin && commit && rollback && insert_message && find_retry && put_room && drop_room && drop_messages && raise && page_before && page_after && rooms && highest;
    }

    Statement begin, commit, rollback, insert_message, find_retry, put_room, drop_room, drop_messages, raise, page_before, page_after, rooms, highest;
};

port::StoredMessage message_of(const Statement& row, RoomId room) {
    return {.id = MessageId{row.id(0)}, .room = room, .sender = MemberId{row.id(1)}, .time_ms = row.integer(2), .sender_name = row.text(3), .text = row.text(4),
            .client_message_id = {}, .sender_key = {}};
}

}  // namespace

struct SqliteStore::Impl {
    Impl(LockFile held, Database opened) : lock(std::move(held)), db(std::move(opened)), query(db.get()) {}

    LockFile lock;
    Database db;
    Queries query;

    std::string trouble() const { return fmt::format("the database failed: {}", sqlite3_errmsg(db.get())); }

    port::Appended append(const port::Append& request);
    bool write(const port::Record& record, std::vector<port::AppendResult>& results);
    bool write_message(const port::StoredMessage& message, port::AppendResult& result);
    bool raise(const char* what, std::uint64_t id) { return query.raise.with(std::string(what), id).run() == SQLITE_DONE; }
    port::Paged page(const port::Page& request);
    port::Loaded load(const port::Load& request);
    bool load_into(port::Loaded& reply);
};

port::Appended SqliteStore::Impl::append(const port::Append& request) {
    port::Appended reply{.batch = request.batch, .results = {}, .failure = {}};
    reply.results.reserve(request.records.size());
    bool good = query.begin.run() == SQLITE_DONE;
    for (const auto& record : request.records) good = good && write(record, reply.results);
    good = good && query.commit.run() == SQLITE_DONE;
    if (good) return reply;
    reply.failure = trouble();
    reply.results.clear();
    if (!sqlite3_get_autocommit(db.get())) query.rollback.run();
    return reply;
}

bool SqliteStore::Impl::write(const port::Record& record, std::vector<port::AppendResult>& results) {
    results.emplace_back(port::Stored{});
    return std::visit(overloaded{
                          [&](const port::StoredMessage& message) { return write_message(message, results.back()); },
                          [&](const port::RoomRow& row) { return query.put_room.with(row.room.value, row.name, row.topic).run() == SQLITE_DONE && raise("room", row.room.value); },
                          [&](const port::RoomDropped& dropped) {
                              return query.drop_messages.with(dropped.room.value).run() == SQLITE_DONE && query.drop_room.with(dropped.room.value).run() == SQLITE_DONE;
                          },
                      },
                      record);
}

bool SqliteStore::Impl::write_message(const port::StoredMessage& message, port::AppendResult& result) {
    auto& insert = query.insert_message.with(message.id.value, message.room.value, message.sender.value, message.time_ms, message.sender_name, message.text,
                                             message.client_message_id, message.sender_key);
    if (insert.run() != SQLITE_DONE) return false;
    if (sqlite3_changes(db.get()) == 1) return raise("message", message.id.value) && raise("member", message.sender.value);
    auto& retry = query.find_retry.with(message.sender_key, message.client_message_id);
    const bool found = retry.step() == SQLITE_ROW;
    if (found) result = port::DuplicateOf{MessageId{retry.id(0)}, retry.integer(1)};
    retry.reset();
    return found;
}

port::Paged SqliteStore::Impl::page(const port::Page& request) {
    port::Paged reply{.query = request.query, .messages = {}, .complete = false, .failure = {}};
    const std::uint64_t limit = std::min(request.limit, kMostRowsOfPage);
    const bool forwards = static_cast<bool>(request.after);
    const std::uint64_t edge = forwards ? request.after.value : request.before ? request.before.value : std::uint64_t{INT64_MAX};
    auto& rows = (forwards ? query.page_after : query.page_before).with(request.room.value, edge, limit + 1);  // one more tells whether it ends here
    int result = rows.step();
    for (; result == SQLITE_ROW && reply.messages.size() < limit; result = rows.step()) reply.messages.push_back(message_of(rows, request.room));
    rows.reset();
    reply.complete = result == SQLITE_DONE;
    if (result != SQLITE_DONE && result != SQLITE_ROW) reply = {.query = request.query, .messages = {}, .complete = false, .failure = trouble()};
    if (!forwards) std::ranges::reverse(reply.messages);
    return reply;
}

bool SqliteStore::Impl::load_into(port::Loaded& reply) {
    auto& rooms = query.rooms.with();
    int result = rooms.step();
    for (; result == SQLITE_ROW; result = rooms.step()) reply.rooms.push_back({RoomId{rooms.id(0)}, rooms.text(1), rooms.text(2), MessageId{rooms.id(3)}});
    rooms.reset();
    if (result != SQLITE_DONE) return false;
    auto& highest = query.highest.with();
    for (result = highest.step(); result == SQLITE_ROW; result = highest.step()) {
        const auto what = highest.text(0);
        if (what == "message") reply.last_message.value = highest.id(1);
        if (what == "room") reply.last_room.value = highest.id(1);
        if (what == "member") reply.last_member.value = highest.id(1);
    }
    highest.reset();
    return result == SQLITE_DONE;
}

port::Loaded SqliteStore::Impl::load(const port::Load& request) {
    port::Loaded reply;
    reply.query = request.query;
    if (load_into(reply)) return reply;
    port::Loaded failed;
    failed.query = request.query;
    failed.failure = trouble();
    return failed;
}

SqliteStore::SqliteStore(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
SqliteStore::~SqliteStore() = default;

std::expected<std::unique_ptr<SqliteStore>, std::string> SqliteStore::open(const std::string& directory, const char* vfs) {
    if (auto made = make_directory(directory); !made) return std::unexpected(made.error());
    auto lock = LockFile::take(directory);
    if (!lock) return std::unexpected(lock.error());
    const auto path = directory + "/earshot.db";
    if (auto made = make_private_file(path); !made) return std::unexpected(made.error());
    sqlite3* raw = nullptr;
    const int opened = sqlite3_open_v2(path.c_str(), &raw, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, vfs);
    Database db(raw);
    const auto failed = [&](std::string_view what) { return std::unexpected(fmt::format("the database {} {}", path, what)); };
    if (opened != SQLITE_OK || !set_up(db.get()))
        return failed(fmt::format("cannot be opened ({}): restore it from a backup or choose another directory with --data", raw ? sqlite3_errmsg(raw) : "out of memory"));
    if (auto migrated = migrate(db.get()); !migrated) return failed(migrated.error());
    auto impl = std::make_unique<Impl>(std::move(*lock), std::move(db));
    if (!impl->query.complete()) return failed(fmt::format("has an unexpected shape ({}): restore it from a backup or choose another directory with --data", sqlite3_errmsg(impl->db.get())));
    return std::unique_ptr<SqliteStore>(new SqliteStore(std::move(impl)));
}

port::StoreReply SqliteStore::execute(const port::StoreRequest& request) {
    return std::visit(overloaded{
                          [&](const port::Append& append) -> port::StoreReply { return impl_->append(append); },
                          [&](const port::Page& page) -> port::StoreReply { return impl_->page(page); },
                          [&](const port::Load& load) -> port::StoreReply { return impl_->load(load); },
                      },
                      request);
}

}  // namespace earshot::io
