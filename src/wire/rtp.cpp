#include "wire/rtp.hpp"

#include <array>

namespace earshot::wire {
namespace {

constexpr std::uint16_t kOneByteForm = 0xBEDE;

void write_fixed(ByteWriter& writer, const RtpFields& fields, bool extension) {
    writer.u8(static_cast<std::uint8_t>(extension ? 0x90 : 0x80));
    writer.u8(static_cast<std::uint8_t>((fields.marker ? 0x80 : 0) | (fields.payload_type & 0x7f)));
    writer.u16(fields.sequence);
    writer.u32(fields.timestamp);
    writer.u32(fields.ssrc);
}

bool in_range(const ExtensionElement& element) {
    return element.id >= 1 && element.id <= 14 && !element.value.empty() && element.value.size() <= 16;
}

}  // namespace

namespace detail {

bool two_byte_form(std::uint16_t profile) { return (profile & 0xfff0) == 0x1000; }
bool readable(std::uint16_t profile) { return profile == kOneByteForm || two_byte_form(profile); }

// RFC 8285 sections 4.2 and 4.3. A zero byte is padding in both forms.
bool next_element(bool two_byte, Bytes& rest, Element& out) {
    while (!rest.empty() && rest[0] == 0) rest = rest.subspan(1);
    if (rest.empty()) return false;
    const std::size_t head = two_byte ? 2 : 1;
    if (rest.size() < head) return false;
    const auto id = static_cast<std::uint8_t>(two_byte ? rest[0] : rest[0] >> 4);
    const std::size_t size = two_byte ? rest[1] : (rest[0] & 0x0fu) + 1u;
    if ((!two_byte && (id == 15 || id == 0)) || rest.size() - head < size) return false;
    out = {id, rest.subspan(head, size)};
    rest = rest.subspan(head + size);
    return true;
}

}  // namespace detail

std::expected<RtpHeader, RtpError> parse_rtp(Bytes packet) {
    if (packet.size() < kRtpFixedHeaderSize) return std::unexpected(RtpError::kTooShort);
    const auto* p = packet.data();
    if (p[0] >> 6 != 2) return std::unexpected(RtpError::kVersion);
    RtpHeader header{.padding = (p[0] & 0x20) != 0, .marker = (p[1] & 0x80) != 0,
                     .payload_type = static_cast<std::uint8_t>(p[1] & 0x7f), .csrc_count = static_cast<std::uint8_t>(p[0] & 0x0f),
                     .sequence = load_u16(p + 2), .timestamp = load_u32(p + 4), .ssrc = load_u32(p + 8), .has_extension = (p[0] & 0x10) != 0};
    ByteReader reader(packet.subspan(kRtpFixedHeaderSize));
    header.csrcs = reader.take(std::size_t{4} * header.csrc_count);
    if (header.has_extension) {
        header.extension_profile = reader.u16();
        header.extension = reader.take(std::size_t{4} * reader.u16());
    }
    if (!reader.ok()) return std::unexpected(RtpError::kTooShort);
    header.size = kRtpFixedHeaderSize + reader.position();
    return header;
}

std::expected<MutableBytes, RtpError> strip_padding(const RtpHeader& header, MutableBytes payload) {
    if (!header.padding) return payload;
    if (payload.empty() || payload.back() == 0 || payload.back() > payload.size()) return std::unexpected(RtpError::kPadding);
    return payload.first(payload.size() - payload.back());
}

Bytes find_extension(const RtpHeader& header, std::uint8_t id) {
    Bytes found;
    if (id == 0) return found;
    for_each_extension(header, [&](std::uint8_t at, Bytes value) {
        if (at == id) found = value;
        return at != id;
    });
    return found;
}

std::optional<AudioLevel> audio_level(const RtpHeader& header, std::uint8_t id) {
    const auto value = find_extension(header, id);
    // The two-byte form may pad the value with a zero byte (RFC 6464 section 3).
    if (value.empty() || value.size() > 2) return std::nullopt;
    return AudioLevel{static_cast<std::uint8_t>(value[0] & 0x7f), (value[0] & 0x80) != 0};
}

std::string_view text_extension(const RtpHeader& header, std::uint8_t id) { return as_text(find_extension(header, id)); }

std::optional<std::uint16_t> transport_sequence(const RtpHeader& header, std::uint8_t id) {
    const auto value = find_extension(header, id);
    if (value.size() < 2) return std::nullopt;
    return load_u16(value.data());
}

std::optional<std::uint32_t> absolute_send_time(const RtpHeader& header, std::uint8_t id) {
    const auto value = find_extension(header, id);
    if (value.size() != 3) return std::nullopt;
    return load_u24(value.data());
}

std::size_t write_rtp_header(MutableBytes out, const RtpFields& fields, std::span<const ExtensionElement> elements) {
    std::size_t bytes = 0;
    for (const auto& element : elements) {
        if (!in_range(element)) return 0;
        bytes += 1 + element.value.size();
    }
    ByteWriter writer(out);
    write_fixed(writer, fields, bytes != 0);
    if (bytes == 0) return writer.ok() ? writer.size() : 0;
    const std::size_t words = (bytes + 3) / 4;
    writer.u16(kOneByteForm);
    writer.u16(static_cast<std::uint16_t>(words));
    for (const auto& element : elements) {
        writer.u8(static_cast<std::uint8_t>(element.id << 4 | (element.value.size() - 1)));
        writer.put(element.value);
    }
    writer.zeros(words * 4 - bytes);
    return writer.ok() ? writer.size() : 0;
}

std::size_t write_rtp_header(MutableBytes out, const RtpFields& fields, const AudioExtensions& extensions) {
    const auto level = static_cast<std::uint8_t>((extensions.level.voice ? 0x80 : 0) | (extensions.level.level & 0x7f));
    std::array<ExtensionElement, 2> elements;
    std::size_t count = 0;
    if (extensions.level_id != 0) elements[count++] = {extensions.level_id, Bytes{&level, 1}};
    if (extensions.mid_id != 0) elements[count++] = {extensions.mid_id, as_bytes(extensions.mid)};
    return write_rtp_header(out, fields, std::span<const ExtensionElement>(elements).first(count));
}

}  // namespace earshot::wire
