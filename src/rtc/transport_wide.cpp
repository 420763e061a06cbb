#include "rtc/transport_wide.hpp"

#include <algorithm>

namespace earshot::rtc {
namespace {

constexpr Duration kTick = 250us, kReference = 64ms;
constexpr std::int64_t kReferences = std::int64_t{1} << 24;
constexpr std::uint64_t kLate = TransportArrivals::kRemembered / 2;

}  // namespace

void TransportArrivals::note(Time now, std::uint16_t wire_number) {
    const auto number = unwrap_.unwrap(wire_number);
    if (!started_ || number >= end_ + kRemembered) first_ = end_ = number;
    // One that was left out of a report and came all the same is told again, with what followed.
    if (number < first_ && first_ - number > kLate) return;
    if (!fresh_) next_ = std::max(next_, now);
    started_ = fresh_ = true;
    places_[number % kRemembered] = {.number = number, .at = now, .came = true};
    first_ = std::min(first_, number);
    end_ = std::max(end_, number + 1);
    if (end_ - first_ > kRemembered) first_ = end_ - kRemembered;
}

bool TransportArrivals::write(Time now, std::uint32_t own_ssrc, std::uint32_t media_ssrc, wire::RtcpWriter& writer) {
    while (first_ < end_ && !came(first_)) ++first_;
    if (first_ == end_) return fresh_ = false;
    const Time begin = places_[first_ % kRemembered].at;
    const auto reference = begin.time_since_epoch() / kReference;
    const Time from{reference * kReference};
    std::array<wire::Arrival, kMost> told;
    std::size_t count = 0, received = 0;
    for (std::uint64_t number = first_; number < end_ && count < kMost; ++number) {
        const auto& place = places_[number % kRemembered];
        told[count++] = came(number) ? wire::Arrival{true, (place.at - from) / kTick} : wire::Arrival{};
        if (told[count - 1].received) received = count;
    }
    const wire::TransportWide head{.sender_ssrc = own_ssrc,
                                   .media_ssrc = media_ssrc,
                                   .base_sequence = static_cast<std::uint16_t>(first_),
                                   .reference_time = static_cast<std::int32_t>(reference % kReferences),
                                   .feedback_count = reports_++};
    // A pause too long for the format: what came before it is told later by nobody; it is old.
    const bool written = writer.transport_wide(head, std::span{told}.first(received));
    first_ += written ? received : 1;
    fresh_ = first_ < end_;
    if (!fresh_) next_ = now + kInterval;
    return written;
}

void SentNumbers::feedback(Time now, const wire::TransportWide& report, media::BandwidthEstimator& estimator) {
    const auto back = static_cast<std::uint16_t>(static_cast<std::uint16_t>(next_) - report.base_sequence);
    if (back == 0 || next_ < back) return;
    const std::uint64_t base = next_ - back;
    // 24 bits of 64 ms: twelve days to the lap.
    const std::int64_t step = ((report.reference_time - reference_) % kReferences + kReferences + kReferences / 2) % kReferences - kReferences / 2;
    reference_ = started_ ? reference_ + step : report.reference_time;
    started_ = true;

    std::array<media::BandwidthEstimator::Arrival, kMost> arrivals;
    std::size_t count = 0;
    std::uint64_t end = base;
    Duration at = reference_ * kReference;
    wire::for_each_arrival(report, [&](std::uint16_t number, int delta) {
        at += delta * kTick;
        if (count == kMost) return;
        const std::uint64_t whole = base + static_cast<std::uint16_t>(number - report.base_sequence);
        arrivals[count++] = {.number = whole, .at = at};
        end = whole + 1;
    });
    estimator.feedback(now, base, end, std::span{arrivals}.first(count));
}

}  // namespace earshot::rtc
