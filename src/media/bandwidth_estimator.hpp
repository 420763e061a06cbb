// How much a way to one viewer carries, from what he tells of each packet's arrival (transport-wide feedback). Three things lower it: a
// queue that grows (his delay above the least of late), loss that follows our rate, and silence. What raises it: time without a queue,
// and probes, short bursts at a higher rate whose arrival shows whether the way can take it.
//
// The ideas are those of GCC (draft-ietf-rmcat-gcc) and of LEDBAT (RFC 6817); the queue is measured directly, so that its bound is a setting.
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "base/deadline.hpp"
#include "media/arrival_rate.hpp"

namespace earshot::media {

// Bits a second everywhere.
struct EstimatorSettings {
    double least = 40'000, first = 300'000, most = 50'000'000;
};

class BandwidthEstimator {
public:
    static constexpr Duration kQueue = 20ms;       // a queue longer than this is ours, and too long,
    static constexpr Duration kMostQueue = 180ms;  // unless somebody else keeps it full: up to here we stay beside him
    static constexpr Duration kSilence = 500ms;    // packets under way, and nothing is told
    static constexpr Duration kProbeEvery = 3s;

    explicit BandwidthEstimator(EstimatorSettings settings = {}) : settings_(settings), rate_(settings.first) {}

    struct Probe {
        std::uint32_t id = 0;
        double rate = 0;
        std::size_t bytes = 0;  // in at least five packets, as large as that allows
    };
    // A packet leaves: its transport-wide number, unwrapped, its bytes on the wire, and the probe that it is part of.
    void sent(Time now, std::uint64_t number, std::size_t bytes, std::uint32_t probe = 0);

    struct Arrival {
        std::uint64_t number = 0;
        Duration at{};  // by the receiver's clock, whatever it began with
    };
    // What he tells of the numbers from `first` until before `end`, `arrivals` in their order: the others have not come yet.
    void feedback(Time now, std::uint64_t first, std::uint64_t end, std::span<const Arrival> arrivals);
    void tick(Time now);
    Deadline deadline() const;

    // What may be sent now.
    double rate() const { return rate_; }
    // Something to send at once, where more than rate() is wanted and it is time to try. `wanted`: what would be sent if it could.
    std::optional<Probe> take_probe(Time now, double wanted);

    Duration queue() const { return queue_; }
    double loss() const { return loss_; }
    std::optional<Duration> round_trip() const { return round_trip_; }

private:
    static constexpr std::size_t kRemembered = 2048;
    struct Sent {
        std::uint64_t number = 0;
        Time at{};
        std::uint32_t bytes = 0;
        std::uint32_t probe = 0;
        bool waiting = false;
        bool missed = false;  // a report left it out; it may only be late
    };
    struct ProbeResult {
        std::uint32_t id = 0;
        std::size_t bytes = 0, first_bytes = 0, packets = 0, want_packets = 0;
        Duration first{}, last{};
        Time sent_first{}, sent_last{};
        std::size_t sent_bytes = 0, last_sent_bytes = 0;
    };

    void note_arrival(const Sent& packet, Duration at);
    void settle_lost(Time newest);
    void note_base(Time now, Duration way);
    void note_loss(Time now);
    void judge_trial(Time now);
    void cut_for_loss(Time now);
    bool beside_others() const { return threshold_ > 2 * kQueue; }
    void judge_probe(Time now);
    bool queue_grows(Duration before) const;
    void cut(Time now, double to);
    void cut_for_queue(Time now, double arriving);
    void grow(Time now, double arriving);
    Duration response() const;

    EstimatorSettings settings_;
    double rate_;
    double ceiling_ = 0;  // what arrived when a queue grew last: about what the way carries; 0: never
    std::array<Sent, kRemembered> sent_{};
    std::uint64_t next_ = 0;     // above every number sent
    std::uint64_t settled_ = 0;  // what lies below is known to have come or not
    std::size_t waiting_ = 0;
    ArrivalRate arrivals_;

    std::array<Duration, 20> base_{};  // the least way of each of the last seconds
    std::size_t base_count_ = 0, base_at_ = 0;
    Time base_since_{};

    Duration queue_{}, threshold_ = kQueue, queue_at_cut_{};
    int stubborn_ = 0;
    Time last_feedback_{}, last_cut_{}, ceiling_at_{}, last_told_{};
    bool told_ = false, was_cut_ = false;
    std::optional<Duration> round_trip_;

    double loss_ = 0, inherent_ = 0;  // inherent: what is lost however little we send
    std::size_t lost_ = 0, counted_ = 0;
    Time loss_since_{}, held_since_ = kNever, trial_since_ = kNever;
    double trial_loss_ = 0;  // what was lost when less was sent to see whether less is lost then

    ProbeResult probe_;
    std::uint32_t last_probe_id_ = 0;
    Time last_probe_{};
    bool probed_ = false;
    int first_probes_ = 0;
};

}  // namespace earshot::media
