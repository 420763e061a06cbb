// One speaker's packets, in whatever order and at whatever moment they come, to sound that never stops. It plays as early as the
// measured arrivals allow: what is late is concealed, what is lost is recovered from the next packet, and the distance to the
// speaker is corrected by playing a little faster or slower without changing the pitch, or at no cost in the pauses.
#pragma once
#include <cstdint>
#include <memory>

#include "audio/frame.hpp"

namespace earshot::audio {

struct JitterSettings {
    Duration minimum_delay{};        // waits at least this long for a packet that had the shortest way
    Duration maximum_delay = 400ms;  // and never longer than this
};

// Counted from the beginning; times are of sound played.
struct JitterStatistics {
    Duration played{};       // of a speaker who spoke, not of silence
    Duration concealed{};    // made up, because the packet was lost or late
    Duration recovered{};    // lost, and decoded from a copy in a later packet: Opus's own (FEC) or a whole one (RED)
    Duration stretched{};    // inserted to wait longer
    Duration accelerated{};  // left out to wait less
    Duration waited{};       // between arriving and being played, summed over the decoded packets
    std::uint64_t packets = 0;
    std::uint64_t decoded = 0;
    std::uint64_t lost = 0;  // not there when it was due, with or without a copy
    std::uint64_t late = 0;  // came after its turn
    std::uint64_t duplicates = 0;
    std::uint64_t dropped = 0;   // malformed, too far away, or thrown away to catch up
    std::uint64_t restarts = 0;  // the numbers or the clock of the sender jumped
    std::uint64_t seams = 0;     // places where sound was joined that did not follow on itself
    Duration target{};           // how much later than the shortest way a packet may come now
    Duration delay{};            // between the earliest possible moment and the moment of playing, now
};

// A machine: no clock, no thread, no allocation once its memory has grown to the largest packets seen. Memory and work are bounded
// whatever arrives. `now` should be monotonic over both calls; small steps back do no harm.
class JitterBuffer {
public:
    explicit JitterBuffer(JitterSettings settings = {});
    ~JitterBuffer();
    JitterBuffer(JitterBuffer&&) noexcept;
    JitterBuffer& operator=(JitterBuffer&&) noexcept;

    // Copies of lost packets come in as packets with their own number and time (`copy`), before the one that brought them: what a copy
    // makes good in time is worth waiting for, and is waited for as for any packet that comes so late.
    void insert(Time now, const Packet& packet);
    // Fills `out`, interleaved stereo, for the device that asks at `now`; any multiple of 2.5 ms. Small askings mean small delay.
    void play(Time now, Samples out);
    // False while play() would give silence: nothing needs to be mixed.
    bool active() const;
    // Another speaker has the slot: what the last one left is faded out within 5 ms and nothing of his timing is believed.
    void reset();
    JitterStatistics statistics() const;

private:
    class Machine;
    std::unique_ptr<Machine> machine_;
};

}  // namespace earshot::audio
