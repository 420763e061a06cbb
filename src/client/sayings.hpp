// What was typed and is not yet accepted. One at a time leaves, in order, each with a key of its own: said again after a loss, it
// is the same message, so that it is there exactly once.
#pragma once
#include <cstdint>
#include <deque>
#include <optional>
#include <string>

#include "base/deadline.hpp"
#include "base/random.hpp"

namespace earshot::client {

struct Saying {
    std::string key;       // client_message_id
    std::string room;      // or, for a private one,
    std::uint64_t to = 0;  // the member
    std::string text;
    std::uint64_t token = 0;
};

class Sayings {
public:
    static constexpr std::size_t kMost = 64;  // beyond it the typist is told to wait
    static constexpr Duration kAfterFlood = 500ms;

    explicit Sayings(Random& random) : random_(random) {}

    // The token of what was added; nothing when too many wait.
    std::optional<std::uint64_t> add(std::string room, std::uint64_t to, std::string text);
    // What is to be sent now, marked as on its way; nothing while one is, or while we wait.
    const Saying* next(Time now);
    // The one on its way was accepted or refused for good.
    std::optional<Saying> finish();
    void flooded(Time now);               // it is said again in a moment
    void lost() { on_its_way_ = false; }  // and again after a loss
    std::deque<Saying> take_all();

    bool empty() const { return waiting_.empty(); }
    bool full() const { return waiting_.size() >= kMost; }
    Deadline deadline() const { return {on_its_way_ || waiting_.empty() ? kNever : not_before_, "a message waits"}; }

private:
    Random& random_;
    std::deque<Saying> waiting_;
    bool on_its_way_ = false;
    Time not_before_{};
    std::uint64_t last_token_ = 0;
};

}  // namespace earshot::client
