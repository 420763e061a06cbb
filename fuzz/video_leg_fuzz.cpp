// rooms: media
// Whatever packets, aims and senders a video leg meets: no number goes out twice, a new stream begins at a key frame alone, and
// what goes out first of all has a number that a receiver guesses right.
#include <set>

#include "base/check.hpp"
#include "media/video_leg.hpp"

using namespace earshot;
using namespace earshot::media;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    VideoLeg leg{static_cast<std::uint16_t>(1 + (load_u16(data) & 0x7ffe)), 0};
    ByteReader reader{{data + 2, size - 2}};
    std::set<std::uint64_t> sent;
    std::array<VideoPacket, kSimulcastLayers> next;
    for (std::uint8_t i = 0; i < next.size(); ++i) next[i] = {.layer = i, .sequence = 1u << 16, .timestamp = 1u << 20};
    Time now{1000s};
    while (reader.remaining() >= 3) {
        const auto verb = reader.u8(), amount = reader.u8(), bits = reader.u8();
        now += std::chrono::milliseconds(amount & 15);
        auto& packet = next[amount % next.size()];
        switch (verb % 8) {
            case 0:
                leg.aim({.layer = static_cast<std::int8_t>(amount % 4 - 1),
                         .spatial = static_cast<std::uint8_t>(bits & 3),
                         .temporal = static_cast<std::uint8_t>(bits >> 4 & 3)});
                continue;
            case 1: leg.restart(); continue;
            case 2: packet.sequence += amount * 16u; break;
            case 3: packet.sequence -= std::min<std::uint64_t>(packet.sequence - 1, amount); break;
            case 4: packet.epoch += 1; break;
            default: packet.sequence += amount % 3; break;
        }
        packet.timestamp += (bits & 1) * 3000u;
        packet.codec = (bits & 2) ? wire::VideoCodec::kVp9 : wire::VideoCodec::kVp8;
        packet.about = {.starts_frame = (bits & 4) != 0,
                        .starts_key = (bits & 0x0c) == 0x0c,
                        .predicted = (bits & 0x10) != 0,
                        .ends_layer = (bits & 0x20) != 0,
                        .switch_up = (bits & 0x40) != 0,
                        .layered = true,
                        .temporal = static_cast<std::uint8_t>(verb >> 3 & 3),
                        .spatial = static_cast<std::uint8_t>(verb >> 5 & 3),
                        .picture_id = static_cast<std::uint16_t>(bits * 7u)};
        const auto before = leg.layer();
        const auto out = leg.rewrite(packet, now);
        if (!out) continue;
        ENSURE(sent.insert(std::uint64_t{out->roc} << 16 | out->sequence).second);
        ENSURE(leg.layer() == packet.layer && out->picture_id <= 0x7fff);
        ENSURE(before == leg.layer() || packet.about.starts_key);
    }
    ENSURE(sent.empty() || *sent.begin() <= 0xffff);
    return 0;
}
