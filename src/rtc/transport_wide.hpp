// Transport-wide feedback (draft-holmer-rmcat-transport-wide-cc-extensions): every packet of a transport carries a number, and the
// receiver tells when each came. TransportArrivals is the receiving half, SentNumbers the sending one; what the figures mean is
// media::BandwidthEstimator's business.
#pragma once
#include <array>
#include <cstdint>

#include "base/deadline.hpp"
#include "media/bandwidth_estimator.hpp"
#include "media/track.hpp"
#include "wire/rtcp.hpp"

namespace earshot::rtc {

class TransportArrivals {
public:
    static constexpr Duration kInterval = 75ms;  // a browser that hears nothing for longer sends less
    static constexpr std::size_t kRemembered = 1024;
    static constexpr std::size_t kMost = 200;  // packets a report; what is more goes into the next
    static constexpr std::size_t kMaxSize = 640;

    // An authentic packet with this number came.
    void note(Time now, std::uint16_t number);
    bool due(Time now) const { return fresh_ && now >= next_; }
    Deadline deadline() const { return fresh_ ? Deadline{next_, "arrivals to tell"} : Deadline{}; }
    // Appends one report; false when there is nothing to tell. Call it while it is due.
    bool write(Time now, std::uint32_t own_ssrc, std::uint32_t media_ssrc, wire::RtcpWriter& writer);

private:
    struct Place {
        std::uint64_t number = 0;
        Time at{};
        bool came = false;
    };
    bool came(std::uint64_t number) const { return places_[number % kRemembered].came && places_[number % kRemembered].number == number; }

    std::array<Place, kRemembered> places_{};
    media::Unwrapper<std::uint16_t> unwrap_;
    std::uint64_t first_ = 0, end_ = 0;  // not told yet: first_ until before end_
    Time next_{};
    std::uint8_t reports_ = 0;
    bool started_ = false, fresh_ = false;
};

class SentNumbers {
public:
    // The number of the packet that leaves now; its lower 16 bits go on the wire, all of it to BandwidthEstimator::sent().
    std::uint64_t take() { return next_++; }
    // Hands a report to the estimator.
    void feedback(Time now, const wire::TransportWide& report, media::BandwidthEstimator& estimator);

private:
    static constexpr std::size_t kMost = 512;  // arrivals read of one report
    std::uint64_t next_ = std::uint64_t{1} << 16 | 1;
    std::int64_t reference_ = 0;  // unwrapped, times 64 ms
    bool started_ = false;
};

}  // namespace earshot::rtc
