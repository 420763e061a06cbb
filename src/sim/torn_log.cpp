#include "sim/torn_log.hpp"

#include <algorithm>
#include <unordered_set>

#include "base/bytes.hpp"
#include "base/check.hpp"
#include "base/overloaded.hpp"

namespace earshot::sim {
namespace {

// A batch on disk: u32 size of the payload, u64 checksum of it, payload. The payload is a row of records,
// each a kind byte and its fields; texts are u32 size and bytes.
constexpr std::size_t kHeader = 12;

std::uint64_t checksum(Bytes bytes) {
    std::uint64_t hash = 0xcbf29ce484222325ull ^ bytes.size();
    for (const auto b : bytes) hash = (hash ^ b) * 0x100000001b3ull;
    return hash;
}

class Writer {
public:
    void u8(std::uint8_t v) { bytes.push_back(v); }
    void u64(std::uint64_t v) {
        bytes.resize(bytes.size() + 8);
        store_u64(bytes.data() + bytes.size() - 8, v);
    }
    void text(const std::string& t) {
        u64(t.size());
        bytes.insert(bytes.end(), t.begin(), t.end());
    }
    std::vector<std::uint8_t> bytes;
};

std::string read_text(ByteReader& in) {
    const auto size = in.u64();
    if (size > in.remaining()) {
        in.skip(in.remaining() + 1);
        return {};
    }
    return std::string{as_text(in.take(size))};
}

void write_record(Writer& out, const port::Record& record) {
    out.u8(static_cast<std::uint8_t>(record.index()));
    std::visit(overloaded{[&](const port::StoredMessage& m) {
                              for (const auto v : {m.id.value, m.room.value, m.sender.value, static_cast<std::uint64_t>(m.time_ms)}) out.u64(v);
                              for (const auto* t : {&m.sender_name, &m.text, &m.client_message_id, &m.sender_key}) out.text(*t);
                          },
                          [&](const port::RoomRow& r) {
                              out.u64(r.room.value);
                              out.text(r.name);
                              out.text(r.topic);
                          },
                          [&](const port::RoomDropped& r) { out.u64(r.room.value); }},
               record);
}

port::Record read_record(ByteReader& in) {
    switch (in.u8()) {
        case 0: {
            port::StoredMessage m;
            m.id.value = in.u64();
            m.room.value = in.u64();
            m.sender.value = in.u64();
            m.time_ms = static_cast<WallMs>(in.u64());
            for (auto* t : {&m.sender_name, &m.text, &m.client_message_id, &m.sender_key}) *t = read_text(in);
            return m;
        }
        case 1: {
            port::RoomRow r;
            r.room.value = in.u64();
            r.name = read_text(in);
            r.topic = read_text(in);
            return r;
        }
        default: return port::RoomDropped{RoomId{in.u64()}};
    }
}

std::string retry_key(const port::StoredMessage& m) { return m.client_message_id.empty() ? std::string{} : m.sender_key + '\n' + m.client_message_id; }

}  // namespace

port::StoreReply TornLog::execute(const port::StoreRequest& request) {
    begin(request);
    return finish(request);
}

// Which records are new and which are retries of what is on disk or earlier in the batch.
std::vector<port::AppendResult> TornLog::judge(const port::Append& append) const {
    std::vector<port::AppendResult> results;
    std::unordered_map<std::string, port::DuplicateOf> here;
    for (const auto& record : append.records) {
        results.emplace_back(port::Stored{});
        const auto* message = std::get_if<port::StoredMessage>(&record);
        const auto key = message ? retry_key(*message) : std::string{};
        if (key.empty() || faults.forgets_keys) continue;
        if (const auto old = index_.keys.find(key); old != index_.keys.end()) {
            results.back() = old->second;
        } else if (const auto [first, fresh] = here.try_emplace(key, port::DuplicateOf{message->id, message->time_ms}); !fresh) {
            results.back() = first->second;
        }
    }
    return results;
}

void TornLog::begin(const port::StoreRequest& request) {
    write_failure_.clear();
    const auto* append = std::get_if<port::Append>(&request);
    if (!append) return;
    Writer payload;
    const auto results = judge(*append);
    for (std::size_t i = 0; i < append->records.size(); ++i)
        if (std::holds_alternative<port::Stored>(results[i])) write_record(payload, append->records[i]);
    if (faults.capacity && file_.size() + kHeader + payload.bytes.size() > *faults.capacity) {
        write_failure_ = "the disk is full";
        return;
    }
    std::array<std::uint8_t, kHeader> header{};
    store_u32(header.data(), static_cast<std::uint32_t>(payload.bytes.size()));
    store_u64(header.data() + 4, checksum(payload.bytes));
    file_.insert(file_.end(), header.begin(), header.end());
    file_.insert(file_.end(), payload.bytes.begin(), payload.bytes.end());
}

port::StoreReply TornLog::finish(const port::StoreRequest& request) {
    return std::visit(overloaded{[&](const port::Append& a) -> port::StoreReply { return finish_append(a); },
                                 [&](const port::Page& p) -> port::StoreReply { return page(p); },
                                 [&](const port::Load& l) -> port::StoreReply { return load(l); }},
                      request);
}

port::Appended TornLog::finish_append(const port::Append& append) {
    if (write_failure_.empty() && faults.failing_syncs > 0) {
        --faults.failing_syncs;
        write_failure_ = "the disk did not take the write";
    }
    if (!write_failure_.empty()) {
        file_.resize(synced_);
        return {append.batch, {}, write_failure_};
    }
    auto results = judge(append);
    if (!faults.sync_lies) synced_ = file_.size();
    for (std::size_t i = 0; i < append.records.size(); ++i)
        if (std::holds_alternative<port::Stored>(results[i])) remember(append.records[i]);
    return {append.batch, std::move(results), {}};
}

void TornLog::remember(const port::Record& record) {
    std::visit(overloaded{[&](const port::StoredMessage& m) {
                              index_.last_message = std::max(index_.last_message, m.id);
                              index_.last_member = std::max(index_.last_member, m.sender);
                              if (const auto key = retry_key(m); !key.empty()) index_.keys.try_emplace(key, port::DuplicateOf{m.id, m.time_ms});
                              index_.history[m.room].insert_or_assign(m.id, m);
                          },
                          [&](const port::RoomRow& r) {
                              index_.last_room = std::max(index_.last_room, r.room);
                              index_.rooms.insert_or_assign(r.room, r);
                          },
                          [&](const port::RoomDropped& r) {
                              index_.rooms.erase(r.room);
                              index_.history.erase(r.room);
                          }},
               record);
}

port::Paged TornLog::page(const port::Page& page) const {
    port::Paged reply{.query = page.query, .messages = {}, .complete = true, .failure = {}};
    const auto room = index_.history.find(page.room);
    if (room == index_.history.end()) return reply;
    const auto& history = room->second;
    const auto show = [&](const port::StoredMessage& m) {
        reply.messages.push_back(m);
        reply.messages.back().client_message_id.clear();
        reply.messages.back().sender_key.clear();
    };
    if (page.after) {
        auto it = history.upper_bound(page.after);
        for (; it != history.end() && reply.messages.size() < page.limit; ++it) show(it->second);
        reply.complete = it == history.end();
        return reply;
    }
    auto it = page.before ? history.lower_bound(page.before) : history.end();
    while (it != history.begin() && reply.messages.size() < page.limit) show((--it)->second);
    reply.complete = it == history.begin();
    std::ranges::reverse(reply.messages);
    return reply;
}

port::Loaded TornLog::load(const port::Load& load) const {
    port::Loaded loaded;
    loaded.query = load.query;
    loaded.last_message = index_.last_message;
    loaded.last_room = index_.last_room;
    loaded.last_member = index_.last_member;
    for (const auto& [id, row] : index_.rooms) {
        loaded.rooms.push_back(row);
        const auto kept = index_.history.find(id);
        if (kept != index_.history.end() && !kept->second.empty()) loaded.rooms.back().last_message = kept->second.rbegin()->first;
    }
    return loaded;
}

void TornLog::crash(Random& chance) {
    const auto unsynced = file_.size() - synced_;
    const auto kept = synced_ + chance.below(unsynced + 1);
    file_.resize(kept);
    // A disk writes its sectors in the order it likes: what stands in the tail may not be what was written.
    if (kept > synced_ && chance.chance(0.5)) file_[synced_ + chance.below(kept - synced_)] ^= static_cast<std::uint8_t>(1 + chance.below(255));
    recover();
}

// Reads the file from its beginning and stops at the first batch that is not whole.
void TornLog::recover() {
    index_ = {};
    write_failure_.clear();
    std::size_t at = 0;
    while (file_.size() - at >= kHeader) {
        const std::size_t size = load_u32(file_.data() + at);
        if (size > file_.size() - at - kHeader) break;
        const Bytes payload{file_.data() + at + kHeader, size};
        if (checksum(payload) != load_u64(file_.data() + at + 4)) break;
        ByteReader in{payload};
        while (in.ok() && in.remaining() > 0) remember(read_record(in));
        ENSURE(in.ok());
        at += kHeader + size;
    }
    file_.resize(at);
    synced_ = at;
}

std::vector<port::StoredMessage> TornLog::messages() const {
    std::vector<port::StoredMessage> all;
    for (const auto& [room, history] : index_.history)
        for (const auto& [id, message] : history) all.push_back(message);
    std::ranges::sort(all, {}, &port::StoredMessage::id);
    return all;
}

}  // namespace earshot::sim
