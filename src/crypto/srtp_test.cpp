#include "crypto/srtp.hpp"

#include <doctest/doctest.h>

#include <vector>

#include "base/random.hpp"
#include "crypto/hex_for_tests.hpp"
#include "crypto/srtp_keys.hpp"

using namespace earshot;
using namespace earshot::crypto;

namespace {

using Packet = std::vector<std::uint8_t>;
constexpr SrtpProfile kProfiles[] = {SrtpProfile::kAeadAes128Gcm, SrtpProfile::kAes128CmSha1_80};

std::vector<CipherLibrary> libraries() {
    if (ipsec_mb_usable()) return {CipherLibrary::kIpsecMb, CipherLibrary::kOpenssl};
    return {CipherLibrary::kOpenssl};
}

SrtpKeys keys_of(SrtpProfile profile, std::string_view key, std::string_view salt) { return {profile, Secret<16>{from_hex(key)}, Secret<14>{from_hex(salt)}}; }

SrtpKeys some_keys(SrtpProfile profile, std::uint64_t seed = 1) {
    SeededRandom random{seed};
    SrtpKeys keys{profile, {}, {}};
    random.fill(keys.master_key.fill());
    random.fill(keys.master_salt.fill());
    return keys;
}

Packet rtp(std::uint32_t ssrc, std::uint16_t sequence, std::size_t payload = 100) {
    Packet packet(12 + payload, static_cast<std::uint8_t>(sequence * 7));
    packet[0] = 0x80;
    packet[1] = 111;
    store_u16(packet.data() + 2, sequence);
    store_u32(packet.data() + 4, sequence * 960u);
    store_u32(packet.data() + 8, ssrc);
    return packet;
}

Packet protect(const SrtpOutbound& outbound, Packet packet, std::uint32_t roc = 0) {
    const auto size = packet.size();
    packet.resize(size + outbound.rtp_overhead());
    const ProtectJob job{&outbound, packet.data(), packet.data() + 12, 12, static_cast<std::uint16_t>(size - 12), roc};
    protect_rtp({&job, 1});
    return packet;
}

Packet protect_rtcp(SrtpOutbound& outbound, Packet packet) {
    const auto size = packet.size();
    packet.resize(size + 20);
    packet.resize(outbound.protect_rtcp(packet, size));
    return packet;
}

Packet rtcp(std::uint32_t ssrc, std::size_t size = 28) {
    Packet packet(size, 0x5a);
    packet[0] = 0x80;
    packet[1] = 200;
    store_u16(packet.data() + 2, static_cast<std::uint16_t>(size / 4 - 1));
    store_u32(packet.data() + 4, ssrc);
    return packet;
}

// The index of a packet that gets through, or its error as a negative number.
std::int64_t receive(SrtpInbound& inbound, Packet packet) {
    const auto got = inbound.unprotect_rtp(packet, 12);
    return got ? static_cast<std::int64_t>(got->index) : -1 - static_cast<std::int64_t>(got.error());
}
constexpr std::int64_t error(SrtpError e) { return -1 - static_cast<std::int64_t>(e); }

}  // namespace

TEST_CASE("key derivation gives the answers of RFC 3711 B.3") {
    const auto keys = keys_of(SrtpProfile::kAes128CmSha1_80, "E1F97A0D3E018BE0D64FA32C06DE4139", "0EC675AD498AFEEBB6960B3AABE6");
    Packet out(16);
    derive(keys, SrtpLabel::kRtpCipher, out);
    CHECK(same(out, from_hex("C61E7A93744F39EE10734AFE3FF7A087")));
    out.resize(14);
    derive(keys, SrtpLabel::kRtpSalt, out);
    CHECK(same(out, from_hex("30CBBC08863D8C85D49DB34A9AE1")));
    out.resize(20);
    derive(keys, SrtpLabel::kRtpMac, out);
    CHECK(same(out, from_hex("CEBE321F6FF7716B6FD4AB49AF256A156D38BAA4")));
}

TEST_CASE("AES in counter mode gives the keystream of RFC 3711 B.2") {
    const SrtpSalt salt{from_hex("F0F1F2F3F4F5F6F7F8F9FAFBFCFD")};
    for (const auto library : libraries()) {
        const auto key = PacketKey::ctr_hmac(from_hex("2B7E151628AED2A6ABF7158809CF4F3C"), Packet(20), library);
        Packet memory(48 + 14);
        const SealJob job{&key, ctr_iv(salt, 0, 0), memory.data(), memory.data(), memory.data(), memory.data() + 48, 0, 48, 0};
        seal({&job, 1});
        CHECK(same(Bytes{memory}.first(48), from_hex("E03EAD0935C95E80E166B16DD92B4EB4 D23513162B02D0F72A43A2FE4A5F97AB 41E95B3BB0A2E8DD477901E4FCA894C0")));
    }
}

TEST_CASE("GCM gives the packet of RFC 7714 section 16.1") {
    const SrtpSalt salt{from_hex("517569642070726f2071756f")};
    const auto iv = gcm_iv(salt, 0x5501a0b2, 0xf17b);
    CHECK(same(Bytes{iv}.first(12), from_hex("51753c6580c2726f20718414")));
    for (const auto library : libraries()) {
        const auto key = PacketKey::gcm(from_hex("000102030405060708090a0b0c0d0e0f"), library);
        auto packet = from_hex("8040f17b8041f8d35501a0b2 47616c6c696120657374206f6d6e697320646976697361 20696e207061727465732074726573");
        packet.resize(packet.size() + 16);
        auto* body = packet.data() + 12;
        const SealJob job{&key, iv, packet.data(), body, body, body + 38, 12, 38, 0};
        seal({&job, 1});
        CHECK(same(packet, from_hex("8040f17b8041f8d35501a0b2 f24de3a3fb34de6cacba861c9d7e4bcabe633bd50d294e6f42a5f47a51c7d19b36de3adf8833"
                                    "899d7f27beb16a9152cf765ee4390cce")));
    }
}

TEST_CASE("GCM gives the packet of RFC 7714 section 17.1") {
    const SrtpSalt salt{from_hex("517569642070726f2071756f")};
    const auto iv = gcm_iv(salt, 0x4d617273, 0x5d4);
    CHECK(same(Bytes{iv}.first(12), from_hex("517524055203726f207170bb")));
    for (const auto library : libraries()) {
        const auto key = PacketKey::gcm(from_hex("000102030405060708090a0b0c0d0e0f"), library);
        const auto associated = from_hex("81c8000d4d617273800005d4");
        auto body = from_hex("4e5450314e545032525450200000042a0000e9304c756e61deadbeefdeadbeefdeadbeefdeadbeefdeadbeef");
        body.resize(body.size() + 16);
        const SealJob job{&key, iv, associated.data(), body.data(), body.data(), body.data() + 44, 12, 44, 0};
        seal({&job, 1});
        CHECK(same(body, from_hex("63e94885dcdab67ca727d7662f6b7e997ff5c0f76c06f32dc676a5f1730d6fda4ce09b4686303ded0bb9275b"
                                  "c84aa45896cf4d2fc5abf87245d9eade")));
    }
}

TEST_CASE("whole packets from master keys are those of other implementations") {
    Packet plain = from_hex("800f1234decafbadcafebabe");
    plain.resize(28, 0xab);
    for (const auto library : libraries()) {
        const SrtpOutbound cm{keys_of(SrtpProfile::kAes128CmSha1_80, "e1f97a0d3e018be0d64fa32c06de4139", "0ec675ad498afeebb6960b3aabe6"), library};
        CHECK(same(protect(cm, plain), from_hex("800f1234decafbadcafebabe4e55dc4ce79978d88ca4d215949d2402b78d6acc99ea179b8dbb")));
        const SrtpOutbound gcm{keys_of(SrtpProfile::kAeadAes128Gcm, "000102030405060708090a0b0c0d0e0f", "a0a1a2a3a4a5a6a7a8a9aaab"), library};
        CHECK(same(protect(gcm, plain), from_hex("800f1234decafbadcafebabec5002ede04cfdd2eb91159e0880aa06ed2976826f796b201df3131a127e8a392")));
    }
}

TEST_CASE("RTP goes through and comes out as it was, across libraries") {
    for (const auto profile : kProfiles) {
        for (const auto from : libraries()) {
            for (const auto to : libraries()) {
                const SrtpOutbound outbound{some_keys(profile), from};
                SrtpInbound inbound{some_keys(profile), to};
                for (std::uint16_t i = 1; i < 200; ++i) {
                    const auto plain = rtp(77, i, i % 5 == 0 ? 0 : i);
                    auto wire = protect(outbound, plain);
                    CHECK(wire.size() == plain.size() + outbound.rtp_overhead());
                    const auto got = inbound.unprotect_rtp(wire, 12);
                    REQUIRE(got);
                    CHECK(got->index == i);
                    CHECK(same(got->payload, Bytes{plain}.subspan(12)));
                }
            }
        }
    }
}

TEST_CASE("RTCP goes through both ways of leaving it in the clear") {
    for (const auto profile : kProfiles) {
        for (const auto library : libraries()) {
            SrtpOutbound outbound{some_keys(profile), library};
            SrtpInbound inbound{some_keys(profile), library};
            for (std::size_t i = 0; i < 300; ++i) {
                const auto plain = rtcp(9, 8 + i % 60 * 4);
                auto wire = protect_rtcp(outbound, plain);
                CHECK(wire.size() == plain.size() + (profile == SrtpProfile::kAeadAes128Gcm ? 20 : 14));
                auto again = wire;
                const auto got = inbound.unprotect_rtcp(wire);
                REQUIRE(got);
                CHECK(same(*got, plain));
                CHECK(inbound.unprotect_rtcp(again).error() == SrtpError::kReplay);
            }
        }
    }
}

TEST_CASE("RTCP that is authenticated but not encrypted is taken, and its E flag cannot be flipped") {
    for (const auto profile : kProfiles) {
        for (const auto library : libraries()) {
            const auto session = SrtpSession::rtcp(some_keys(profile), library);
            const bool gcm = session.key.is_gcm();
            const auto plain = rtcp(9);
            auto wire = plain;
            wire.resize(plain.size() + session.key.tag_size() + 4);
            auto* end = wire.data() + plain.size();
            const std::uint32_t word = 5;  // E unset, index 5
            store_u32(end, word);
            Packet tag(session.key.tag_size());
            const SealJob job{&session.key, srtp_iv(session, 9, 5), wire.data(), end, gcm ? end + 4 : end, tag.data(),
                              static_cast<std::uint32_t>(plain.size() + (gcm ? 4 : 0)), 0, word};
            seal({&job, 1});
            std::copy(tag.begin(), tag.end(), gcm ? end : end + 4);
            store_u32(gcm ? end + 16 : end, word);
            SrtpInbound inbound{some_keys(profile), library};
            auto flipped = wire;
            flipped[plain.size() + (gcm ? 16 : 0)] ^= 0x80;
            CHECK(inbound.unprotect_rtcp(flipped).error() == SrtpError::kAuthentication);
            const auto got = inbound.unprotect_rtcp(wire);
            REQUIRE(got);
            CHECK(same(*got, plain));
        }
    }
}

TEST_CASE("a replayed packet is refused and a reordered one is not") {
    for (const auto profile : kProfiles) {
        const SrtpOutbound outbound{some_keys(profile)};
        SrtpInbound inbound{some_keys(profile)};
        CHECK(receive(inbound, protect(outbound, rtp(1, 2000))) == 2000);
        CHECK(receive(inbound, protect(outbound, rtp(1, 2000))) == error(SrtpError::kReplay));
        CHECK(receive(inbound, protect(outbound, rtp(1, 1999))) == 1999);
        CHECK(receive(inbound, protect(outbound, rtp(1, 2000 - 1023))) == 2000 - 1023);
        CHECK(receive(inbound, protect(outbound, rtp(1, 2000 - 1024))) == error(SrtpError::kReplay));
    }
}

TEST_CASE("the rollover counter is followed over the edge, back again and far beyond") {
    for (const auto profile : kProfiles) {
        const SrtpOutbound outbound{some_keys(profile)};
        SrtpInbound inbound{some_keys(profile)};
        CHECK(receive(inbound, protect(outbound, rtp(1, 65534))) == 65534);
        CHECK(receive(inbound, protect(outbound, rtp(1, 1), 1)) == 0x10001);
        CHECK(receive(inbound, protect(outbound, rtp(1, 65535))) == 65535);
        CHECK(receive(inbound, protect(outbound, rtp(1, 0), 1)) == 0x10000);
        std::uint64_t index = 0x10001;
        for (int i = 0; i < 40; ++i) {
            index += 20'000;
            const auto wire = protect(outbound, rtp(1, static_cast<std::uint16_t>(index)), static_cast<std::uint32_t>(index >> 16));
            CHECK(receive(inbound, wire) == static_cast<std::int64_t>(index));
        }
    }
}

TEST_CASE("forged packets leave no trace") {
    for (const auto profile : kProfiles) {
        const SrtpOutbound outbound{some_keys(profile)}, stranger{some_keys(profile, 2)};
        SrtpInbound inbound{some_keys(profile)};
        for (std::uint32_t ssrc = 100; ssrc < 300; ++ssrc) CHECK(receive(inbound, protect(stranger, rtp(ssrc, 5))) == error(SrtpError::kAuthentication));
        CHECK(receive(inbound, protect(outbound, rtp(1, 10))) == 10);
        CHECK(receive(inbound, protect(stranger, rtp(1, 30'000))) == error(SrtpError::kAuthentication));
        CHECK(receive(inbound, protect(outbound, rtp(1, 11))) == 11);  // the forgery moved neither window nor roc
        auto damaged = protect(outbound, rtp(1, 12));
        damaged[20] ^= 1;
        const auto failed = inbound.unprotect_rtp(damaged, 12);
        CHECK(failed.error() == SrtpError::kAuthentication);
        CHECK(receive(inbound, protect(outbound, rtp(1, 12))) == 12);  // the true one still counts as new
    }
}

TEST_CASE("no more than 32 sources, and the known ones go on") {
    for (const auto profile : kProfiles) {
        SrtpOutbound outbound{some_keys(profile)};
        SrtpInbound inbound{some_keys(profile)};
        for (std::uint32_t ssrc = 0; ssrc < 32; ++ssrc) {
            CHECK(receive(inbound, protect(outbound, rtp(ssrc, 1))) == 1);
            auto report = protect_rtcp(outbound, rtcp(ssrc));
            CHECK(inbound.unprotect_rtcp(report));
        }
        CHECK(receive(inbound, protect(outbound, rtp(32, 1))) == error(SrtpError::kTooManySources));
        auto report = protect_rtcp(outbound, rtcp(32));
        CHECK(inbound.unprotect_rtcp(report).error() == SrtpError::kTooManySources);
        CHECK(receive(inbound, protect(outbound, rtp(31, 2))) == 2);
    }
}

TEST_CASE("short packets are refused before anything of them is read") {
    for (const auto profile : kProfiles) {
        const SrtpOutbound outbound{some_keys(profile)};
        SrtpInbound inbound{some_keys(profile)};
        for (std::size_t size = 0; size < 12 + outbound.rtp_overhead(); ++size) {
            Packet packet(size, 0x80);
            CHECK(inbound.unprotect_rtp(packet, 12).error() == SrtpError::kMalformed);
        }
        Packet packet(60, 0x80);
        CHECK(inbound.unprotect_rtp(packet, 0).error() == SrtpError::kMalformed);
        CHECK(inbound.unprotect_rtp(packet, 60).error() == SrtpError::kMalformed);
        CHECK(inbound.unprotect_rtp(packet, ~std::size_t{0}).error() == SrtpError::kMalformed);
        const std::size_t least = 8 + outbound.rtp_overhead() + 4;
        for (std::size_t size = 0; size < least; ++size) {
            Packet report(size, 0x80);
            CHECK(inbound.unprotect_rtcp(report).error() == SrtpError::kMalformed);
        }
    }
}

TEST_CASE("protection reads the payload from elsewhere without touching it") {
    for (const auto profile : kProfiles) {
        const SrtpOutbound outbound{some_keys(profile)};
        const auto plain = rtp(5, 6);
        const auto shared = plain;
        Packet arena(plain.begin(), plain.begin() + 12);
        arena.resize(plain.size() + outbound.rtp_overhead());
        const ProtectJob job{&outbound, arena.data(), shared.data() + 12, 12, 100, 0};
        protect_rtp({&job, 1});
        CHECK(arena == protect(outbound, plain));
        CHECK(shared == plain);
    }
}
