// One WebRTC peer in the client role, for a server of ours: it checks, shakes hands, speaks Opus packets that somebody else
// encoded, and hears the slots. The simulator, the load generator and the terminal client use it.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/counters.hpp"
#include "base/deadline.hpp"
#include "base/random.hpp"
#include "media/redundancy.hpp"
#include "rtc/ice_client.hpp"
#include "rtc/outbox.hpp"
#include "rtc/reports.hpp"
#include "rtc/remote_video.hpp"
#include "rtc/secure_transport.hpp"
#include "wire/rtp.hpp"

namespace earshot::rtc {

struct ClientConfig {
    IceCredentials local, remote;
    std::vector<crypto::Fingerprint> fingerprints;  // of the server's certificate
    std::vector<std::uint32_t> slot_ssrcs;          // as the offer names them, in order
    std::vector<std::uint32_t> video_ssrcs;         // of the video slots, likewise
    std::uint32_t mic_ssrc = 0;
    std::uint8_t opus_payload_type = 111;
    std::uint8_t red_payload_type = 0;  // RFC 2198; 0: not agreed
    std::uint8_t level_extension = 0;
    std::uint8_t mid_extension = 0;
    std::string mic_mid;
    std::string cname = "client";
};

// A packet of somebody's voice on one of the slots.
struct Received {
    std::size_t slot = 0;
    std::vector<std::uint8_t> payload;
    std::uint64_t sequence = 0;   // roc << 16 | sequence number
    std::uint32_t timestamp = 0;  // samples
    bool marker = false;
    std::uint8_t level = 127;
    bool recovered = false;  // lost, and made good from a copy
    Time at{};
};

// A packet of somebody's picture on one of the video slots.
struct ReceivedPicture {
    std::size_t slot = 0;
    wire::VideoCodec codec{};
    std::vector<std::uint8_t> payload;
    std::uint64_t sequence = 0;  // roc << 16 | sequence number
    std::uint32_t timestamp = 0;
    bool marker = false;
    Time at{};
};

// A packet of one's own camera (`rid` names the encoding) or share (no rid), numbered by whoever makes it.
struct ShownPicture {
    std::uint32_t ssrc = 0;
    std::string_view mid{}, rid{};
    wire::VideoCodec codec{};
    std::uint64_t sequence = 0;  // the roc is its upper part
    std::uint32_t timestamp = 0;
    bool marker = false;
    Bytes payload{};
};

class ClientSession {
public:
    // What waits to be taken; the oldest is dropped beyond it.
    static constexpr std::size_t kMaxReceived = 4096;

    ClientSession(const crypto::Identity& identity, ClientConfig config, Random& random);

    // A way to the server: its UDP candidate from an address of ours, or an open TCP connection. The newest that answers is used.
    void add_path(Time now, const port::Path& path, Outbox& out);
    void restart_ice(Time now, IceCredentials local, IceCredentials remote, Outbox& out);
    void receive(Now now, const port::Path& path, MutableBytes datagram, Outbox& out);
    void tick(Now now, Outbox& out);
    Deadline deadline() const;
    void close(Time now, Outbox& out);

    // One Opus packet of the microphone. `timestamp` in samples, from any start. Ignored until ready(). Copies of the ones before go
    // along when the server reports that it loses some, and takes RED.
    void speak(Now now, Bytes payload, std::uint32_t timestamp, std::uint8_t level, Outbox& out);

    // Another microphone: its stream begins anew under another SSRC, as some browsers do.
    void change_microphone(std::uint32_t ssrc);

    // Another offer named the video slots.
    void set_video_slots(std::vector<std::uint32_t> ssrcs) { config_.video_ssrcs = std::move(ssrcs); }
    void show(const ShownPicture& picture, Outbox& out);
    // Our decoder needs a key frame on this slot.
    void lose_picture(std::size_t slot, Outbox& out);
    std::vector<ReceivedPicture> take_pictures() { return std::exchange(pictures_, {}); }
    // SSRCs of ours of which the server wants a key frame.
    std::vector<std::uint32_t> take_key_requests() { return std::exchange(key_requests_, {}); }

    bool ready() const { return transport_.state() == TransportState::kReady && ice_.selected().has_value(); }
    TransportState transport_state() const { return transport_.state(); }
    const std::optional<port::Path>& path() const { return ice_.selected(); }
    std::vector<Received> take_received();

    struct Statistics {
        std::uint64_t sent = 0, received = 0, failed = 0;  // RTP; failed: not opened (a replay, a bad tag, a stranger's SSRC)
        std::uint64_t recovered = 0;  // of what was lost
        std::uint64_t sender_reports = 0, report_blocks = 0;
        wire::ReportBlock last_block{};  // the server's view of the microphone
    };
    const Statistics& statistics() const { return statistics_; }
    // How many copies go along with each packet of the microphone now.
    std::size_t copies() const { return config_.red_payload_type == 0 ? 0 : choice_.copies(); }
    ClientConfig& config_for_tests() { return config_; }  // a hostile client is one that changes its mind

private:
    void receive_stun(Time now, Bytes datagram, Outbox& out);
    void receive_rtp(Time now, MutableBytes packet);
    void take_red(std::size_t slot, const Received& newest, Bytes payload);
    void hand_over(Received packet);
    void send_packet(Now now, const media::Packet& packet, Outbox& out);
    void receive_rtcp(Time now, MutableBytes packet);
    std::optional<std::size_t> slot_of(std::uint32_t ssrc) const;
    bool receive_picture(Time now, const wire::RtpHeader& header, MutableBytes packet);
    void note_key_request(const wire::RtcpPacket& packet);
    void report(Now now, Outbox& out);

    Random& random_;
    ClientConfig config_;
    IceClient ice_;
    SecureTransport transport_;
    Reports reports_;
    std::uint64_t next_sequence_;  // unwrapped: the roc is its upper part
    SentStream mic_;
    media::RecentVoice spoken_;
    media::RedundancyChoice choice_;
    struct Slot {
        std::optional<Reception> reception;
        media::SeenPackets seen;
    };
    std::vector<Slot> slots_;  // as config_.slot_ssrcs
    std::vector<Received> received_;
    std::vector<ReceivedPicture> pictures_;
    std::vector<std::uint32_t> key_requests_;
    Statistics statistics_;
    bool handshaking_ = false;
};

}  // namespace earshot::rtc
