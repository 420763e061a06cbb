// History on disk: one SQLite file, one transaction a batch, acknowledged after fsync.
#pragma once
#include <expected>
#include <memory>
#include <string>

#include "port/store.hpp"

namespace earshot::io {

class SqliteStore final : public port::Store {
public:
    static constexpr std::uint32_t kMostRowsOfPage = 1000;

    // Opens DIRECTORY/earshot.db, making both when they are missing (readable by their owner only). One process
    // at a time: DIRECTORY/earshot.lock is held. The error is one sentence that says what to do.
    // `vfs`: SQLite's file layer by name; tests hand in one that fails.
    static std::expected<std::unique_ptr<SqliteStore>, std::string> open(const std::string& directory, const char* vfs = nullptr);
    ~SqliteStore() override;

    port::StoreReply execute(const port::StoreRequest& request) override;

private:
    struct Impl;
    explicit SqliteStore(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace earshot::io
