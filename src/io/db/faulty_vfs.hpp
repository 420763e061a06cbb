// For tests: a SQLite file layer that fails on demand, and that knows which bytes a power cut would leave.
// Every file whose fsync succeeded is copied to a second directory: the disk as it would be found.
#pragma once
#include <sqlite3.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace earshot::io {

struct Faults {
    enum class Kind { kNone, kWriteFails, kShortWrite, kSyncFails };
    Kind kind = Kind::kNone;
    int after = 0;              // so many operations of that kind succeed first
    std::string durable;        // directory for what was fsynced; empty: not kept
    bool tripped = false;

    bool strikes(Kind wanted) {
        if (kind != wanted) return false;
        if (after-- > 0) return false;
        tripped = true;
        return true;
    }
};

// One at a time: SQLite's file layers are global.
class FaultyVfs {
public:
    static constexpr const char* kName = "earshot-faulty";

    FaultyVfs() : below_(sqlite3_vfs_find(nullptr)), vfs_(*below_) {
        vfs_.zName = kName;
        vfs_.pNext = nullptr;
        vfs_.pAppData = this;
        vfs_.szOsFile = static_cast<int>(sizeof(File)) + below_->szOsFile;
        vfs_.xOpen = &open;
        sqlite3_vfs_register(&vfs_, 0);
    }
    ~FaultyVfs() { sqlite3_vfs_unregister(&vfs_); }
    FaultyVfs(const FaultyVfs&) = delete;
    FaultyVfs& operator=(const FaultyVfs&) = delete;

    Faults faults;

private:
    struct File {
        sqlite3_file base;
        FaultyVfs* owner;
        const char* path;
        sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
    };
    static File* of(sqlite3_file* f) { return reinterpret_cast<File*>(f); }
    static sqlite3_file* real(sqlite3_file* f) { return of(f)->real(); }

    static int open(sqlite3_vfs* vfs, const char* name, sqlite3_file* f, int flags, int* out) {
        auto* self = static_cast<FaultyVfs*>(vfs->pAppData);
        auto* file = of(f);
        file->base.pMethods = nullptr;
        file->owner = self;
        file->path = name;
        const int result = self->below_->xOpen(self->below_, name, file->real(), flags, out);
        if (result == SQLITE_OK) file->base.pMethods = methods();
        return result;
    }
    static int write(sqlite3_file* f, const void* bytes, int size, sqlite3_int64 offset) {
        auto& faults = of(f)->owner->faults;
        if (faults.strikes(Faults::Kind::kWriteFails)) return SQLITE_IOERR_WRITE;
        if (faults.strikes(Faults::Kind::kShortWrite)) {
            real(f)->pMethods->xWrite(real(f), bytes, size / 2, offset);
            return SQLITE_FULL;
        }
        return real(f)->pMethods->xWrite(real(f), bytes, size, offset);
    }
    static int sync(sqlite3_file* f, int flags) {
        auto& faults = of(f)->owner->faults;
        if (faults.strikes(Faults::Kind::kSyncFails)) return SQLITE_IOERR_FSYNC;
        const int result = real(f)->pMethods->xSync(real(f), flags);
        if (result == SQLITE_OK && !faults.durable.empty() && of(f)->path) keep(of(f)->path, faults.durable);
        return result;
    }
    static void keep(const std::string& path, const std::string& directory) {
        std::filesystem::copy_file(path, directory + "/" + std::filesystem::path(path).filename().string(), std::filesystem::copy_options::overwrite_existing);
    }

    static const sqlite3_io_methods* methods() {
        static const sqlite3_io_methods table{
            .iVersion = 2,
            .xClose = [](sqlite3_file* f) { return real(f)->pMethods->xClose(real(f)); },
            .xRead = [](sqlite3_file* f, void* p, int n, sqlite3_int64 o) { return real(f)->pMethods->xRead(real(f), p, n, o); },
            .xWrite = &write,
            .xTruncate = [](sqlite3_file* f, sqlite3_int64 n) { return real(f)->pMethods->xTruncate(real(f), n); },
            .xSync = &sync,
            .xFileSize = [](sqlite3_file* f, sqlite3_int64* n) { return real(f)->pMethods->xFileSize(real(f), n); },
            .xLock = [](sqlite3_file* f, int l) { return real(f)->pMethods->xLock(real(f), l); },
            .xUnlock = [](sqlite3_file* f, int l) { return real(f)->pMethods->xUnlock(real(f), l); },
            .xCheckReservedLock = [](sqlite3_file* f, int* out) { return real(f)->pMethods->xCheckReservedLock(real(f), out); },
            .xFileControl = [](sqlite3_file* f, int op, void* p) { return real(f)->pMethods->xFileControl(real(f), op, p); },
            .xSectorSize = [](sqlite3_file* f) { return real(f)->pMethods->xSectorSize(real(f)); },
            .xDeviceCharacteristics = [](sqlite3_file* f) { return real(f)->pMethods->xDeviceCharacteristics(real(f)); },
            .xShmMap = [](sqlite3_file* f, int p, int n, int e, void volatile** out) { return real(f)->pMethods->xShmMap(real(f), p, n, e, out); },
            .xShmLock = [](sqlite3_file* f, int o, int n, int flags) { return real(f)->pMethods->xShmLock(real(f), o, n, flags); },
            .xShmBarrier = [](sqlite3_file* f) { real(f)->pMethods->xShmBarrier(real(f)); },
            .xShmUnmap = [](sqlite3_file* f, int d) { return real(f)->pMethods->xShmUnmap(real(f), d); },
            .xFetch = nullptr,
            .xUnfetch = nullptr,
        };
        return &table;
    }

    sqlite3_vfs* below_;
    sqlite3_vfs vfs_;
};

}  // namespace earshot::io
