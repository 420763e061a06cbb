// Group commit: entries gather while one batch is on its way to the disk; when it is there, the next goes.
// One batch in flight keeps the order and makes the batch as large as the disk is slow.
#pragma once
#include <deque>
#include <vector>

#include "core/effects.hpp"
#include "port/control.hpp"

namespace earshot::store {

struct Settled {
    core::EntryId entry;
    core::EntryOutcome outcome;
};

class Journal {
public:
    static constexpr std::size_t kBatchEntries = 512;

    void add(std::vector<core::Entry> entries);
    // Starts a batch when none is in flight and something waits.
    void flush(port::ControlOutbox& out);
    // The outcome of each entry of the batch in flight, in order.
    std::vector<Settled> settle(const port::Appended& reply);

    std::size_t waiting() const { return waiting_.size() + in_flight_.size(); }
    bool idle() const { return waiting_.empty() && in_flight_.empty(); }

private:
    std::deque<core::Entry> waiting_;
    std::vector<core::EntryId> in_flight_;
    BatchId last_batch_;
};

}  // namespace earshot::store
