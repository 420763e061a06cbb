// RTP (RFC 3550) with header extensions (RFC 8285). The header of a protected packet is readable, so parsing
// works before decryption; padding is looked at afterwards. Views into the packet, no allocation.
#pragma once
#include <cstdint>
#include <expected>
#include <optional>
#include <string_view>

#include "base/bytes.hpp"
#include "wire/demultiplex.hpp"

namespace earshot::wire {

inline constexpr std::size_t kRtpFixedHeaderSize = 12;

enum class RtpError : std::uint8_t { kTooShort, kVersion, kPadding };

struct RtpHeader {
    bool padding = false;
    bool marker = false;
    std::uint8_t payload_type = 0;
    std::uint8_t csrc_count = 0;
    std::uint16_t sequence = 0;
    std::uint32_t timestamp = 0;
    std::uint32_t ssrc = 0;
    bool has_extension = false;
    std::uint16_t extension_profile = 0;  // 0xBEDE one-byte elements, 0x100x two-byte elements
    Bytes extension{};                    // the elements, without the profile and length words
    Bytes csrcs{};                        // 4 bytes each
    std::size_t size = 0;                 // fixed header, CSRCs and extension: the payload begins here
};

// Succeeds only when the whole header lies inside the packet.
std::expected<RtpHeader, RtpError> parse_rtp(Bytes packet);
// Cuts the padding off a decrypted payload (RFC 3550 section 5.1); a count of 0 or more than there is is an error.
std::expected<MutableBytes, RtpError> strip_padding(const RtpHeader& header, MutableBytes payload);

// The element with this id (1..14 in the one-byte form, 1..255 in the two-byte form), empty when absent.
// A broken element ends the search; what stands before it is still found.
Bytes find_extension(const RtpHeader& header, std::uint8_t id);

// Calls visit(id, value) for each element until it returns false.
template <typename Visit>
void for_each_extension(const RtpHeader& header, Visit visit);

struct AudioLevel {
    std::uint8_t level = 127;  // -dBov: 0 loud, 127 silent (RFC 6464)
    bool voice = false;
};
// id 0 means "not negotiated" in all of these.
std::optional<AudioLevel> audio_level(const RtpHeader& header, std::uint8_t id);
std::string_view text_extension(const RtpHeader& header, std::uint8_t id);  // mid, rid, repaired rid
std::optional<std::uint16_t> transport_sequence(const RtpHeader& header, std::uint8_t id);
std::optional<std::uint32_t> absolute_send_time(const RtpHeader& header, std::uint8_t id);  // 6.18 seconds, 24 bits

struct RtpFields {
    bool marker = false;
    std::uint8_t payload_type = 0;
    std::uint16_t sequence = 0;
    std::uint32_t timestamp = 0;
    std::uint32_t ssrc = 0;
};

// What our own audio packets carry; id 0 leaves the element out. Ids 1..14, mid of 1 to 16 bytes.
struct AudioExtensions {
    std::uint8_t level_id = 0;
    AudioLevel level{};
    std::uint8_t mid_id = 0;
    std::string_view mid{};
};
inline constexpr std::size_t kMaxAudioHeaderSize = 12 + 4 + 20;

// Writes the header in front of a payload and returns its size; 0 when `out` is too small or an element is out of range.
std::size_t write_rtp_header(MutableBytes out, const RtpFields& fields, const AudioExtensions& extensions = {});

// General form: elements in one-byte form, each 1 to 16 bytes with id 1..14.
struct ExtensionElement {
    std::uint8_t id = 0;
    Bytes value{};
};
std::size_t write_rtp_header(MutableBytes out, const RtpFields& fields, std::span<const ExtensionElement> elements);

// --- the one template ---
namespace detail {
struct Element {
    std::uint8_t id = 0;
    Bytes value{};
};
// Takes the next element off the front; false at the end, at id 15 of the one-byte form and at a broken element.
bool next_element(bool two_byte, Bytes& rest, Element& out);
bool two_byte_form(std::uint16_t profile);
bool readable(std::uint16_t profile);
}  // namespace detail

template <typename Visit>
void for_each_extension(const RtpHeader& header, Visit visit) {
    if (!detail::readable(header.extension_profile)) return;
    const bool two_byte = detail::two_byte_form(header.extension_profile);
    detail::Element element;
    for (Bytes rest = header.extension; detail::next_element(two_byte, rest, element);)
        if (!visit(element.id, element.value)) return;
}

}  // namespace earshot::wire
