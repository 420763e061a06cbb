// The jitter buffer's insides: takes packets in (arrange), makes sound out of them on the line (produce), and keeps the distance to the
// speaker (adjust). See jitter_buffer.hpp for what it promises.
#pragma once
#include <array>

#include "audio/delay_estimator.hpp"
#include "audio/jitter_buffer.hpp"
#include "audio/opus_decoder.hpp"
#include "audio/packet_queue.hpp"
#include "audio/playout_line.hpp"
#include "audio/time_stretch.hpp"

namespace earshot::audio {

class JitterBuffer::Machine {
public:
    explicit Machine(JitterSettings settings) : settings_(settings) {}

    void insert(Time now, const Packet& packet);
    void play(Time now, Samples out);
    bool active() const { return state_ != State::kSilent || line_.pending() > 0 || queue_.size() > 0; }
    void reset();
    JitterStatistics statistics() const;

private:
    enum class State {
        kSilent,   // zeros, until a packet is due
        kComfort,  // the sender said that he is silent (DTX): the decoder's own noise
        kSpeaking,
    };
    // Sound counted in frames; turned into times when asked for.
    struct Counted {
        Ticks played = 0, concealed = 0, recovered = 0, stretched = 0, accelerated = 0, waited = 0;
    };

    // Arriving.
    void restart(const Packet& packet);
    bool belongs(Ticks at, const Packet& packet);
    void learn(Ticks at, const Packet& packet, const OpusShape& shape);
    bool first_news(Ticks media);
    Ticks media_of(const Packet& packet) const;

    // Making sound. `frames` is how many must be pending; each call of produce adds some.
    void produce(std::size_t frames);
    void rest(const WaitingPacket* next, std::size_t frames);
    void starve(std::size_t frames);
    void speak(const WaitingPacket& next);
    void mend(const WaitingPacket& next);
    void recover(const WaitingPacket& next, std::size_t length);
    void decode(const WaitingPacket& next);
    void begin(const WaitingPacket& next);
    void end_talk();
    void conceal(std::size_t frames);
    void bridge(Samples sound);
    void ramp(Samples sound, float to, std::size_t over);
    void settle(bool was_missing);
    void follow_clock(Ticks at, std::size_t frames);
    bool due(const WaitingPacket& next) const;
    bool paused_before(const WaitingPacket& next) const;
    Ticks lost_length(const WaitingPacket& next) const;
    const WaitingPacket* skip_ahead(const WaitingPacket* next);

    // Keeping the distance.
    Ticks target() const;
    Ticks allowance() const { return clock_ - media_ - delays_.floor(); }
    void adjust(Ticks allowed, std::size_t pending_before);
    void hurry(Ticks allowed, std::size_t pending_before);
    void linger(Ticks allowed, std::size_t pending_before);
    void decode_ahead(std::size_t frames);
    bool quiet(float energy) const;
    std::size_t hurried_lag(Ticks spare, std::size_t pending_before, Resemblance& found) const;
    bool whole_calls() const { return asked_ > 0 && length_ % asked_ == 0; }

    JitterSettings settings_;
    PacketQueue queue_;
    DelayEstimator delays_;
    OpusDecoder decoder_;
    PlayoutLine line_;

    State state_ = State::kSilent;
    bool started_ = false;
    std::uint32_t last_timestamp_ = 0;  // of the last packet that came
    Ticks last_media_ = 0;              // the same, unwrapped
    std::uint64_t stray_ = 0;           // a number far behind: believed when the next one follows it
    std::array<Ticks, 1024> known_{};   // whose delay has been learnt, by place; 2.5 s of the shortest frames

    Ticks clock_ = 0;  // of this call, without the device's own jitter
    Ticks asked_ = 0;  // frames in one call
    Ticks given_ = 0;  // frames in all calls
    SlidingFloor device_{ticks(250ms), 1};

    Ticks media_ = 0;         // place in the stream of what is decoded next
    Ticks length_ = 480;      // of the last packet
    Ticks held_ = 0;          // concealed since, while nothing said what became of it
    Ticks unsettled_ = 0;     // the same for the statistics
    Ticks run_ = 0;           // concealed without a break
    Ticks since_change_ = 0;  // sound since the distance was last changed
    bool celt_ = false, discontinuous_ = false, bridge_ = false;
    float gain_ = 0.0f;
    float loudest_ = 0.0f;  // mean square of the loudest speech of the last seconds

    Counted counted_;
    JitterStatistics statistics_;
    std::array<float, kLongestPacket * 2> scratch_{};
};

}  // namespace earshot::audio
