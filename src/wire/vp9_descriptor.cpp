#include "wire/vp9_descriptor.hpp"

#include <algorithm>

#include "base/check.hpp"

namespace earshot::wire {
namespace {

enum Flag : std::uint8_t {
    kPictureId = 0x80,
    kPredicted = 0x40,
    kLayers = 0x20,
    kFlexible = 0x10,
    kBegins = 0x08,
    kEnds = 0x04,
    kStructure = 0x02,
    kNotForUpper = 0x01
};

void read_picture_id(ByteReader& reader, VideoPayload& out) {
    out.places.picture_id = static_cast<std::uint8_t>(reader.position());
    const auto first = reader.u8();
    out.places.wide = (first & 0x80) != 0;
    out.picture_id = first & 0x7f;
    if (out.places.wide) out.picture_id = static_cast<std::uint16_t>(out.picture_id << 8 | reader.u8());
}

void read_layers(ByteReader& reader, bool flexible, VideoPayload& out) {
    const auto layers = reader.u8();
    out.layered = true;
    out.temporal = layers >> 5;
    out.switch_up = (layers & 0x10) != 0;
    out.spatial = layers >> 1 & 7;
    if (flexible) return;
    out.places.base_index = static_cast<std::uint8_t>(reader.position());
    out.base_index = reader.u8();
}

// Up to three reference distances; the lowest bit says that another follows.
bool skip_references(ByteReader& reader) {
    for (int n = 0; n < 3; ++n) {
        if ((reader.u8() & 1) == 0) return true;
    }
    return false;
}

void read_structure(ByteReader& reader, VideoPayload& out) {
    const auto head = reader.u8();
    const std::size_t layers = static_cast<std::size_t>(head >> 5) + 1;
    for (std::size_t i = 0; (head & 0x10) && i < layers; ++i) {
        out.width = std::max(out.width, reader.u16());
        out.height = std::max(out.height, reader.u16());
    }
    if (!(head & 0x08)) return;
    for (int pictures = reader.u8(); pictures > 0 && reader.ok(); --pictures) reader.skip(reader.u8() >> 2 & 3);
}

}  // namespace

std::optional<VideoPayload> read_vp9(Bytes payload) {
    ByteReader reader(payload);
    VideoPayload out;
    const auto flags = reader.u8();
    if (flags & kPictureId) read_picture_id(reader, out);
    if (flags & kLayers) read_layers(reader, flags & kFlexible, out);
    if ((flags & kFlexible) && (flags & kPredicted) && !skip_references(reader)) return std::nullopt;
    if (flags & kStructure) read_structure(reader, out);
    if (!reader.ok() || reader.remaining() == 0 || reader.position() > 255) return std::nullopt;
    out.descriptor_size = static_cast<std::uint8_t>(reader.position());
    out.predicted = (flags & kPredicted) != 0;
    out.ends_layer = (flags & kEnds) != 0;
    out.discardable = (flags & kNotForUpper) != 0;
    out.starts_frame = (flags & kBegins) != 0;
    out.starts_key = out.starts_frame && !out.predicted && out.spatial == 0;
    return out;
}

void write_vp9_descriptor(MutableBytes out, const Vp9Fields& fields) {
    ENSURE(out.size() >= kVp9DescriptorSize);
    out[0] = static_cast<std::uint8_t>(kPictureId | kLayers | (fields.predicted ? kPredicted : 0) | (fields.starts_layer ? kBegins : 0) |
                                       (fields.ends_layer ? kEnds : 0));
    store_u16(out.data() + 1, static_cast<std::uint16_t>(0x8000 | fields.picture_id));
    out[3] = static_cast<std::uint8_t>(fields.temporal << 5 | (fields.switch_up ? 0x10 : 0) | fields.spatial << 1 | (fields.upper_reference ? 1 : 0));
    out[4] = fields.base_index;
}

}  // namespace earshot::wire
