#include "rtc/reports.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "media/packet.hpp"

namespace earshot::rtc {
namespace {

constexpr std::size_t kSrtcpRoom = 20;

// The RTP timestamp that belongs to this very moment (RFC 3550 section 6.4.1), from the last packet's.
std::uint32_t timestamp_at(Time now, const SentStream& stream) {
    const auto us = std::chrono::duration_cast<std::chrono::microseconds>(now - stream.last_sent).count();
    return stream.last_timestamp + static_cast<std::uint32_t>(us * (media::kSampleRate / 1000) / 1000);
}

void write_sender(wire::RtcpWriter& writer, Now now, const SentStream& stream, std::span<const wire::ReportBlock> blocks) {
    writer.sender_report({.ssrc = stream.ssrc,
                          .ntp = ntp_time(now.wall_ms),
                          .rtp_timestamp = timestamp_at(now.at, stream),
                          .packet_count = stream.packets,
                          .octet_count = stream.octets},
                         blocks);
}

std::size_t take_blocks(Time now, std::span<Reception* const> heard, std::span<wire::ReportBlock> out) {
    std::size_t count = 0;
    for (auto* each : heard) {
        if (each && each->fresh() && count < out.size()) out[count++] = each->report(now);
    }
    return count;
}

}  // namespace

std::uint64_t ntp_time(WallMs wall_ms) {
    constexpr std::uint64_t kFrom1900To1970 = 2'208'988'800u;
    const auto ms = static_cast<std::uint64_t>(wall_ms);
    return (ms / 1000 + kFrom1900To1970) << 32 | ((ms % 1000) << 32) / 1000;
}

void Reports::schedule(Time now, Duration shortest, Duration longest) {
    const auto spread = static_cast<std::uint64_t>((longest - shortest).count());
    next_ = now + shortest + Duration{static_cast<std::int64_t>(random_->below(spread))};
}

void Reports::send(Now now, std::uint32_t own_ssrc, std::string_view cname, std::span<const SentStream> streams, std::span<Reception* const> heard, crypto::SrtpOutbound& srtp,
                   const port::Path& path, Outbox& out) {
    const Time since = last_;
    last_ = now.at;
    std::array<wire::ReportBlock, kMaxHeard> all;
    const auto blocks = std::span<const wire::ReportBlock>{all}.first(take_blocks(now.at, heard, all));
    const bool losing = std::any_of(blocks.begin(), blocks.end(), [](const auto& block) { return block.fraction_lost != 0; });
    schedule(now.at, losing ? kUrgent : kShortest, losing ? 2 * kUrgent : kLongest);
    const auto room = out.reserve(kMaxSize + kSrtcpRoom);
    if (room.empty()) return;
    wire::RtcpWriter writer{room.first(kMaxSize)};
    bool spoke = false;
    for (const auto& stream : streams) {
        if (stream.packets == 0 || stream.last_sent < since) continue;
        write_sender(writer, now, stream, spoke ? std::span<const wire::ReportBlock>{} : blocks);
        spoke = true;
    }
    if (!spoke) writer.receiver_report(own_ssrc, blocks);
    if (!spoke) writer.cname(own_ssrc, cname);
    for (const auto& stream : streams) {
        if (stream.packets != 0 && stream.last_sent >= since) writer.cname(stream.ssrc, cname);
    }
    const auto compound = writer.finish();
    if (compound.empty()) return;
    if (const auto size = srtp.protect_rtcp(room, compound.size()); size != 0) out.commit(path, size);
}

}  // namespace earshot::rtc
