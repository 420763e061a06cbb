#include "wire/stun.hpp"

#include "base/secret.hpp"

namespace earshot::wire {
namespace {

constexpr std::uint32_t kMagicCookie = 0x2112A442;
constexpr std::uint32_t kFingerprintMask = 0x5354554E;

enum Attribute : std::uint16_t {
    kUsername = 0x0006,
    kMessageIntegrity = 0x0008,
    kErrorCode = 0x0009,
    kUnknownAttributes = 0x000A,
    kXorMappedAddress = 0x0020,
    kPriority = 0x0024,
    kUseCandidate = 0x0025,
    kSoftware = 0x8022,
    kFingerprint = 0x8028,
    kIceControlled = 0x8029,
    kIceControlling = 0x802A,
};
constexpr std::size_t kIntegritySize = 20;

constexpr std::size_t padded(std::size_t size) { return (size + 3) & ~std::size_t{3}; }

constexpr auto kCrcTable = [] {
    std::array<std::uint32_t, 256> table{};
    for (std::uint32_t i = 0; i < 256; ++i) {
        std::uint32_t c = i;
        for (int bit = 0; bit < 8; ++bit) c = c & 1 ? 0xEDB88320u ^ c >> 1 : c >> 1;
        table[i] = c;
    }
    return table;
}();

// ITU V.42, as FINGERPRINT wants it (RFC 8489 section 14.7).
std::uint32_t crc32(Bytes bytes) {
    std::uint32_t c = ~0u;
    for (const auto byte : bytes) c = kCrcTable[(c ^ byte) & 0xff] ^ c >> 8;
    return ~c;
}

// Class and method are interleaved in the type (RFC 8489 section 5).
constexpr StunClass class_of(std::uint16_t type) { return static_cast<StunClass>((type >> 4 & 1) | (type >> 7 & 2)); }
constexpr std::uint16_t method_of(std::uint16_t type) {
    return static_cast<std::uint16_t>((type & 0x000f) | (type >> 1 & 0x0070) | (type >> 2 & 0x0f80));
}
constexpr std::uint16_t type_of(StunClass message_class, std::uint16_t method) {
    const auto c = static_cast<std::uint16_t>(message_class);
    return static_cast<std::uint16_t>((method & 0x000f) | (method & 0x0070) << 1 | (method & 0x0f80) << 2 | (c & 1) << 4 | (c & 2) << 7);
}

// XOR is its own inverse: the same for reading and writing (RFC 8489 section 14.2).
SocketAddress xored(const SocketAddress& address, const StunTransactionId& transaction) {
    SocketAddress out = address;
    out.port = static_cast<std::uint16_t>(address.port ^ kMagicCookie >> 16);
    std::array<std::uint8_t, 16> mask{};
    store_u32(mask.data(), kMagicCookie);
    std::copy(transaction.begin(), transaction.end(), mask.begin() + 4);
    const bool v4 = address.ip.is_v4();
    for (std::size_t i = v4 ? 12 : 0; i < 16; ++i) out.ip.bytes[i] = address.ip.bytes[i] ^ mask[v4 ? i - 12 : i];
    return out;
}

class Parser {
public:
    explicit Parser(StunMessage& message) : message_(message) {}

    std::expected<void, StunError> attributes() {
        for (std::size_t at = kStunHeaderSize; at < message_.bytes.size();) {
            if (message_.has_fingerprint) return std::unexpected(StunError::kAttribute);  // it must be the last
            if (message_.bytes.size() - at < 4) return std::unexpected(StunError::kLength);
            const auto* p = message_.bytes.data() + at;
            const std::size_t size = load_u16(p + 2);
            if (padded(size) > message_.bytes.size() - at - 4) return std::unexpected(StunError::kLength);
            if (auto done = attribute(load_u16(p), Bytes{p + 4, size}, at); !done) return done;
            at += 4 + padded(size);
        }
        return {};
    }

private:
    std::expected<void, StunError> attribute(std::uint16_t type, Bytes value, std::size_t at) {
        if (type == kFingerprint) return fingerprint(value, at);
        if (message_.integrity_offset != 0) return {};  // unprotected: whoever appended it is not the peer
        return known(type, value, at) ? std::expected<void, StunError>{} : std::unexpected(StunError::kAttribute);
    }

    std::expected<void, StunError> fingerprint(Bytes value, std::size_t at) {
        if (value.size() != 4) return std::unexpected(StunError::kAttribute);
        if (load_u32(value.data()) != (crc32(message_.bytes.first(at)) ^ kFingerprintMask)) return std::unexpected(StunError::kFingerprint);
        message_.has_fingerprint = true;
        return {};
    }

    bool known(std::uint16_t type, Bytes value, std::size_t at) {
        switch (type) {
            case kUsername: return value.size() <= kMaxStunUsername && text(message_.username, value);
            case kSoftware: return text(message_.software, value);
            case kPriority: return number(message_.priority, value);
            case kIceControlling: return number(message_.ice_controlling, value);
            case kIceControlled: return number(message_.ice_controlled, value);
            case kXorMappedAddress: return address(value);
            case kErrorCode: return error(value);
            case kUnknownAttributes: return true;
            case kUseCandidate: message_.use_candidate = true; return value.empty();
            case kMessageIntegrity: message_.integrity_offset = at; return value.size() == kIntegritySize;
            default: unknown(type); return true;
        }
    }

    static bool text(std::optional<std::string_view>& field, Bytes value) {
        if (!field) field = as_text(value);
        return true;
    }
    static bool number(std::optional<std::uint32_t>& field, Bytes value) {
        if (value.size() == 4 && !field) field = load_u32(value.data());
        return value.size() == 4;
    }
    static bool number(std::optional<std::uint64_t>& field, Bytes value) {
        if (value.size() == 8 && !field) field = load_u64(value.data());
        return value.size() == 8;
    }

    bool address(Bytes value) {
        if (value.size() < 8) return false;
        const bool v4 = value[1] == 1 && value.size() == 8;
        if (!v4 && !(value[1] == 2 && value.size() == 20)) return false;
        SocketAddress wire;
        wire.port = load_u16(value.data() + 2);
        if (v4) wire.ip = IpAddress::v4(value[4], value[5], value[6], value[7]);
        else std::copy_n(value.begin() + 4, 16, wire.ip.bytes.begin());
        // The masked form of an IPv6 address may look mapped; undo it as the family says.
        if (!message_.mapped_address) message_.mapped_address = v4 ? xored(wire, message_.transaction) : xored_v6(wire);
        return true;
    }
    SocketAddress xored_v6(SocketAddress wire) const {
        wire.port = static_cast<std::uint16_t>(wire.port ^ kMagicCookie >> 16);
        for (std::size_t i = 0; i < 16; ++i) wire.ip.bytes[i] ^= message_.bytes[4 + i];  // cookie, then transaction
        return wire;
    }

    bool error(Bytes value) {
        if (value.size() < 4) return false;
        const unsigned hundreds = value[2] & 7u, rest = value[3];
        if (hundreds < 3 || hundreds > 6 || rest > 99) return false;
        if (message_.error_code != 0) return true;
        message_.error_code = static_cast<std::uint16_t>(hundreds * 100 + rest);
        message_.error_reason = as_text(value.subspan(4));
        return true;
    }

    void unknown(std::uint16_t type) {
        if (type & 0x8000) return;  // comprehension-optional
        if (message_.unknown_count < kMaxStunUnknown) message_.unknown[message_.unknown_count] = type;
        ++message_.unknown_count;
    }

    StunMessage& message_;
};

}  // namespace

std::expected<StunMessage, StunError> parse_stun(Bytes datagram) {
    if (datagram.size() < kStunHeaderSize || datagram[0] > 3) return std::unexpected(StunError::kNotStun);
    const auto* p = datagram.data();
    if (load_u32(p + 4) != kMagicCookie) return std::unexpected(StunError::kNotStun);
    const std::size_t length = load_u16(p + 2);
    if (length % 4 != 0 || length != datagram.size() - kStunHeaderSize || datagram.size() > kMaxStunSize) return std::unexpected(StunError::kLength);
    StunMessage message;
    message.bytes = datagram;
    message.message_class = class_of(load_u16(p));
    message.method = method_of(load_u16(p));
    std::copy_n(p + 8, message.transaction.size(), message.transaction.begin());
    if (auto done = Parser(message).attributes(); !done) return std::unexpected(done.error());
    return message;
}

bool stun_integrity_ok(const StunMessage& message, Bytes key, HmacSha1 hmac) {
    const std::size_t offset = message.integrity_offset;
    if (offset < kStunHeaderSize || offset + 4 + kIntegritySize > message.bytes.size()) return false;
    // The length that was hashed ends with MESSAGE-INTEGRITY (RFC 8489 section 14.5), so it is patched in a copy.
    std::array<std::uint8_t, kMaxStunSize> copy;
    std::copy_n(message.bytes.begin(), offset, copy.begin());
    store_u16(copy.data() + 2, static_cast<std::uint16_t>(offset + 4 + kIntegritySize - kStunHeaderSize));
    const auto expected = hmac(key, Bytes{copy.data(), offset});
    return equal_in_constant_time(expected, message.bytes.subspan(offset + 4, kIntegritySize));
}

std::string_view stun_local_ufrag(const StunMessage& message) {
    const auto name = message.username.value_or(std::string_view{});
    const auto colon = name.find(':');
    return colon == std::string_view::npos ? std::string_view{} : name.substr(0, colon);
}

StunWriter::StunWriter(MutableBytes out, StunClass message_class, const StunTransactionId& transaction, std::uint16_t method)
    : out_(out), writer_(out), transaction_(transaction) {
    writer_.u16(type_of(message_class, method));
    writer_.u16(0);
    writer_.u32(kMagicCookie);
    writer_.put(transaction);
}

void StunWriter::head(std::uint16_t type, std::size_t size) {
    writer_.u16(type);
    writer_.u16(static_cast<std::uint16_t>(size));
}

void StunWriter::text(std::uint16_t type, std::string_view value) {
    head(type, value.size());
    writer_.put(as_bytes(value));
    writer_.zeros(padded(value.size()) - value.size());
}

void StunWriter::set_length(std::size_t following) {
    if (writer_.ok()) store_u16(out_.data() + 2, static_cast<std::uint16_t>(writer_.size() + following - kStunHeaderSize));
}

void StunWriter::username(std::string_view receiver_ufrag, std::string_view sender_ufrag) {
    const std::size_t size = receiver_ufrag.size() + 1 + sender_ufrag.size();
    head(kUsername, size);
    writer_.put(as_bytes(receiver_ufrag));
    writer_.u8(':');
    writer_.put(as_bytes(sender_ufrag));
    writer_.zeros(padded(size) - size);
}

void StunWriter::priority(std::uint32_t value) {
    head(kPriority, 4);
    writer_.u32(value);
}

void StunWriter::use_candidate() { head(kUseCandidate, 0); }

void StunWriter::ice_controlling(std::uint64_t tie_breaker) {
    head(kIceControlling, 8);
    writer_.u64(tie_breaker);
}

void StunWriter::ice_controlled(std::uint64_t tie_breaker) {
    head(kIceControlled, 8);
    writer_.u64(tie_breaker);
}

void StunWriter::xor_mapped_address(const SocketAddress& address) {
    const bool v4 = address.ip.is_v4();
    const auto masked = xored(address, transaction_);
    head(kXorMappedAddress, v4 ? 8 : 20);
    writer_.u16(v4 ? 1 : 2);
    writer_.u16(masked.port);
    writer_.put(Bytes{masked.ip.bytes}.subspan(v4 ? 12 : 0));
}

void StunWriter::error(std::uint16_t code, std::string_view reason) {
    head(kErrorCode, 4 + reason.size());
    writer_.u16(0);
    writer_.u8(static_cast<std::uint8_t>(code / 100));
    writer_.u8(static_cast<std::uint8_t>(code % 100));
    writer_.put(as_bytes(reason));
    writer_.zeros(padded(reason.size()) - reason.size());
}

void StunWriter::unknown_attributes(std::span<const std::uint16_t> types) {
    head(kUnknownAttributes, types.size() * 2);
    for (const auto type : types) writer_.u16(type);
    if (types.size() % 2 != 0) writer_.u16(0);
}

void StunWriter::software(std::string_view value) { text(kSoftware, value); }

void StunWriter::integrity(Bytes key, HmacSha1 hmac) {
    set_length(4 + kIntegritySize);
    if (!writer_.ok()) return;
    const auto digest = hmac(key, writer_.written());
    head(kMessageIntegrity, kIntegritySize);
    writer_.put(digest);
}

Bytes StunWriter::finish() {
    set_length(8);
    if (!writer_.ok()) return {};
    const auto crc = crc32(writer_.written());
    head(kFingerprint, 4);
    writer_.u32(crc ^ kFingerprintMask);
    return writer_.ok() ? writer_.written() : Bytes{};
}

Bytes write_binding_success(MutableBytes out, const StunTransactionId& transaction, const SocketAddress& mapped, Bytes key, HmacSha1 hmac) {
    StunWriter writer(out, StunClass::kSuccess, transaction);
    writer.xor_mapped_address(mapped);
    writer.integrity(key, hmac);
    return writer.finish();
}

Bytes write_binding_request(MutableBytes out, const BindingRequest& request, Bytes remote_password, HmacSha1 hmac) {
    StunWriter writer(out, StunClass::kRequest, request.transaction);
    writer.username(request.remote_ufrag, request.local_ufrag);
    writer.priority(request.priority);
    if (request.controlling) writer.ice_controlling(request.tie_breaker);
    else writer.ice_controlled(request.tie_breaker);
    if (request.use_candidate) writer.use_candidate();
    writer.integrity(remote_password, hmac);
    return writer.finish();
}

}  // namespace earshot::wire
