// What kind of packet came in on the one port (RFC 7983, RFC 5761 section 4). Check it against the tables there:
// the first byte tells STUN 0-3, DTLS 20-63, RTP and RTCP 128-191; among the last two the second byte 192-223 is RTCP.
#pragma once
#include "base/bytes.hpp"

namespace earshot::wire {

enum class Kind : std::uint8_t { kUnknown, kStun, kDtls, kRtp, kRtcp };

constexpr Kind classify(Bytes datagram) {
    if (datagram.size() < 2) return Kind::kUnknown;
    const auto first = datagram[0], second = datagram[1];
    if (first <= 3) return Kind::kStun;
    if (first >= 20 && first <= 63) return Kind::kDtls;
    if (first < 128 || first > 191) return Kind::kUnknown;
    // The whole byte decides: browsers use payload types 35 to 63, and with the marker bit they are 163 to 191.
    return second >= 192 && second <= 223 ? Kind::kRtcp : Kind::kRtp;
}

}  // namespace earshot::wire
