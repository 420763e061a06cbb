// One WebRTC peer as the server sees it: his paths, his keys, his microphone, and the slots he hears on. Whose room he
// is in and who hears him is not known here.
#pragma once
#include <array>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/deadline.hpp"
#include "base/random.hpp"
#include "crypto/dtls.hpp"
#include "media/leg.hpp"
#include "base/room_slots.hpp"
#include "rtc/ice_lite.hpp"
#include "rtc/outbox.hpp"
#include "rtc/remote_media.hpp"
#include "rtc/reports.hpp"
#include "rtc/secure_transport.hpp"
#include "rtc/voice_in.hpp"

namespace earshot::rtc {

struct SessionConfig {
    IceCredentials credentials;
    std::vector<std::uint32_t> slot_ssrcs;  // at most kHeardSlots
    std::uint32_t own_rtcp_ssrc = 0;
    std::string cname;
};

enum class Loss : std::uint8_t { kNone, kConsent, kDtlsFailed, kFingerprintMismatch, kClosed };

class Session {
public:
    // No sign of life (a check or an authentic packet) for kQuiet; no check for kConsent (RFC 7675).
    static constexpr Duration kQuiet = 5s;
    static constexpr Duration kConsent = 30s;

    Session(const crypto::Identity& identity, SessionConfig config, Random& random, Time now);

    IceLite& ice() { return ice_; }
    // A check; the verdict says what became of names and paths.
    IceLite::Verdict receive_stun(Time now, const port::Path& path, const wire::StunMessage& message, Outbox& out);
    // Only from a path of his.
    void receive_dtls(Time now, const port::Path& path, Bytes datagram, Outbox& out);
    // Null while there are no keys or no description: nothing can be a packet of his then.
    VoiceIn* voice() { return ready() && voice_ ? &*voice_ : nullptr; }
    // A packet of the microphone, after voice()->inspect().
    std::expected<VoiceIn::Voice, Counter> open_voice(Time now, const VoiceIn::Incoming& incoming, MutableBytes packet);
    void receive_rtcp(Time now, MutableBytes packet, Counters& counters);

    void set_remote(Time now, RemoteMedia media, Outbox& out);
    // A packet of somebody's voice on one of his slots; `heard.payload` must live until out.finish().
    void send_voice(std::size_t slot, const media::Rewritten& rewritten, const media::Packet& heard, Outbox& out);
    bool report_due(Time now) const { return ready() && reports_.due(now); }
    // `streams` as its legs count them; their SSRCs are filled in here.
    void report(Now now, std::array<SentStream, kHeardSlots> streams, Outbox& out);

    void tick(Time now, Outbox& out);
    // Later than `now`, or due.
    Deadline deadline(Time now) const;
    void close(Time now, Outbox& out);

    bool ready() const { return transport_.state() == TransportState::kReady && ice_.selected().has_value(); }
    bool quiet(Time now) const { return last_life_ && now - *last_life_ >= kQuiet; }
    Loss loss(Time now) const;

private:
    void show_life(Time now);  // something authentic came
    void start_reports(Time now);
    Time consent_until() const { return ice_.last_check().value_or(created_) + kConsent; }

    // What a packet sent touches stands first.
    SecureTransport transport_;
    IceLite ice_;
    std::array<std::uint32_t, kHeardSlots> slot_ssrcs_{};
    std::uint8_t opus_payload_type_ = 0;
    std::uint8_t level_extension_ = 0;

    std::optional<VoiceIn> voice_;
    Reports reports_;
    std::optional<Time> last_life_;
    Time created_;
    std::uint32_t own_rtcp_ssrc_;
    std::string cname_;
};

}  // namespace earshot::rtc
