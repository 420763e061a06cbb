// A history on a made disk: one file of checksummed batches. What was written but not yet synced is
// torn at any byte by a crash; syncs may fail, the disk may be full. It says "stored" only after a sync.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <unordered_map>
#include <vector>

#include "base/random.hpp"
#include "port/store.hpp"

namespace earshot::sim {

class TornLog final : public port::Store {
public:
    // What the disk does wrong, changeable at any moment.
    struct Faults {
        std::uint32_t failing_syncs = 0;             // this many of the next syncs fail
        std::optional<std::size_t> capacity;         // bytes; a write beyond fails
        bool sync_lies = false;                      // only to show that the invariants notice: reports success and keeps nothing
        bool forgets_keys = false;                   // likewise: a retry becomes a second message
    };

    port::StoreReply execute(const port::StoreRequest& request) override;
    // The two halves of execute(), between which the machine may crash. Queries have only the second.
    void begin(const port::StoreRequest& request);
    port::StoreReply finish(const port::StoreRequest& request);

    // Power is cut: the unsynced tail is cut at any byte, the kept part of it may be garbage; then the
    // file is read again, as after a start.
    void crash(Random& chance);

    Faults faults;
    std::size_t size() const { return file_.size(); }
    std::size_t synced() const { return synced_; }
    // Damages one byte of what is on disk: the batch it belongs to and all after it are gone at the next start.
    void damage(std::size_t at) { file_.at(at) ^= 0x40; }

    // For the invariants: everything that is stored, in order of id.
    std::vector<port::StoredMessage> messages() const;
    const std::map<RoomId, port::RoomRow>& rooms() const { return index_.rooms; }

private:
    struct Index {
        std::map<RoomId, port::RoomRow> rooms;
        std::map<RoomId, std::map<MessageId, port::StoredMessage>> history;
        std::unordered_map<std::string, port::DuplicateOf> keys;
        MessageId last_message;
        RoomId last_room;
        MemberId last_member;
    };
    std::vector<port::AppendResult> judge(const port::Append& append) const;
    port::Appended finish_append(const port::Append& append);
    port::Paged page(const port::Page& page) const;
    port::Loaded load(const port::Load& load) const;
    void remember(const port::Record& record);
    void recover();

    std::vector<std::uint8_t> file_;
    std::size_t synced_ = 0;  // this much of the file survives anything
    std::string write_failure_;
    Index index_;
};

}  // namespace earshot::sim
