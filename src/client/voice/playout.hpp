// What arrives, for the loudspeakers: a jitter buffer for each slot, a volume for each member wherever he speaks, and a limiter over all.
#pragma once
#include <map>
#include <vector>

#include "audio/jitter_buffer.hpp"
#include "audio/level.hpp"
#include "audio/mixer.hpp"
#include "base/ids.hpp"

namespace earshot::client {

class Playout {
public:
    static constexpr std::size_t kMaxSlots = 64;
    static constexpr std::size_t kMaxVolumes = 4096;
    static constexpr int kMaxPercent = 200;
    static constexpr std::size_t kStep = 120;  // sample frames: 2.5 ms, in which jitter buffers count

    Playout(std::size_t slots, const audio::JitterSettings& jitter);

    void receive(Time now, std::size_t slot, const audio::Packet& packet);
    // Fills `out`, interleaved stereo, any number of samples. False when all of it is silence.
    bool play(Time now, audio::Samples out);

    // Who is on a slot from now on; MemberId{} when nobody is.
    void set_slot(std::size_t slot, MemberId member);
    void set_volume(MemberId member, int percent);
    void set_master(int percent);
    void deafen(bool on);

    bool active() const;  // something is waiting to be played
    int volume(MemberId member) const;
    std::size_t slots() const { return slots_.size(); }
    MemberId member_on(std::size_t slot) const { return slots_[slot].member; }
    float level_dbfs(Time now, std::size_t slot) const { return slots_[slot].meter.dbfs(now); }
    audio::JitterStatistics statistics(std::size_t slot) const { return slots_[slot].jitter.statistics(); }

private:
    struct Slot {
        audio::JitterBuffer jitter;
        MemberId member{};
        audio::GainRamp gain{};
        audio::LevelMeter meter{};
    };
    bool mix(Time now, audio::Samples out);
    void tell_master();

    std::vector<Slot> slots_;
    std::map<MemberId, int> volumes_;  // only those that are not 100
    audio::GainRamp master_;
    int master_percent_ = 100;
    bool deafened_ = false;
    audio::SoftLimiter limiter_;
    std::vector<float> scratch_, spare_;  // spare: made but not yet asked for
    std::size_t spare_at_ = 0;
    bool spare_silent_ = true;
};

}  // namespace earshot::client
