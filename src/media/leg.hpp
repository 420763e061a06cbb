// One outgoing stream: a listener's slot, whose speaker changes. To the listener it is one RTP stream that never
// breaks: sequence numbers go on by one across a change of speaker, gaps of the speaker stay gaps (so that loss is
// concealed where it happened), and no number is ever used twice under one SSRC, whatever comes in: with AES-GCM a
// repeated number would give the key stream away (RFC 7714 section 8.1).
//
// Three verbs: rewrite() a packet, pause() when packets are withheld on purpose, and the change of speaker, which
// happens by itself when a packet of another tenure comes.
#pragma once
#include <cstdint>
#include <optional>

#include "base/time.hpp"
#include "media/packet.hpp"

namespace earshot::media {

// One speaker's stay on a slot; a room never uses a number twice. 0: nobody.
using Tenure = std::uint32_t;

struct Rewritten {
    std::uint16_t sequence = 0;
    std::uint32_t timestamp = 0;
    std::uint32_t roc = 0;  // RFC 3711 section 3.3.1
    bool marker = false;
    std::uint32_t history = 0;  // how many numbers before this one are of the same stay
};

class Leg {
public:
    // `first_sequence` in 1..32767, so that a receiver that misses the first packets still guesses roc 0.
    Leg(std::uint16_t first_sequence, std::uint32_t first_timestamp) : highest_(first_sequence - 1u), last_timestamp_(first_timestamp) {}

    // None: a duplicate, or too late to have a place in the stream.
    std::optional<Rewritten> rewrite(const Packet& packet, Tenure tenure, Time now);
    // What comes next starts anew, without a gap for what was withheld.
    void pause() { tenure_ = 0; }

    // For sender reports: what was sent last, and when.
    std::uint32_t last_timestamp() const { return static_cast<std::uint32_t>(last_timestamp_); }
    Time last_sent() const { return last_sent_; }
    std::uint32_t packets() const { return packets_; }
    std::uint32_t octets() const { return octets_; }
    // Numbers that were never sent, because the speaker's own network lost them: the listener reports those as lost too.
    std::uint32_t passed_over() const { return passed_over_; }

private:
    // RFC 3550 appendix A.1's MAX_DROPOUT: beyond it a speaker's counter has jumped, not lost packets.
    static constexpr std::uint64_t kJump = 3000;
    static constexpr std::uint64_t kWindow = 64;
    static constexpr std::uint64_t kShortestStep = 960;  // samples between the last packet and a new speaker's first

    bool starts_anew(const Packet& packet, Tenure tenure) const;
    void start(const Packet& packet, Tenure tenure, Time now);
    bool mark_sent(std::uint64_t out);
    Rewritten sent(const Packet& packet, std::uint64_t out, bool marker, Time now);

    std::uint64_t highest_;         // out, unwrapped: roc << 16 | sequence
    std::uint64_t sent_ = 0;        // bit n: highest_ - n was sent
    std::uint64_t first_in_ = 0;    // of this tenure; what lies before has no place
    std::uint64_t offset_ = 0;      // out = in + offset_, modulo 2^64
    std::uint64_t last_timestamp_;  // out
    std::uint64_t timestamp_offset_ = 0;
    Time last_sent_{};
    Tenure tenure_ = 0;
    std::uint32_t packets_ = 0;
    std::uint32_t octets_ = 0;
    std::uint32_t passed_over_ = 0;
};

}  // namespace earshot::media
