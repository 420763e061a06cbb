// rooms: wire
// max_len: 1500
// Any datagram as an RTCP compound: every packet looked at in every way, and feedback written again the same.
#include <string_view>
#include <vector>

#include "base/check.hpp"
#include "wire/rtcp.hpp"

using namespace earshot;

namespace {

std::uint64_t sum = 0;  // so that nothing read is optimised away

void reports(const wire::RtcpPacket& packet) {
    wire::ReportBlocks blocks;
    if (const auto report = wire::sender_report(packet)) blocks = report->blocks;
    if (const auto report = wire::receiver_report(packet)) blocks = report->blocks;
    std::vector<wire::ReportBlock> all;
    for (std::size_t i = 0; i < blocks.size(); ++i) all.push_back(blocks[i]);
    std::array<std::uint8_t, 1500> out{};
    wire::RtcpWriter writer(out);
    writer.receiver_report(1, all);
    auto again = wire::parse_rtcp(writer.finish());
    const auto report = wire::receiver_report(*again->next());
    ENSURE(report && report->blocks.size() == all.size());
    for (std::size_t i = 0; i < all.size(); ++i) ENSURE(report->blocks[i] == all[i]);
}

void losses(const wire::Nack& nack) {
    std::vector<std::uint16_t> lost, again;
    bool ascending = true;  // what the writer asks for
    wire::for_each_lost(nack, [&](std::uint16_t sequence) {
        if (!lost.empty()) ascending = ascending && static_cast<std::uint16_t>(sequence - lost.back() - 1) < 0x7fff;
        lost.push_back(sequence);
    });
    std::vector<std::uint8_t> out(20 + lost.size() * 4);
    wire::RtcpWriter writer(out);
    writer.nack(1, 2, lost);
    auto compound = wire::parse_rtcp(writer.finish());
    wire::for_each_lost(wire::nack(*compound->next()).value(), [&](std::uint16_t sequence) { again.push_back(sequence); });
    ENSURE(!ascending || again == lost);
}

void arrivals(const wire::TransportWide& feedback) {
    std::vector<wire::Arrival> told;
    std::vector<std::pair<std::uint16_t, int>> seen, again;
    std::int64_t ticks = 0;
    bool follows = true;
    wire::for_each_arrival(feedback, [&](std::uint16_t sequence, int delta) {
        seen.emplace_back(sequence, delta);
        const auto offset = static_cast<std::uint16_t>(sequence - feedback.base_sequence);
        ENSURE(offset < feedback.status_count);
        if (!follows || offset >= wire::kMaxFeedbackPackets) follows = false;
        else told.resize(offset), told.push_back({true, ticks += delta});
    });
    std::array<std::uint8_t, 4096> out{};
    wire::RtcpWriter writer(out);
    if (!follows || !writer.transport_wide(feedback, told)) return;
    auto compound = wire::parse_rtcp(writer.finish());
    const auto same = wire::transport_wide(*compound->next());
    ENSURE(same && same->reference_time == feedback.reference_time && same->base_sequence == feedback.base_sequence);
    wire::for_each_arrival(*same, [&](std::uint16_t sequence, int delta) { again.emplace_back(sequence, delta); });
    ENSURE(seen == again);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    auto compound = wire::parse_rtcp({data, size});
    if (!compound) return 0;
    while (const auto packet = compound->next()) {
        reports(*packet);
        if (const auto nack = wire::nack(*packet)) losses(*nack);
        if (const auto feedback = wire::transport_wide(*packet)) arrivals(*feedback);
        if (const auto leaving = wire::bye(*packet)) {
            for (std::size_t i = 0; i < leaving->size(); ++i) sum += (*leaving)[i];
            for (const char c : leaving->reason) sum += static_cast<unsigned char>(c);
        }
        if (const auto loss = wire::picture_loss(*packet)) sum += loss->media_ssrc;
        if (const auto fir = wire::full_intra(*packet))
            for (std::size_t i = 0; i < fir->size(); ++i) sum += fir->ssrc(i) + fir->sequence(i);
        if (const auto remb = wire::max_bitrate(*packet)) sum += remb->bits_per_second + remb->sources.size();
        wire::for_each_cname(*packet, [](std::uint32_t ssrc, std::string_view cname) {
            sum += ssrc;
            for (const char c : cname) sum += static_cast<unsigned char>(c);
        });
        wire::cname_of(*packet, 1);
    }
    return 0;
}
