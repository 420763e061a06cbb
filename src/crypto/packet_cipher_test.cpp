#include "crypto/packet_cipher.hpp"

#include <doctest/doctest.h>

#include <vector>

#include "base/random.hpp"
#include "crypto/hex_for_tests.hpp"

using namespace earshot;
using namespace earshot::crypto;

namespace {

std::vector<CipherLibrary> libraries() {
    if (ipsec_mb_usable()) return {CipherLibrary::kIpsecMb, CipherLibrary::kOpenssl};
    return {CipherLibrary::kOpenssl};
}

std::vector<std::uint8_t> some_bytes(Random& random, std::size_t size) {
    std::vector<std::uint8_t> bytes(size);
    random.fill(bytes);
    return bytes;
}

PacketKey make_key(bool gcm, Bytes key, Bytes mac, CipherLibrary library) { return gcm ? PacketKey::gcm(key, library) : PacketKey::ctr_hmac(key, mac, library); }

// One packet as it stands in a send arena: header, room for the ciphertext, room for the tag.
struct Packet {
    std::vector<std::uint8_t> memory, plain;
    SealJob job{};
};

Packet make_packet(Random& random, const PacketKey& key, std::size_t header, std::size_t size) {
    Packet packet{some_bytes(random, header + size + 20), some_bytes(random, size), {}};
    auto* data = packet.memory.data();
    packet.job = {.key = &key,
                  .iv = {},
                  .header = data,
                  .in = packet.plain.data(),
                  .out = data + header,
                  .tag = data + header + size,
                  .header_size = static_cast<std::uint32_t>(header),
                  .size = static_cast<std::uint32_t>(size),
                  .trailer = random.u32()};
    random.fill(std::span{packet.job.iv}.first(14));
    return packet;
}

bool open_copy(const Packet& packet, const PacketKey& key, std::vector<std::uint8_t> wire, std::vector<std::uint8_t>& plain) {
    auto tag = std::vector<std::uint8_t>(packet.job.tag, packet.job.tag + key.tag_size());
    std::copy_n(wire.data() + packet.job.header_size + packet.job.size, tag.size(), tag.begin());
    const OpenJob job{.key = &key,
                      .iv = packet.job.iv,
                      .header = wire.data(),
                      .data = wire.data() + packet.job.header_size,
                      .tag = tag.data(),
                      .header_size = packet.job.header_size,
                      .size = packet.job.size,
                      .trailer = packet.job.trailer};
    const bool ok = open(job);
    plain.assign(job.data, job.data + job.size);
    return ok;
}

}  // namespace

TEST_CASE("both libraries make the same packet of the same bytes, and open each other's") {
    SeededRandom random{1};
    for (const bool gcm : {true, false}) {
        for (int round = 0; round < 400; ++round) {
            const auto secret = some_bytes(random, 16), mac = some_bytes(random, 20);
            const auto header = 12 + 4 * random.below(16), size = round < 40 ? static_cast<std::size_t>(round) : random.below(1400);
            const auto evp = make_key(gcm, secret, mac, CipherLibrary::kOpenssl);
            auto packet = make_packet(random, evp, header, size);
            const auto blank = packet.memory;
            seal({&packet.job, 1});
            const auto expected = packet.memory;
            for (const auto library : libraries()) {
                const auto key = make_key(gcm, secret, mac, library);
                packet.memory = blank;
                packet.job.key = &key;
                seal({&packet.job, 1});
                REQUIRE(packet.memory == expected);
                std::vector<std::uint8_t> plain;
                REQUIRE(open_copy(packet, key, packet.memory, plain));
                REQUIRE(plain == packet.plain);
            }
        }
    }
}

TEST_CASE("a batch of mixed keys, sizes and libraries is what its packets are one by one") {
    SeededRandom random{2};
    std::vector<PacketKey> keys;
    for (std::size_t i = 0; i < 40; ++i) keys.push_back(make_key(i % 3 == 0, some_bytes(random, 16), some_bytes(random, 20), libraries()[i % libraries().size()]));
    std::vector<Packet> packets;
    std::vector<SealJob> jobs;
    for (int i = 0; i < 300; ++i) packets.push_back(make_packet(random, keys[random.below(keys.size())], 12, random.below(3) ? random.below(200) : 0));
    for (auto& packet : packets) jobs.push_back(packet.job);
    seal(jobs);
    for (auto& packet : packets) {
        const auto together = packet.memory;
        seal({&packet.job, 1});
        REQUIRE(packet.memory == together);
    }
}

TEST_CASE("any flipped bit of header, ciphertext, tag, IV or trailer is noticed") {
    SeededRandom random{3};
    for (const bool gcm : {true, false}) {
        for (const auto library : libraries()) {
            const auto key = make_key(gcm, some_bytes(random, 16), some_bytes(random, 20), library);
            auto packet = make_packet(random, key, 16, 50);
            seal({&packet.job, 1});
            const auto size = 16 + 50 + key.tag_size();
            std::vector<std::uint8_t> plain;
            for (std::size_t bit = 0; bit < size * 8; ++bit) {
                auto wire = packet.memory;
                wire[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
                REQUIRE_FALSE(open_copy(packet, key, wire, plain));
            }
            auto other = packet;
            if (gcm) other.job.iv[3] ^= 1;
            else other.job.trailer ^= 1;
            CHECK_FALSE(open_copy(other, key, packet.memory, plain));
            CHECK(open_copy(packet, key, packet.memory, plain));
        }
    }
}

TEST_CASE("in place and out of place are the same") {
    SeededRandom random{4};
    for (const bool gcm : {true, false}) {
        for (const auto library : libraries()) {
            const auto key = make_key(gcm, some_bytes(random, 16), some_bytes(random, 20), library);
            auto packet = make_packet(random, key, 12, 108);
            seal({&packet.job, 1});
            const auto apart = packet.memory;
            std::copy(packet.plain.begin(), packet.plain.end(), packet.job.out);
            packet.job.in = packet.job.out;
            seal({&packet.job, 1});
            CHECK(packet.memory == apart);
        }
    }
}
