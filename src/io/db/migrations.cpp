#include "io/db/migrations.hpp"

#include <fmt/format.h>

#include <array>

#include "io/db/statement.hpp"

namespace earshot::io {
namespace {

// Never edit a step that was released: add one.
constexpr std::array kSteps{
    R"(
CREATE TABLE rooms(id INTEGER PRIMARY KEY, name TEXT NOT NULL, topic TEXT NOT NULL) STRICT;
CREATE TABLE messages(
  id INTEGER PRIMARY KEY, room INTEGER NOT NULL, sender INTEGER NOT NULL, time_ms INTEGER NOT NULL,
  sender_name TEXT NOT NULL, text TEXT NOT NULL, client_message_id TEXT NOT NULL, sender_key TEXT NOT NULL) STRICT;
CREATE INDEX messages_of_room ON messages(room, id);
CREATE UNIQUE INDEX messages_by_retry_key ON messages(sender_key, client_message_id) WHERE client_message_id != '';
CREATE TABLE highest(what TEXT PRIMARY KEY, id INTEGER NOT NULL) STRICT, WITHOUT ROWID;
INSERT INTO highest VALUES ('message', 0), ('room', 0), ('member', 0);
)",
};

int schema_of(sqlite3* db) {
    Statement version(db, "PRAGMA user_version");
    return version && version.step() == SQLITE_ROW ? static_cast<int>(version.integer(0)) : -1;
}

bool apply(sqlite3* db, std::size_t step) {
    const auto sql = fmt::format("BEGIN IMMEDIATE; {} PRAGMA user_version = {}; COMMIT", kSteps[step], step + 1);
    if (sqlite3_exec(db, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK) return true;
    if (!sqlite3_get_autocommit(db)) sqlite3_exec(db, "ROLLBACK", nullptr, nullptr, nullptr);
    return false;
}

}  // namespace

int newest_schema() { return static_cast<int>(kSteps.size()); }

std::expected<void, std::string> migrate(sqlite3* db) {
    const int schema = schema_of(db);
    if (schema < 0) return std::unexpected(fmt::format("cannot be read ({})", sqlite3_errmsg(db)));
    if (schema > newest_schema())
        return std::unexpected(fmt::format("was written by a newer earshotd (schema {}, this one knows {}): use that version or another --data", schema, newest_schema()));
    for (auto step = static_cast<std::size_t>(schema); step < kSteps.size(); ++step)
        if (!apply(db, step)) return std::unexpected(fmt::format("cannot be brought to schema {} ({})", step + 1, sqlite3_errmsg(db)));
    return {};
}

}  // namespace earshot::io
