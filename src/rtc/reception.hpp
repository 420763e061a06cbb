// What a receiver knows of one incoming stream: loss and jitter, for its reports (RFC 3550 section 6.4, appendix A.3, A.8).
#pragma once
#include <cstdint>
#include <optional>

#include "base/time.hpp"
#include "wire/rtcp.hpp"

namespace earshot::rtc {

class Reception {
public:
    // `clock`: ticks of its timestamps in a second; a multiple of 1000.
    explicit Reception(std::uint32_t ssrc, std::uint32_t clock = 48000) : ssrc_(ssrc), clock_(clock) {}

    // An authentic packet; `index` as SRTP has it (roc << 16 | sequence).
    void received(Time now, std::uint64_t index, std::uint32_t timestamp);
    // A packet that came but was not opened: not lost, though nothing else of it is believed.
    void skipped() { ++received_; }
    void sender_report(Time now, const wire::SenderReport& report);

    // The block for the next report; a stretch begins anew.
    wire::ReportBlock report(Time now);
    std::uint32_t ssrc() const { return ssrc_; }
    // Of the last block: 0 to 1.
    double reported_loss() const { return reported_loss_; }
    bool fresh() const { return received_ != received_before_; }

private:
    void note_jitter(Time now, std::uint32_t timestamp);

    std::uint32_t ssrc_;
    std::uint32_t clock_;
    bool started_ = false;
    std::uint64_t base_ = 0, highest_ = 0;
    std::uint64_t received_ = 0;
    std::uint64_t expected_before_ = 0, received_before_ = 0;
    std::uint32_t jitter_ = 0;  // times 16, in ticks of the RTP clock
    std::uint32_t last_transit_ = 0;
    std::uint32_t last_sender_report_ = 0;
    Time sender_report_at_{};
    double reported_loss_ = 0;
};

}  // namespace earshot::rtc
