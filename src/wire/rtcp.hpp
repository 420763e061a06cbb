// RTCP (RFC 3550 section 6) with feedback (RFC 4585, RFC 5104), REMB and transport-wide feedback. A compound is
// checked as a whole before its packets are walked; views into it, no allocation. Reduced size (RFC 5506) is allowed.
#pragma once
#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string_view>

#include "base/bytes.hpp"

namespace earshot::wire {

enum class RtcpError : std::uint8_t { kTooShort, kVersion, kLength, kPadding };

enum class RtcpType : std::uint8_t {
    kSenderReport = 200,
    kReceiverReport = 201,
    kDescription = 202,
    kBye = 203,
    kApplication = 204,
    kTransportFeedback = 205,
    kPayloadFeedback = 206,
    kExtendedReport = 207,
};
inline constexpr std::uint8_t kFormatNack = 1;          // of kTransportFeedback
inline constexpr std::uint8_t kFormatTransportWide = 15;
inline constexpr std::uint8_t kFormatPli = 1;           // of kPayloadFeedback
inline constexpr std::uint8_t kFormatFir = 4;
inline constexpr std::uint8_t kFormatApplication = 15;  // REMB

struct RtcpPacket {
    RtcpType type{};         // may be a number that has no name here
    std::uint8_t count = 0;  // the five bits: report count, source count or feedback format
    Bytes body{};            // behind the four-byte header, padding cut off
};

class RtcpCompound {
public:
    // Null when the compound is exhausted.
    std::optional<RtcpPacket> next();

private:
    friend std::expected<RtcpCompound, RtcpError> parse_rtcp(Bytes);
    explicit RtcpCompound(Bytes rest) : rest_(rest) {}
    Bytes rest_;
};
std::expected<RtcpCompound, RtcpError> parse_rtcp(Bytes compound);

struct ReportBlock {
    std::uint32_t ssrc = 0;
    std::uint8_t fraction_lost = 0;    // of 256
    std::int32_t cumulative_lost = 0;  // 24 bits, signed; clamped when written
    std::uint32_t highest_sequence = 0;  // with its cycles
    std::uint32_t jitter = 0;            // in ticks of the RTP clock
    std::uint32_t last_sender_report = 0;  // the middle 32 bits of its NTP time; 0 = none yet
    std::uint32_t delay_since = 0;         // 1/65536 seconds
    bool operator==(const ReportBlock&) const = default;
};

class ReportBlocks {
public:
    ReportBlocks() = default;
    explicit ReportBlocks(Bytes bytes) : bytes_(bytes) {}
    std::size_t size() const { return bytes_.size() / 24; }
    ReportBlock operator[](std::size_t index) const;

private:
    Bytes bytes_;
};

struct SenderReport {
    std::uint32_t ssrc = 0;
    std::uint64_t ntp = 0;  // 32.32 seconds since 1900
    std::uint32_t rtp_timestamp = 0;
    std::uint32_t packet_count = 0;
    std::uint32_t octet_count = 0;
    ReportBlocks blocks{};
};
struct ReceiverReport {
    std::uint32_t ssrc = 0;
    ReportBlocks blocks{};
};
struct Bye {
    Bytes sources{};  // 4 bytes each
    std::string_view reason{};
    std::size_t size() const { return sources.size() / 4; }
    std::uint32_t operator[](std::size_t index) const { return load_u32(sources.data() + index * 4); }
};
struct Nack {
    std::uint32_t sender_ssrc = 0, media_ssrc = 0;
    Bytes entries{};  // pairs of first lost sequence number and a mask of the next 16
};
struct PictureLoss {
    std::uint32_t sender_ssrc = 0, media_ssrc = 0;
};
struct FullIntra {
    std::uint32_t sender_ssrc = 0;
    Bytes entries{};  // 8 bytes each: SSRC, sequence number, 3 reserved
    std::size_t size() const { return entries.size() / 8; }
    std::uint32_t ssrc(std::size_t index) const { return load_u32(entries.data() + index * 8); }
    std::uint8_t sequence(std::size_t index) const { return entries[index * 8 + 4]; }
};
struct MaxBitrate {  // REMB
    std::uint32_t sender_ssrc = 0;
    std::uint64_t bits_per_second = 0;
    Bytes sources{};  // 4 bytes each
};
struct TransportWide {
    std::uint32_t sender_ssrc = 0, media_ssrc = 0;
    std::uint16_t base_sequence = 0;
    std::uint16_t status_count = 0;     // packets told about, base_sequence first
    std::int32_t reference_time = 0;    // times 64 ms, 24 bits signed
    std::uint8_t feedback_count = 0;
    Bytes chunks{}, deltas{};
};

// Each is null when the packet is of another type or its body is too short for what it claims.
std::optional<SenderReport> sender_report(const RtcpPacket& packet);
std::optional<ReceiverReport> receiver_report(const RtcpPacket& packet);
std::optional<Bye> bye(const RtcpPacket& packet);
std::optional<Nack> nack(const RtcpPacket& packet);
std::optional<PictureLoss> picture_loss(const RtcpPacket& packet);
std::optional<FullIntra> full_intra(const RtcpPacket& packet);
std::optional<MaxBitrate> max_bitrate(const RtcpPacket& packet);
// Checked wholly: walking it afterwards cannot run out of bytes.
std::optional<TransportWide> transport_wide(const RtcpPacket& packet);

// The CNAME that a source description gives for this SSRC, empty when none.
std::string_view cname_of(const RtcpPacket& packet, std::uint32_t ssrc);
// visit(ssrc, cname) for each chunk that has a CNAME; stops at the first broken chunk.
template <typename Visit>
void for_each_cname(const RtcpPacket& packet, Visit visit);
// visit(sequence) for each sequence number that is said to be lost.
template <typename Visit>
void for_each_lost(const Nack& nack, Visit visit);
// visit(sequence, delta) for each packet that arrived, delta in 250 us since the one before (the first: since
// reference_time). Runs of lost packets are skipped in one step, so the work is bounded by the bytes.
template <typename Visit>
void for_each_arrival(const TransportWide& feedback, Visit visit);

// One packet of the outgoing transport-wide feedback: lost, or how long after the reference it came.
struct Arrival {
    bool received = false;
    std::int64_t ticks = 0;  // 250 us since reference_time * 64 ms
};
inline constexpr std::size_t kMaxFeedbackPackets = 512;

// Writes a compound into memory of the caller, packet after packet.
class RtcpWriter {
public:
    explicit RtcpWriter(MutableBytes out) : writer_(out) {}

    // At most 31 blocks are written.
    void sender_report(const SenderReport& report, std::span<const ReportBlock> blocks = {});
    void receiver_report(std::uint32_t ssrc, std::span<const ReportBlock> blocks = {});
    void cname(std::uint32_t ssrc, std::string_view cname);  // at most 255 bytes
    void bye(std::uint32_t ssrc);
    // `lost` in ascending order (modulo 2^16); neighbours share an entry. Nothing is written when it is empty.
    void nack(std::uint32_t sender_ssrc, std::uint32_t media_ssrc, std::span<const std::uint16_t> lost);
    void picture_loss(std::uint32_t sender_ssrc, std::uint32_t media_ssrc);
    void full_intra(std::uint32_t sender_ssrc, std::uint32_t media_ssrc, std::uint8_t sequence);
    // One status per packet from base_sequence on. False (and nothing written) when there are none or more than
    // kMaxFeedbackPackets, the ends are not received, or a delta does not fit 16 bits: the caller splits then.
    bool transport_wide(const TransportWide& head, std::span<const Arrival> arrivals);

    // Empty when `out` was too small.
    Bytes finish() const { return writer_.ok() ? writer_.written() : Bytes{}; }

private:
    void head(std::size_t count, RtcpType type, std::size_t body_size);
    void block(const ReportBlock& block);

    ByteWriter writer_;
};

// --- the templates ---
namespace detail {
// One chunk of a source description; false at the end or when broken.
bool next_description(Bytes& rest, std::uint32_t& ssrc, std::string_view& cname);
// A run of equal statuses or the next statuses of a vector, unpacked.
struct Statuses {
    std::uint16_t size = 0;
    std::uint16_t run_symbol = 0;  // when vector is false
    bool vector = false;
    std::uint8_t symbols[14] = {};
    std::uint8_t symbol(std::size_t index) const { return vector ? symbols[index] : static_cast<std::uint8_t>(run_symbol); }
};
Statuses unpack_statuses(std::uint16_t chunk);
}  // namespace detail

template <typename Visit>
void for_each_cname(const RtcpPacket& packet, Visit visit) {
    if (packet.type != RtcpType::kDescription) return;
    Bytes rest = packet.body;
    std::uint32_t ssrc = 0;
    std::string_view cname;
    for (std::size_t i = 0; i < packet.count && detail::next_description(rest, ssrc, cname); ++i)
        if (!cname.empty()) visit(ssrc, cname);
}

template <typename Visit>
void for_each_lost(const Nack& nack, Visit visit) {
    for (std::size_t at = 0; at + 4 <= nack.entries.size(); at += 4) {
        const auto first = load_u16(nack.entries.data() + at);
        const auto mask = load_u16(nack.entries.data() + at + 2);
        visit(first);
        for (int bit = 0; bit < 16; ++bit)
            if (mask >> bit & 1) visit(static_cast<std::uint16_t>(first + bit + 1));
    }
}

template <typename Visit>
void for_each_arrival(const TransportWide& feedback, Visit visit) {
    std::size_t told = 0, delta = 0;
    for (std::size_t at = 0; at + 2 <= feedback.chunks.size() && told < feedback.status_count; at += 2) {
        const auto statuses = detail::unpack_statuses(load_u16(feedback.chunks.data() + at));
        const std::size_t size = std::min<std::size_t>(statuses.size, feedback.status_count - told);
        if (statuses.vector || statuses.run_symbol != 0) {
            for (std::size_t i = 0; i < size; ++i) {
                const auto symbol = statuses.symbol(i);
                if (symbol == 0) continue;
                const auto* p = feedback.deltas.data() + delta;
                const int ticks = symbol == 1 ? int{p[0]} : int{static_cast<std::int16_t>(load_u16(p))};
                delta += symbol;
                visit(static_cast<std::uint16_t>(feedback.base_sequence + told + i), ticks);
            }
        }
        told += size;
    }
}

}  // namespace earshot::wire
