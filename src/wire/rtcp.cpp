#include "wire/rtcp.hpp"

#include <array>

namespace earshot::wire {
namespace {

constexpr std::size_t kBlockSize = 24;
constexpr std::uint8_t kCname = 1;
constexpr std::uint32_t kRembName = 0x52454D42;  // "REMB"

std::size_t packet_size(Bytes rest) { return (std::size_t{load_u16(rest.data() + 2)} + 1) * 4; }

// Checks the packet at the front (RFC 3550 appendix A.2); gives its size.
std::expected<std::size_t, RtcpError> check_front(Bytes rest) {
    if (rest.size() < 4) return std::unexpected(RtcpError::kTooShort);
    if (rest[0] >> 6 != 2) return std::unexpected(RtcpError::kVersion);
    const auto size = packet_size(rest);
    if (size > rest.size()) return std::unexpected(RtcpError::kLength);
    if ((rest[0] & 0x20) == 0) return size;
    // Only the last packet of a compound may be padded, by whole words that it has.
    const std::size_t padding = rest[size - 1];
    if (size != rest.size() || padding == 0 || padding % 4 != 0 || padding > size - 4) return std::unexpected(RtcpError::kPadding);
    return size;
}

bool is(const RtcpPacket& packet, RtcpType type, std::uint8_t format, std::size_t least) {
    return packet.type == type && packet.count == format && packet.body.size() >= least;
}

// Bytes of receive deltas that the chunks ask for; null when the chunks run out before every packet has a status
// or a status is the reserved one.
struct Walk {
    std::size_t chunk_bytes = 0, delta_bytes = 0;
};
std::optional<Walk> walk(Bytes rest, std::size_t status_count) {
    Walk out;
    for (std::size_t told = 0; told < status_count; out.chunk_bytes += 2) {
        if (rest.size() - out.chunk_bytes < 2) return std::nullopt;
        const auto statuses = detail::unpack_statuses(load_u16(rest.data() + out.chunk_bytes));
        const std::size_t size = std::min<std::size_t>(statuses.size, status_count - told);
        if (size == 0 || statuses.run_symbol == 3) return std::nullopt;
        if (!statuses.vector) out.delta_bytes += size * statuses.run_symbol;
        for (std::size_t i = 0; statuses.vector && i < size; ++i) {
            if (statuses.symbols[i] == 3) return std::nullopt;
            out.delta_bytes += statuses.symbols[i];
        }
        told += size;
    }
    return out;
}

std::uint32_t clamped_loss(std::int32_t lost) {
    return static_cast<std::uint32_t>(std::clamp(lost, -0x800000, 0x7fffff)) & 0xffffff;
}

}  // namespace

std::expected<RtcpCompound, RtcpError> parse_rtcp(Bytes compound) {
    if (compound.size() < 4) return std::unexpected(RtcpError::kTooShort);
    for (Bytes rest = compound; !rest.empty();) {
        const auto size = check_front(rest);
        if (!size) return std::unexpected(size.error());
        rest = rest.subspan(*size);
    }
    return RtcpCompound(compound);
}

std::optional<RtcpPacket> RtcpCompound::next() {
    if (rest_.empty()) return std::nullopt;
    const auto size = packet_size(rest_);
    const std::size_t padding = rest_[0] & 0x20 ? rest_[size - 1] : 0;
    RtcpPacket packet{static_cast<RtcpType>(rest_[1]), static_cast<std::uint8_t>(rest_[0] & 0x1f), rest_.subspan(4, size - 4 - padding)};
    rest_ = rest_.subspan(size);
    return packet;
}

ReportBlock ReportBlocks::operator[](std::size_t index) const {
    const auto* p = bytes_.data() + index * kBlockSize;
    const auto lost = static_cast<std::int32_t>(load_u24(p + 5) << 8) >> 8;
    return {load_u32(p), p[4], lost, load_u32(p + 8), load_u32(p + 12), load_u32(p + 16), load_u32(p + 20)};
}

std::optional<SenderReport> sender_report(const RtcpPacket& packet) {
    const std::size_t blocks = packet.count * kBlockSize;
    if (packet.type != RtcpType::kSenderReport || packet.body.size() < 24 + blocks) return std::nullopt;
    const auto* p = packet.body.data();
    return SenderReport{load_u32(p), load_u64(p + 4), load_u32(p + 12), load_u32(p + 16), load_u32(p + 20), ReportBlocks(packet.body.subspan(24, blocks))};
}

std::optional<ReceiverReport> receiver_report(const RtcpPacket& packet) {
    const std::size_t blocks = packet.count * kBlockSize;
    if (packet.type != RtcpType::kReceiverReport || packet.body.size() < 4 + blocks) return std::nullopt;
    return ReceiverReport{load_u32(packet.body.data()), ReportBlocks(packet.body.subspan(4, blocks))};
}

std::optional<Bye> bye(const RtcpPacket& packet) {
    const std::size_t sources = packet.count * std::size_t{4};
    if (packet.type != RtcpType::kBye || packet.body.size() < sources) return std::nullopt;
    Bye out{packet.body.first(sources)};
    const auto rest = packet.body.subspan(sources);
    if (!rest.empty() && rest[0] < rest.size()) out.reason = as_text(rest.subspan(1, rest[0]));
    return out;
}

std::optional<Nack> nack(const RtcpPacket& packet) {
    if (!is(packet, RtcpType::kTransportFeedback, kFormatNack, 12)) return std::nullopt;
    return Nack{load_u32(packet.body.data()), load_u32(packet.body.data() + 4), packet.body.subspan(8)};
}

std::optional<PictureLoss> picture_loss(const RtcpPacket& packet) {
    if (!is(packet, RtcpType::kPayloadFeedback, kFormatPli, 8)) return std::nullopt;
    return PictureLoss{load_u32(packet.body.data()), load_u32(packet.body.data() + 4)};
}

std::optional<FullIntra> full_intra(const RtcpPacket& packet) {
    if (!is(packet, RtcpType::kPayloadFeedback, kFormatFir, 16) || packet.body.size() % 8 != 0) return std::nullopt;
    return FullIntra{load_u32(packet.body.data()), packet.body.subspan(8)};
}

// draft-alvestrand-rmcat-remb section 2.2: six bits of exponent, eighteen of mantissa.
std::optional<MaxBitrate> max_bitrate(const RtcpPacket& packet) {
    if (!is(packet, RtcpType::kPayloadFeedback, kFormatApplication, 16)) return std::nullopt;
    const auto* p = packet.body.data();
    const std::size_t sources = p[12] * std::size_t{4};
    const unsigned exponent = p[13] >> 2;
    const std::uint64_t mantissa = load_u24(p + 13) & 0x3ffff;
    if (load_u32(p + 8) != kRembName || packet.body.size() < 16 + sources) return std::nullopt;
    if (exponent > 45) return std::nullopt;  // 18 bits of mantissa would leave 64
    return MaxBitrate{load_u32(p), mantissa << exponent, packet.body.subspan(16, sources)};
}

std::optional<TransportWide> transport_wide(const RtcpPacket& packet) {
    if (!is(packet, RtcpType::kTransportFeedback, kFormatTransportWide, 16)) return std::nullopt;
    const auto* p = packet.body.data();
    TransportWide out{load_u32(p), load_u32(p + 4), load_u16(p + 8), load_u16(p + 10), static_cast<std::int32_t>(load_u24(p + 12) << 8) >> 8, p[15]};
    const auto rest = packet.body.subspan(16);
    const auto needs = walk(rest, out.status_count);
    if (out.status_count == 0 || !needs || rest.size() - needs->chunk_bytes < needs->delta_bytes) return std::nullopt;
    out.chunks = rest.first(needs->chunk_bytes);
    out.deltas = rest.subspan(needs->chunk_bytes, needs->delta_bytes);
    return out;
}

std::string_view cname_of(const RtcpPacket& packet, std::uint32_t ssrc) {
    std::string_view found;
    for_each_cname(packet, [&](std::uint32_t at, std::string_view cname) {
        if (at == ssrc && found.empty()) found = cname;
    });
    return found;
}

namespace detail {

// RFC 3550 section 6.5: items end with a zero, the chunk is padded to a whole word.
bool next_description(Bytes& rest, std::uint32_t& ssrc, std::string_view& cname) {
    cname = {};
    if (rest.size() < 8) return false;
    ssrc = load_u32(rest.data());
    std::size_t at = 4;
    while (at < rest.size() && rest[at] != 0) {
        if (rest.size() - at < 2 || rest.size() - at - 2 < rest[at + 1]) return false;
        if (rest[at] == kCname && cname.empty()) cname = as_text(rest.subspan(at + 2, rest[at + 1]));
        at += 2 + std::size_t{rest[at + 1]};
    }
    if (at >= rest.size()) return false;  // no closing zero
    rest = rest.subspan(std::min(rest.size(), (at & ~std::size_t{3}) + 4));
    return true;
}

// draft-holmer-rmcat-transport-wide-cc-extensions-01 section 3.1.
Statuses unpack_statuses(std::uint16_t chunk) {
    Statuses out;
    if (!(chunk & 0x8000)) {
        out.size = chunk & 0x1fff;
        out.run_symbol = chunk >> 13 & 3;
        return out;
    }
    out.vector = true;
    const bool two_bits = chunk & 0x4000;
    out.size = two_bits ? 7 : 14;
    for (unsigned i = 0; i < out.size; ++i)
        out.symbols[i] = static_cast<std::uint8_t>(two_bits ? chunk >> (12 - 2 * i) & 3 : chunk >> (13 - i) & 1);
    return out;
}

}  // namespace detail

void RtcpWriter::head(std::size_t count, RtcpType type, std::size_t body_size) {
    writer_.u8(static_cast<std::uint8_t>(0x80 | count));
    writer_.u8(static_cast<std::uint8_t>(type));
    writer_.u16(static_cast<std::uint16_t>(body_size / 4));
}

void RtcpWriter::block(const ReportBlock& block) {
    writer_.u32(block.ssrc);
    writer_.u8(block.fraction_lost);
    writer_.u24(clamped_loss(block.cumulative_lost));
    writer_.u32(block.highest_sequence);
    writer_.u32(block.jitter);
    writer_.u32(block.last_sender_report);
    writer_.u32(block.delay_since);
}

void RtcpWriter::sender_report(const SenderReport& report, std::span<const ReportBlock> blocks) {
    blocks = blocks.first(std::min<std::size_t>(blocks.size(), 31));
    head(blocks.size(), RtcpType::kSenderReport, 24 + blocks.size() * kBlockSize);
    writer_.u32(report.ssrc);
    writer_.u64(report.ntp);
    writer_.u32(report.rtp_timestamp);
    writer_.u32(report.packet_count);
    writer_.u32(report.octet_count);
    for (const auto& b : blocks) block(b);
}

void RtcpWriter::receiver_report(std::uint32_t ssrc, std::span<const ReportBlock> blocks) {
    blocks = blocks.first(std::min<std::size_t>(blocks.size(), 31));
    head(blocks.size(), RtcpType::kReceiverReport, 4 + blocks.size() * kBlockSize);
    writer_.u32(ssrc);
    for (const auto& b : blocks) block(b);
}

void RtcpWriter::cname(std::uint32_t ssrc, std::string_view cname) {
    cname = cname.substr(0, 255);
    const std::size_t items = 4 + 2 + cname.size();
    const std::size_t body = (items / 4 + 1) * 4;  // at least one closing zero
    head(1, RtcpType::kDescription, body);
    writer_.u32(ssrc);
    writer_.u8(kCname);
    writer_.u8(static_cast<std::uint8_t>(cname.size()));
    writer_.put(as_bytes(cname));
    writer_.zeros(body - items);
}

void RtcpWriter::bye(std::uint32_t ssrc) {
    head(1, RtcpType::kBye, 4);
    writer_.u32(ssrc);
}

void RtcpWriter::nack(std::uint32_t sender_ssrc, std::uint32_t media_ssrc, std::span<const std::uint16_t> lost) {
    const auto entry_end = [&](std::size_t from) {
        std::size_t to = from + 1;
        while (to < lost.size() && static_cast<std::uint16_t>(lost[to] - lost[from]) - 1u < 16u) ++to;
        return to;
    };
    std::size_t entries = 0;
    for (std::size_t i = 0; i < lost.size(); i = entry_end(i)) ++entries;
    if (entries == 0) return;
    head(kFormatNack, RtcpType::kTransportFeedback, 8 + entries * 4);
    writer_.u32(sender_ssrc);
    writer_.u32(media_ssrc);
    for (std::size_t i = 0, end = 0; i < lost.size(); i = end) {
        end = entry_end(i);
        std::uint16_t mask = 0;
        for (std::size_t j = i + 1; j < end; ++j) mask = static_cast<std::uint16_t>(mask | 1u << (static_cast<std::uint16_t>(lost[j] - lost[i]) - 1u));
        writer_.u16(lost[i]);
        writer_.u16(mask);
    }
}

void RtcpWriter::picture_loss(std::uint32_t sender_ssrc, std::uint32_t media_ssrc) {
    head(kFormatPli, RtcpType::kPayloadFeedback, 8);
    writer_.u32(sender_ssrc);
    writer_.u32(media_ssrc);
}

void RtcpWriter::full_intra(std::uint32_t sender_ssrc, std::uint32_t media_ssrc, std::uint8_t sequence) {
    head(kFormatFir, RtcpType::kPayloadFeedback, 16);
    writer_.u32(sender_ssrc);
    writer_.u32(0);
    writer_.u32(media_ssrc);
    writer_.u8(sequence);
    writer_.zeros(3);
}

bool RtcpWriter::transport_wide(const TransportWide& feedback, std::span<const Arrival> arrivals) {
    if (arrivals.empty() || arrivals.size() > kMaxFeedbackPackets || !arrivals.front().received || !arrivals.back().received) return false;
    std::array<std::uint8_t, kMaxFeedbackPackets> symbols{};
    std::array<std::int16_t, kMaxFeedbackPackets> deltas{};
    std::size_t delta_bytes = 0;
    std::int64_t before = 0;
    for (std::size_t i = 0; i < arrivals.size(); ++i) {
        if (!arrivals[i].received) continue;
        const std::int64_t delta = arrivals[i].ticks - before;
        if (delta < -32768 || delta > 32767) return false;
        before = arrivals[i].ticks;
        deltas[i] = static_cast<std::int16_t>(delta);
        symbols[i] = delta >= 0 && delta <= 255 ? 1 : 2;
        delta_bytes += symbols[i];
    }
    // Vectors of seven two-bit statuses: never far from the smallest, and simple enough to be right.
    const std::size_t chunks = (arrivals.size() + 6) / 7;
    const std::size_t body = (16 + chunks * 2 + delta_bytes + 3) / 4 * 4;
    head(kFormatTransportWide, RtcpType::kTransportFeedback, body);
    writer_.u32(feedback.sender_ssrc);
    writer_.u32(feedback.media_ssrc);
    writer_.u16(feedback.base_sequence);
    writer_.u16(static_cast<std::uint16_t>(arrivals.size()));
    writer_.u24(static_cast<std::uint32_t>(feedback.reference_time) & 0xffffff);
    writer_.u8(feedback.feedback_count);
    for (std::size_t chunk = 0; chunk < chunks; ++chunk) {
        unsigned bits = 0xC000;
        for (std::size_t i = 0; i < 7 && chunk * 7 + i < arrivals.size(); ++i) bits |= static_cast<unsigned>(symbols[chunk * 7 + i]) << (12 - 2 * i);
        writer_.u16(static_cast<std::uint16_t>(bits));
    }
    for (std::size_t i = 0; i < arrivals.size(); ++i) {
        if (symbols[i] == 1) writer_.u8(static_cast<std::uint8_t>(deltas[i]));
        if (symbols[i] == 2) writer_.u16(static_cast<std::uint16_t>(deltas[i]));
    }
    writer_.zeros(body - 16 - chunks * 2 - delta_bytes);
    return true;
}

}  // namespace earshot::wire
