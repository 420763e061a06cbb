// A thin hold on SQLite's C API: a connection and a prepared statement that close themselves.
#pragma once
#include <sqlite3.h>

#include <memory>
#include <string>
#include <string_view>

namespace earshot::io {

struct CloseDatabase {
    void operator()(sqlite3* db) const { sqlite3_close_v2(db); }
};
using Database = std::unique_ptr<sqlite3, CloseDatabase>;

class Statement {
public:
    Statement() = default;
    // Empty when the text does not compile; check with operator bool and sqlite3_errmsg.
    Statement(sqlite3* db, std::string_view sql) {
        sqlite3_stmt* raw = nullptr;
        sqlite3_prepare_v3(db, sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT, &raw, nullptr);
        statement_.reset(raw);
    }
    explicit operator bool() const { return statement_ != nullptr; }

    // Binds the arguments to ?1, ?2, ... after a reset. Texts must outlive the steps.
    template <typename... Ts>
    Statement& with(const Ts&... values) {
        sqlite3_reset(statement_.get());
        int index = 0;
        (bind(++index, values), ...);
        return *this;
    }
    int step() { return sqlite3_step(statement_.get()); }
    // Steps a statement that yields no rows; SQLITE_DONE is success.
    int run() {
        const int result = step();
        sqlite3_reset(statement_.get());
        return result;
    }
    void reset() { sqlite3_reset(statement_.get()); }
    std::int64_t integer(int column) const { return sqlite3_column_int64(statement_.get(), column); }
    std::uint64_t id(int column) const { return static_cast<std::uint64_t>(integer(column)); }
    std::string text(int column) const {
        const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement_.get(), column));
        const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column));
        return bytes ? std::string(bytes, size) : std::string{};
    }

private:
    void bind(int index, std::int64_t value) { sqlite3_bind_int64(statement_.get(), index, value); }
    void bind(int index, std::uint64_t value) { sqlite3_bind_int64(statement_.get(), index, static_cast<std::int64_t>(value)); }
    void bind(int index, const std::string& value) { sqlite3_bind_text64(statement_.get(), index, value.data(), value.size(), SQLITE_STATIC, SQLITE_UTF8); }

    struct Finalize {
        void operator()(sqlite3_stmt* s) const { sqlite3_finalize(s); }
    };
    std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

}  // namespace earshot::io
