// rooms: wire
// max_len: 1500
// Any datagram as RTP: header, extensions, padding; what we write of it is read the same.
#include <vector>

#include "base/check.hpp"
#include "wire/rtp.hpp"

using namespace earshot;

namespace {

void write_again(const wire::RtpHeader& header) {
    std::vector<wire::ExtensionElement> elements;
    wire::for_each_extension(header, [&](std::uint8_t id, Bytes value) {
        const bool first = wire::find_extension(header, id).data() == value.data();
        if (first && id <= 14 && !value.empty() && value.size() <= 16) elements.push_back({id, value});
        return true;
    });
    std::array<std::uint8_t, 512> out{};
    const wire::RtpFields fields{header.marker, header.payload_type, header.sequence, header.timestamp, header.ssrc};
    const auto size = wire::write_rtp_header(out, fields, elements);
    const auto again = wire::parse_rtp(Bytes{out}.first(size));
    ENSURE(size != 0 && again && again->size == size);
    ENSURE(again->marker == header.marker && again->payload_type == header.payload_type && again->sequence == header.sequence);
    ENSURE(again->timestamp == header.timestamp && again->ssrc == header.ssrc);
    for (const auto& element : elements) {
        const auto value = wire::find_extension(*again, element.id);
        ENSURE(std::equal(value.begin(), value.end(), element.value.begin(), element.value.end()));
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::vector<std::uint8_t> packet(data, data + size);
    wire::classify(packet);
    const auto header = wire::parse_rtp(packet);
    if (!header) return 0;
    ENSURE(header->size >= wire::kRtpFixedHeaderSize && header->size <= size);
    for (int id = 0; id <= 16; ++id) {
        const auto at = static_cast<std::uint8_t>(id);
        wire::audio_level(*header, at);
        wire::text_extension(*header, at);
        wire::transport_sequence(*header, at);
        wire::absolute_send_time(*header, at);
    }
    const auto payload = wire::strip_padding(*header, MutableBytes{packet}.subspan(header->size));
    ENSURE(!payload || payload->size() <= size - header->size);
    write_again(*header);
    return 0;
}
