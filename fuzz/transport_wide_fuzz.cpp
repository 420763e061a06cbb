// rooms: rtc
// max_len: 1500
// Any report of arrivals beside a sender who has sent some: no crash, and a rate within its bounds. Any numbers that arrive: what is written is read.
#include <vector>

#include "base/check.hpp"
#include "rtc/transport_wide.hpp"

using namespace earshot;

namespace {

void tell(Time now, rtc::TransportArrivals& arrivals) {
    for (int rounds = 0; arrivals.due(now); ++rounds) {
        ENSURE(rounds < 2000);
        std::vector<std::uint8_t> room(rtc::TransportArrivals::kMaxSize);
        wire::RtcpWriter writer{room};
        if (!arrivals.write(now, 1, 2, writer)) continue;
        auto compound = wire::parse_rtcp(writer.finish());
        ENSURE(compound && wire::transport_wide(*compound->next()));
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    rtc::SentNumbers numbers;
    media::BandwidthEstimator estimator;
    Time now{1000s};
    for (int i = 0; i < 300; ++i) estimator.sent(now += 1ms, numbers.take(), 1000);
    if (auto compound = wire::parse_rtcp({data, size})) {
        while (const auto packet = compound->next()) {
            if (const auto report = wire::transport_wide(*packet)) numbers.feedback(now += 20ms, *report, estimator);
            ENSURE(estimator.rate() >= media::EstimatorSettings{}.least && estimator.rate() <= media::EstimatorSettings{}.most);
        }
    }
    rtc::TransportArrivals arrivals;
    for (std::size_t at = 0; at + 3 <= size; at += 3) {
        now += data[at] * 100ms / 8;
        arrivals.note(now, load_u16(data + at + 1));
        if (data[at] % 4 == 0) tell(now, arrivals);
    }
    return 0;
}
