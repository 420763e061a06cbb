// Copies of earlier packets that go along with the newest, for a listener who loses some (RED, RFC 2198, but of no wire format here):
// how many he needs by what he reports, the packets to copy, and on the receiving side which copies are news.
#pragma once
#include <array>
#include <cstdint>
#include <span>

#include "base/time.hpp"
#include "media/leg.hpp"
#include "media/packet.hpp"

namespace earshot::media {

inline constexpr std::size_t kMaxCopies = 3;

// How many copies a listener needs. Rises with the first report that says so, sinks a step at a time after a calm while.
class RedundancyChoice {
public:
    // The loss from which so many copies are worth their bytes. Random loss of 10 % leaves 0.1 % with two, losses two in a row 1 to 2 %.
    static constexpr std::array<double, kMaxCopies> kFrom{0.03, 0.07, 0.2};
    static constexpr double kStay = 0.6;    // of kFrom: below it a step is no longer needed,
    static constexpr Duration kCalm = 10s;  // once that has been so for so long

    // `lost`: the fraction lost between two reports (RFC 3550 section 6.4.1), 0 to 1.
    void reported(Time now, double lost);
    std::size_t copies() const { return copies_; }

private:
    static std::size_t wanted(double loss, double share);
    double loss_ = 0;
    std::size_t copies_ = 0;
    Time calm_since_ = kNever;
};

struct EarlierPacket {
    std::uint32_t behind = 0;  // samples before the newest
    Bytes payload{};
};
// Newest first: packet [i] is number i + 1 before the one they go along with.
struct Earlier {
    std::array<EarlierPacket, kMaxCopies> packets{};
    std::size_t count = 0;
};

// The last packets of one stream of voice.
class RecentVoice {
public:
    static constexpr std::size_t kLargest = 480;     // what is larger is not copied
    static constexpr std::uint64_t kLongest = 9600;  // samples: older than 200 ms nobody waits for

    void keep(const Packet& packet, Tenure tenure);
    // What was kept right before `packet` without a gap. Good until four more are kept.
    Earlier before(const Packet& packet, Tenure tenure) const;

private:
    static constexpr std::size_t kKept = 4;
    static_assert(kKept > kMaxCopies);
    struct Kept {
        std::uint64_t sequence = 0, timestamp = 0;
        Tenure tenure = 0;
        std::uint16_t size = 0;
        std::array<std::uint8_t, kLargest> bytes;
    };
    std::array<Kept, kKept> kept_{};
};

// Which numbers of an incoming stream have been seen, so that each is heard once, whether it came itself or as a copy.
class SeenPackets {
public:
    // False when it was seen, is older than the window, or lies before the first of all.
    bool news(std::uint64_t sequence) const;
    // It came, itself or as a copy. What lies before the first of all, or is older than the window, did not.
    bool had(std::uint64_t sequence) const;
    void note(std::uint64_t sequence);

private:
    static constexpr std::uint64_t kWindow = 64;
    std::uint64_t highest_ = 0;
    std::uint64_t first_ = 0;
    std::uint64_t seen_ = 0;  // bit n: highest_ - n
    bool started_ = false;
};

}  // namespace earshot::media
