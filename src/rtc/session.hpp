// One WebRTC peer as the server sees it: his paths, his keys, his microphone, and the slots he hears on. Whose room he
// is in and who hears him is not known here.
#pragma once
#include <array>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/deadline.hpp"
#include "base/random.hpp"
#include "crypto/dtls.hpp"
#include "media/leg.hpp"
#include "media/video_leg.hpp"
#include "base/room_slots.hpp"
#include "rtc/ice_lite.hpp"
#include "rtc/outbox.hpp"
#include "rtc/remote_media.hpp"
#include "rtc/reports.hpp"
#include "rtc/secure_transport.hpp"
#include "rtc/slot_reports.hpp"
#include "rtc/video_in.hpp"
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
    // What a viewer says of his slots: bit n, his decoder needs a key frame on video slot n.
    struct Feedback {
        std::uint32_t pictures_lost = 0;
    };
    Feedback receive_rtcp(Time now, MutableBytes packet, Counters& counters);
    // How many numbers of a slot's stream were never sent: say so before a report about it is received.
    void note_passed_over(std::size_t slot, std::uint32_t numbers) { passed_over_[slot] = numbers; }

    void set_remote(Time now, RemoteMedia media, Outbox& out);
    // A packet of somebody's voice on one of his slots; `heard.payload` must live until out.finish().
    void send_voice(std::size_t slot, const media::Rewritten& rewritten, const media::Packet& heard, Outbox& out);
    // How many copies of earlier packets he should get along with each; 0 where he takes none.
    std::size_t copies() const { return copies_; }
    // The same with copies; nothing need live on.
    void send_with_copies(std::size_t slot, const media::Rewritten& rewritten, const media::Packet& heard, const media::Earlier& earlier, Outbox& out);
    bool report_due(Time now) const { return ready() && reports_.due(now); }
    // `streams` as its legs count them; their SSRCs are filled in here.
    void report(Now now, std::array<SentStream, kHeardSlots> streams, Outbox& out);

    // Pictures, once video was offered: SSRCs of the kVideoSlots slots and of their retransmissions.
    void offer_video(std::span<const std::uint32_t> slots, std::span<const std::uint32_t> repairs);
    bool video_offered() const { return video_ != nullptr; }
    // Null while there are no keys or no answer that takes video.
    VideoIn* video() { return ready() && video_ && video_->in ? &*video_->in : nullptr; }
    std::expected<VideoIn::Picture, Counter> open_picture(Time now, const VideoIn::Incoming& incoming, MutableBytes packet);
    // A packet of somebody's picture on one of his slots; the payload is copied.
    void send_picture(std::size_t slot, const media::RewrittenVideo& rewritten, const media::VideoPacket& seen, Outbox& out);
    void ask_key_frame(VideoKind kind, std::size_t layer, Outbox& out);
    // Beside report(): `streams` by slot, as its legs count them; and how his own pictures arrive.
    void report_video(Now now, std::span<SentStream> streams, Outbox& out);

    void tick(Time now, Outbox& out);
    // Later than `now`, or due.
    Deadline deadline(Time now) const;
    void close(Time now, Outbox& out);

    bool ready() const { return transport_.state() == TransportState::kReady && ice_.selected().has_value(); }
    bool quiet(Time now) const { return last_life_ && now - *last_life_ >= kQuiet; }
    Loss loss(Time now) const;

private:
    void show_life(Time now);  // something authentic came
    void take_blocks(const wire::ReportBlocks& blocks);
    void choose_copies(Time now);
    wire::RtpFields fields(std::size_t slot, const media::Rewritten& rewritten, std::uint8_t payload_type) const;
    void start_reports(Time now);
    void describe_video(const std::optional<RemoteVideo>& described);
    void note_feedback(Time now, const wire::RtcpPacket& packet, Feedback& feedback);
    std::uint32_t video_slot(std::uint32_t ssrc) const;
    void protect_rtcp(MutableBytes room, std::size_t size, Outbox& out);
    Time consent_until() const { return ice_.last_check().value_or(created_) + kConsent; }

    // What a packet sent touches stands first.
    SecureTransport transport_;
    IceLite ice_;
    std::array<std::uint32_t, kHeardSlots> slot_ssrcs_{};
    std::uint8_t opus_payload_type_ = 0;
    std::uint8_t level_extension_ = 0;
    std::uint8_t copies_ = 0;
    bool slots_red_ = false;

    std::optional<VoiceIn> voice_;
    struct Video {
        std::array<std::uint32_t, kVideoSlots> ssrcs{}, repair_ssrcs{};
        std::optional<VideoIn> in;
        Time reported{};
    };
    std::unique_ptr<Video> video_;
    Reports reports_;
    SlotReports slot_reports_;
    CopyChoice choice_;
    std::array<std::uint32_t, kHeardSlots> passed_over_{};
    std::optional<Time> last_life_;
    Time created_;
    std::uint32_t own_rtcp_ssrc_;
    std::string cname_;
};

}  // namespace earshot::rtc
