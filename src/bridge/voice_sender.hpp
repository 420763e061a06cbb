// One bare member's frames to Opus packets for the shard: encoded once for everybody, nothing while he is silent.
#pragma once
#include "audio/opus_encoder.hpp"
#include "bridge/frame.hpp"
#include "engine/bridge_orders.hpp"

namespace earshot::bridge {

class VoiceSender {
public:
    // A frame no sample of which reaches this is silence (-80 dBFS).
    static constexpr float kSilence = 1e-4f;
    // So many frames of silence are still sent, then one packet that says so, then nothing.
    static constexpr int kQuietFrames = 3;

    explicit VoiceSender(PeerId peer);

    // `due`: the moment at which the frame begins, in steps of 20 ms while he speaks; it becomes the timestamp. False when the box was full.
    bool send(Time due, MonoFrame& frame, engine::BarePacketBox& to_shard);
    // What comes next begins anew: he was muted.
    void stop() { talking_ = false; }
    bool talking() const { return talking_; }

private:
    bool push(Time due, Bytes payload, std::uint8_t level, engine::BarePacketBox& to_shard);

    PeerId peer_;
    audio::OpusEncoder encoder_;
    std::uint64_t sequence_ = 0;
    bool talking_ = false;
    bool marker_ = false;
    int quiet_ = 0;
};

}  // namespace earshot::bridge
