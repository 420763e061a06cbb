// STUN (RFC 8489) as ICE uses it (RFC 8445): Binding requests and their answers, both roles.
// Parsing yields views into the datagram; nothing allocates. HMAC-SHA1 is handed in, since wire knows no cipher.
#pragma once
#include <array>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string_view>

#include "base/address.hpp"
#include "base/bytes.hpp"

namespace earshot::wire {

// crypto::hmac_sha1 has this shape.
using HmacSha1 = std::array<std::uint8_t, 20> (*)(Bytes key, Bytes message);

enum class StunClass : std::uint8_t { kRequest = 0, kIndication = 1, kSuccess = 2, kError = 3 };
enum class StunError : std::uint8_t { kNotStun, kLength, kAttribute, kFingerprint };

inline constexpr std::uint16_t kStunBinding = 0x001;
inline constexpr std::size_t kStunHeaderSize = 20;
inline constexpr std::size_t kMaxStunSize = 1280;      // longer is refused
inline constexpr std::size_t kMaxStunUsername = 512;   // RFC 8489 section 14.3
inline constexpr std::size_t kMaxStunUnknown = 8;      // unknown attributes that are named; more are only counted
using StunTransactionId = std::array<std::uint8_t, 12>;

struct StunMessage {
    Bytes bytes;  // the whole datagram
    StunClass message_class = StunClass::kRequest;
    std::uint16_t method = 0;
    StunTransactionId transaction{};

    std::optional<std::string_view> username;
    std::optional<std::uint32_t> priority;
    std::optional<std::uint64_t> ice_controlling, ice_controlled;  // the tie breaker
    std::optional<SocketAddress> mapped_address;                   // XOR-MAPPED-ADDRESS, undone
    std::optional<std::string_view> software;
    std::uint16_t error_code = 0;  // 300..699 in an error response
    std::string_view error_reason;
    bool use_candidate = false;
    bool has_fingerprint = false;  // present and right; a wrong one is StunError::kFingerprint
    std::size_t integrity_offset = 0;  // where MESSAGE-INTEGRITY begins; 0 = absent
    std::size_t unknown_count = 0;     // comprehension-required attributes that we do not know
    std::array<std::uint16_t, kMaxStunUnknown> unknown{};

    bool is_binding(StunClass wanted) const { return method == kStunBinding && message_class == wanted; }
    std::span<const std::uint16_t> named_unknown() const { return std::span(unknown).first(std::min(unknown_count, kMaxStunUnknown)); }
};

// The datagram must be the message and nothing else. Of an attribute that comes twice the first counts; behind
// MESSAGE-INTEGRITY only FINGERPRINT counts (RFC 8489 sections 14 and 14.5).
std::expected<StunMessage, StunError> parse_stun(Bytes datagram);
// True when MESSAGE-INTEGRITY is there and right for the key (short-term credentials: the password itself).
bool stun_integrity_ok(const StunMessage& message, Bytes key, HmacSha1 hmac);
// Just the USERNAME's part before the colon (the receiver's ufrag), empty when there is none.
std::string_view stun_local_ufrag(const StunMessage& message);

// Writes one message into memory of the caller. Attributes go out in the order of the calls; finish() comes last.
class StunWriter {
public:
    StunWriter(MutableBytes out, StunClass message_class, const StunTransactionId& transaction, std::uint16_t method = kStunBinding);

    void username(std::string_view receiver_ufrag, std::string_view sender_ufrag);
    void priority(std::uint32_t value);
    void use_candidate();
    void ice_controlling(std::uint64_t tie_breaker);
    void ice_controlled(std::uint64_t tie_breaker);
    void xor_mapped_address(const SocketAddress& address);
    void error(std::uint16_t code, std::string_view reason);
    void unknown_attributes(std::span<const std::uint16_t> types);
    void software(std::string_view text);
    void integrity(Bytes key, HmacSha1 hmac);
    // Appends FINGERPRINT. Empty when `out` was too small.
    Bytes finish();

private:
    void head(std::uint16_t type, std::size_t size);
    void text(std::uint16_t type, std::string_view value);
    void set_length(std::size_t following);

    MutableBytes out_;
    ByteWriter writer_;
    StunTransactionId transaction_;
};

// What an ICE-lite server sends: 64 bytes (IPv4) or 76 (IPv6). Returns the bytes written, empty when `out` is too small.
Bytes write_binding_success(MutableBytes out, const StunTransactionId& transaction, const SocketAddress& mapped, Bytes key, HmacSha1 hmac);

struct BindingRequest {
    StunTransactionId transaction{};
    std::string_view remote_ufrag{}, local_ufrag{};
    std::uint32_t priority = 0;
    std::uint64_t tie_breaker = 0;
    bool controlling = true;
    bool use_candidate = false;
};
Bytes write_binding_request(MutableBytes out, const BindingRequest& request, Bytes remote_password, HmacSha1 hmac);

}  // namespace earshot::wire
