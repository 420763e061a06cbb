// What one room's call sounds like: a decoder for each slot, whoever listens, and the sum of them all but one's own.
#pragma once
#include <array>
#include <memory>

#include "audio/jitter_buffer.hpp"
#include "audio/mixer.hpp"
#include "base/room_slots.hpp"
#include "bridge/frame.hpp"
#include "engine/bridge_orders.hpp"

namespace earshot::bridge {

class RoomMix {
public:
    void hear(const engine::TappedPacket& packet);
    // Makes the next 20 ms. False when nobody sounds.
    bool step(Time now);
    // The 20 ms as `listener` hears them: the same for all who do not speak. Nullptr: he hears nothing.
    const StereoFrame* heard_by(MemberId listener);
    // Gives the decoders back of slots that have been silent for a while.
    void rest(Time now);
    std::size_t decoders() const;

private:
    static constexpr Duration kKeepDecoder = 30s;
    struct Slot {
        std::unique_ptr<audio::JitterBuffer> jitter;
        MemberId member;
        std::uint32_t tenure = 0;
        bool sounds = false;  // in this step
        Time heard{};
        audio::SoftLimiter limiter;  // of the mix without him
        StereoFrame sound;
    };
    const StereoFrame* mix(MemberId without, audio::SoftLimiter& limiter, StereoFrame& into);

    std::array<std::unique_ptr<Slot>, kRoomSlots> slots_;
    audio::SoftLimiter limiter_;
    StereoFrame everybody_{}, without_{};
    bool any_ = false, mixed_ = false;
};

}  // namespace earshot::bridge
