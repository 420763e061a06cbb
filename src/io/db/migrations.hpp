// The shape of the database over time. PRAGMA user_version says how many of these steps it has seen.
#pragma once
#include <sqlite3.h>

#include <expected>
#include <string>

namespace earshot::io {

// The schema this program knows.
int newest_schema();
// Brings `db` up to newest_schema(), each step in a transaction of its own. The error is a sentence for the operator.
std::expected<void, std::string> migrate(sqlite3* db);

}  // namespace earshot::io
