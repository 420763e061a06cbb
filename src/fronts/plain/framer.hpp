// Finds the texts in a stream without framing. A client whose first text brings a newline sends lines; one
// that brings none within 200 ms sends segments: what one read returned is one text, and it is sent no newline.
// Telnet's negotiation (RFC 854) is taken out, so that PuTTY in telnet mode reads and writes cleanly.
#pragma once
#include <deque>
#include <optional>
#include <utility>
#include <string>

#include "base/bytes.hpp"
#include "base/deadline.hpp"

namespace earshot::fronts::plain {

class Framer {
public:
    enum class Manner { kUnknown, kLines, kSegments };
    static constexpr Duration kSegmentWait = 200ms;
    static constexpr std::size_t kLongestText = 32 * 1024;
    static constexpr std::size_t kMostWaiting = 4096;  // texts
    static constexpr std::size_t kMostWaitingBytes = 256 * 1024;

    // False when a text grew beyond kLongestText: the client is not one of ours.
    bool receive(Time now, Bytes bytes);
    void tick(Time now);
    Deadline deadline() const;
    // The next text, without its line end.
    std::optional<std::string> next();
    Manner manner() const { return manner_; }
    // More texts lie here than anybody would have written while he waited.
    bool crowded() const { return texts_.size() > kMostWaiting || waiting_bytes_ > kMostWaitingBytes; }

private:
    void take_byte(std::uint8_t byte);
    void keep(std::string text);
    void cut_lines();
    void cut_segment();

    enum class Telnet { kText, kCommand, kOption, kSub, kSubCommand };
    Telnet telnet_ = Telnet::kText;
    Manner manner_ = Manner::kUnknown;
    std::string buffer_;
    std::deque<std::string> texts_;
    std::size_t waiting_bytes_ = 0;
    Time decide_at_ = kNever;
};

}  // namespace earshot::fronts::plain
