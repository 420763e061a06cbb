// rooms: crypto
// max_len: 8192
// Bytes off the wire against both cipher libraries, which must agree on the verdict and on every byte;
// then the same bytes as a payload: protected by one, opened by the other, refused when damaged.
#include <vector>

#include "base/check.hpp"
#include "base/random.hpp"
#include "crypto/srtp.hpp"

using namespace earshot;
using namespace earshot::crypto;

namespace {

using Packet = std::vector<std::uint8_t>;

SrtpKeys fixed_keys(SrtpProfile profile) {
    SeededRandom random{1};
    SrtpKeys keys{profile, {}, {}};
    random.fill(keys.master_key.fill());
    random.fill(keys.master_salt.fill());
    return keys;
}

struct Side {
    SrtpOutbound outbound;
    SrtpInbound inbound;
    Side(SrtpProfile profile, CipherLibrary library) : outbound(fixed_keys(profile), library), inbound(fixed_keys(profile), library) {}
};

Packet protect(const SrtpOutbound& outbound, Bytes plain, std::uint16_t header, std::uint32_t roc) {
    Packet packet(plain.begin(), plain.end());
    packet.resize(plain.size() + outbound.rtp_overhead());
    const ProtectJob job{&outbound, packet.data(), packet.data() + header, header, static_cast<std::uint16_t>(plain.size() - header), roc};
    protect_rtp({&job, 1});
    return packet;
}

bool same(Bytes a, Bytes b) { return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin()); }

// Both libraries open a copy and must agree; the state of the two sides stays in step that way.
std::expected<Packet, SrtpError> open_rtp(Side& a, Side& b, Bytes wire, std::size_t header) {
    Packet one(wire.begin(), wire.end()), two = one;
    const auto x = a.inbound.unprotect_rtp(one, header), y = b.inbound.unprotect_rtp(two, header);
    ENSURE(x.has_value() == y.has_value());
    if (!x) {
        ENSURE(x.error() == y.error());
        return std::unexpected(x.error());
    }
    ENSURE(x->index == y->index && same(x->payload, y->payload));
    return Packet(x->payload.begin(), x->payload.end());
}

std::expected<Packet, SrtpError> open_rtcp(Side& a, Side& b, Bytes wire) {
    Packet one(wire.begin(), wire.end()), two = one;
    const auto x = a.inbound.unprotect_rtcp(one), y = b.inbound.unprotect_rtcp(two);
    ENSURE(x.has_value() == y.has_value());
    if (!x) {
        ENSURE(x.error() == y.error());
        return std::unexpected(x.error());
    }
    ENSURE(same(*x, *y));
    return Packet(x->begin(), x->end());
}

void raw(Side& a, Side& b, Bytes bytes, std::size_t header) {
    ENSURE(!open_rtp(a, b, bytes, header));  // nobody guesses a tag
    ENSURE(!open_rtcp(a, b, bytes));
}

void round_trip(Side& a, Side& b, Bytes plain, std::uint16_t header, std::size_t flip) {
    const auto wire = protect(a.outbound, plain, header, 0);
    ENSURE(wire == protect(b.outbound, plain, header, 0));
    auto damaged = wire;
    damaged[flip % damaged.size()] ^= 1;
    ENSURE(!open_rtp(a, b, damaged, header));
    const auto got = open_rtp(a, b, wire, header);
    if (got) {
        ENSURE(same(*got, plain.subspan(header)));
        ENSURE(open_rtp(a, b, wire, header).error() == SrtpError::kReplay);
    } else {
        ENSURE(got.error() != SrtpError::kMalformed);  // an old or repeated number, one guessed into another roc, a 33rd source
    }
}

void rtcp_round_trip(Side& a, Side& b, Bytes plain) {
    Packet one(plain.begin(), plain.end()), two = one;
    one.resize(plain.size() + 20), two.resize(plain.size() + 20);
    one.resize(a.outbound.protect_rtcp(one, plain.size()));
    two.resize(b.outbound.protect_rtcp(two, plain.size()));
    ENSURE(one == two);
    const auto got = open_rtcp(a, b, one);
    ENSURE(got ? same(*got, plain) : got.error() == SrtpError::kTooManySources);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    ByteReader input{{data, size}};
    const auto profile = input.u8() & 1 ? SrtpProfile::kAeadAes128Gcm : SrtpProfile::kAes128CmSha1_80;
    Side a{profile, CipherLibrary::kFastest}, b{profile, CipherLibrary::kOpenssl};
    while (input.remaining() > 0) {
        const auto what = input.u8();
        const auto bytes = input.take(std::min<std::size_t>(input.u16() % 1500, input.remaining()));
        const auto header = static_cast<std::uint16_t>(12 + (what >> 2) % 16 * 4);
        if (what % 4 == 0) raw(a, b, bytes, header);
        if (what % 4 == 1 && bytes.size() >= header) round_trip(a, b, bytes, header, input.u16());
        if (what % 4 == 2 && bytes.size() >= 8) rtcp_round_trip(a, b, bytes);
        if (what % 4 == 3) raw(a, b, bytes, input.u16());
    }
    return 0;
}
