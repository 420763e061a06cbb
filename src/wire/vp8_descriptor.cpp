#include "wire/vp8_descriptor.hpp"

#include "base/check.hpp"

namespace earshot::wire {
namespace {

constexpr std::uint8_t kExtended = 0x80, kNonReference = 0x20, kStart = 0x10, kPartition = 0x07;
constexpr std::uint8_t kHasPictureId = 0x80, kHasBaseIndex = 0x40, kHasTemporal = 0x20, kHasKeyIndex = 0x10;

void read_picture_id(ByteReader& reader, VideoPayload& out) {
    out.places.picture_id = static_cast<std::uint8_t>(reader.position());
    const auto first = reader.u8();
    out.places.wide = (first & 0x80) != 0;
    out.picture_id = first & 0x7f;
    if (out.places.wide) out.picture_id = static_cast<std::uint16_t>(out.picture_id << 8 | reader.u8());
}

void read_extensions(ByteReader& reader, VideoPayload& out) {
    const auto has = reader.u8();
    if (has & kHasPictureId) read_picture_id(reader, out);
    if (has & kHasBaseIndex) {
        out.places.base_index = static_cast<std::uint8_t>(reader.position());
        out.base_index = reader.u8();
    }
    if (!(has & (kHasTemporal | kHasKeyIndex))) return;
    const auto layers = reader.u8();
    if (!(has & kHasTemporal)) return;
    out.layered = true;
    out.temporal = layers >> 6;
    out.switch_up = (layers & 0x20) != 0;
}

// RFC 6386 section 9.1: three bytes of frame tag, three of start code, then width and height, 14 bits each, little-endian.
void read_frame_head(Bytes head, VideoPayload& out) {
    const bool key = !head.empty() && (head[0] & 1) == 0;
    if (!key) return;
    out.starts_key = true;
    out.predicted = false;
    if (head.size() < kVp8KeyHeaderSize || load_u24(head.data() + 3) != 0x9d012a) return;
    out.width = static_cast<std::uint16_t>((head[6] | head[7] << 8) & 0x3fff);
    out.height = static_cast<std::uint16_t>((head[8] | head[9] << 8) & 0x3fff);
}

}  // namespace

std::optional<VideoPayload> read_vp8(Bytes payload) {
    ByteReader reader(payload);
    VideoPayload out;
    const auto first = reader.u8();
    if (first & kExtended) read_extensions(reader, out);
    if (!reader.ok() || reader.remaining() == 0) return std::nullopt;
    out.descriptor_size = static_cast<std::uint8_t>(reader.position());
    out.discardable = (first & kNonReference) != 0;
    out.starts_frame = (first & kStart) != 0 && (first & kPartition) == 0;
    if (out.starts_frame) read_frame_head(reader.rest(), out);
    return out;
}

void write_vp8_descriptor(MutableBytes out, const Vp8Fields& fields) {
    ENSURE(out.size() >= kVp8DescriptorSize);
    out[0] = static_cast<std::uint8_t>(kExtended | (fields.discardable ? kNonReference : 0) | (fields.starts_frame ? kStart : 0));
    out[1] = kHasPictureId | kHasBaseIndex | kHasTemporal;
    store_u16(out.data() + 2, static_cast<std::uint16_t>(0x8000 | fields.picture_id));
    out[4] = fields.base_index;
    out[5] = static_cast<std::uint8_t>(fields.temporal << 6 | (fields.switch_up ? 0x20 : 0));
}

void write_vp8_frame_head(MutableBytes out, bool key, std::uint16_t width, std::uint16_t height) {
    ENSURE(out.size() >= (key ? kVp8KeyHeaderSize : 3));
    out[0] = key ? 0x10 : 0x11;
    out[1] = out[2] = 0;
    if (!key) return;
    store_u24(out.data() + 3, 0x9d012a);
    out[6] = static_cast<std::uint8_t>(width);
    out[7] = static_cast<std::uint8_t>(width >> 8 & 0x3f);
    out[8] = static_cast<std::uint8_t>(height);
    out[9] = static_cast<std::uint8_t>(height >> 8 & 0x3f);
}

}  // namespace earshot::wire
