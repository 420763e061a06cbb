// When we report, and what a report holds: a compound of sender reports for the slots that were used, one block about the
// microphone, and a name (RFC 3550 section 6). Between one and four seconds apart, by chance, so that peers do not beat in time; sooner
// while something is lost, because the other side can do something about it.
#pragma once
#include <cstdint>
#include <span>
#include <string_view>

#include "base/deadline.hpp"
#include "base/random.hpp"
#include "rtc/outbox.hpp"
#include "rtc/reception.hpp"

namespace earshot::rtc {

// One stream of ours, as its sender report tells it.
struct SentStream {
    std::uint32_t ssrc = 0;
    std::uint32_t packets = 0;
    std::uint32_t octets = 0;
    std::uint32_t last_timestamp = 0;
    Time last_sent{};
};

// 32.32 seconds since 1900.
std::uint64_t ntp_time(WallMs wall_ms);

class Reports {
public:
    static constexpr Duration kShortest = 1s;
    static constexpr Duration kLongest = 4s;
    static constexpr Duration kUrgent = 500ms;  // to twice as long: the first, and while something is lost
    static constexpr std::size_t kMaxSize = 832;

    explicit Reports(Random& random) : random_(&random) {}

    // Media flows from now on.
    void start(Time now) { schedule(now, kUrgent, 2 * kUrgent); }
    bool due(Time now) const { return now >= next_; }
    Deadline deadline() const { return {next_, "report"}; }

    // Writes and protects the compound. `own_ssrc` speaks when no stream of ours did. At most kMaxHeard of `heard` are told of; they may
    // be null.
    static constexpr std::size_t kMaxHeard = 8;
    void send(Now now, std::uint32_t own_ssrc, std::string_view cname, std::span<const SentStream> streams, std::span<Reception* const> heard, crypto::SrtpOutbound& srtp,
              const port::Path& path, Outbox& out);

private:
    void schedule(Time now, Duration shortest, Duration longest);
    Random* random_;
    Time next_ = kNever;
    Time last_{};
};

}  // namespace earshot::rtc
