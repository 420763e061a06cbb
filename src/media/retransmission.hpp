// What is kept for sending again. A PacketStore holds the last second of one incoming encoding, once for all its viewers; a SentBook
// remembers for one viewer's stream which number was which of them, and says whether it may be sent again (RFC 4588): not twice within a
// round trip, not for ever, and no more than a share of the line.
#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <optional>

#include "base/bytes.hpp"
#include "base/time.hpp"

namespace earshot::media {

inline constexpr Duration kKeptFor = 1s;

class PacketStore {
public:
    static constexpr std::size_t kPackets = 512;  // a second of 4 Mbit/s
    static constexpr std::size_t kLargest = 1400;

    // A copy of the payload is kept; the ticket names it. 0: it is too large to keep.
    std::uint64_t keep(Time now, Bytes payload);
    // Empty when it is gone: overwritten, or older than kKeptFor.
    Bytes find(Time now, std::uint64_t ticket) const;

private:
    struct Kept {
        std::uint64_t ticket = 0;
        Time at{};
        std::uint16_t size = 0;
        std::array<std::uint8_t, kLargest> bytes;
    };
    std::unique_ptr<std::array<Kept, kPackets>> kept_;  // made with the first packet
    std::uint64_t last_ = 0;
};

class SentBook {
public:
    static constexpr std::size_t kRemembered = 1024;
    static constexpr int kMostTimes = 4;
    static constexpr double kShare = 0.25;  // of the line, at most, is for sending again
    static constexpr Duration kShortestWait = 15ms;

    struct Sent {
        std::uint64_t ticket = 0;     // of the store
        std::uint32_t timestamp = 0;  // as it went out
        std::uint16_t sequence = 0;
        std::uint16_t picture_id = 0;
        std::uint16_t size = 0;  // bytes
        std::uint8_t base_index = 0;
        std::uint8_t codec = 0;  // of the caller
        bool marker = false;
    };
    void note(Time now, const Sent& sent);
    // None: unknown, too old, asked for again too soon or too often, or the line has better to do.
    std::optional<Sent> again(Time now, std::uint16_t sequence, Duration round_trip, double line_bits_per_second);

    std::uint64_t refused() const { return refused_; }

private:
    struct Place {
        Sent sent;
        Time at{}, last{};
        std::uint8_t times = 0;
        bool used = false;
    };
    bool affordable(Time now, std::size_t bytes, double line);

    std::unique_ptr<std::array<Place, kRemembered>> places_;
    double budget_ = 0;  // bytes
    Time filled_{};
    bool started_ = false;
    std::uint64_t refused_ = 0;
};

}  // namespace earshot::media
