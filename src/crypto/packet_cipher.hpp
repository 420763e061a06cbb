// Authenticated encryption of single packets under many keys, by one of two libraries:
// AES-128-GCM, and AES-128 in counter mode with HMAC-SHA1 cut to 80 bits.
// No call allocates. A key may be used by one thread at a time (OpenSSL's contexts carry the IV).
#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <variant>

#include "base/bytes.hpp"
#include "crypto/cipher_library.hpp"

namespace earshot::crypto {

struct IpsecGcmKey;
struct IpsecCtrKey;
struct EvpGcmKey;
struct EvpCtrKey;

// A session key made ready, on the heap: 1 KB (GCM, libipsec-mb), 240 bytes (counter mode, libipsec-mb),
// about 1 KB (OpenSSL).
class PacketKey {
public:
    static constexpr std::size_t kGcmTag = 16, kCtrTag = 10;

    static PacketKey gcm(Bytes key, CipherLibrary library);                  // key: 16 bytes
    static PacketKey ctr_hmac(Bytes key, Bytes mac_key, CipherLibrary library);  // 16 and 20 bytes
    PacketKey(PacketKey&&) noexcept;
    PacketKey& operator=(PacketKey&&) noexcept;
    ~PacketKey();

    std::size_t tag_size() const { return is_gcm() ? kGcmTag : kCtrTag; }
    bool is_gcm() const { return impl_.index() <= 1; }

    // GCM first; is_gcm() counts on it.
    using Impl = std::variant<std::unique_ptr<IpsecGcmKey>, std::unique_ptr<EvpGcmKey>, std::unique_ptr<IpsecCtrKey>, std::unique_ptr<EvpCtrKey>>;
    const Impl& impl() const { return impl_; }

private:
    explicit PacketKey(Impl impl);
    Impl impl_;
};

// `header` is authenticated, `in` is encrypted to `out` (the same memory, or apart), the tag goes to `tag`.
// Counter mode: `header` must end where `out` begins, and `trailer` is authenticated last; it is written
// behind the ciphertext, where the tag may then take its place.
struct SealJob {
    const PacketKey* key;
    std::array<std::uint8_t, 16> iv;  // GCM uses the first 12
    const std::uint8_t* header;
    const std::uint8_t* in;
    std::uint8_t* out;
    std::uint8_t* tag;
    std::uint32_t header_size, size;
    std::uint32_t trailer;
};
void seal(std::span<const SealJob> jobs);

// The way back, in place. False when the tag is wrong; `data` is then unspecified.
// Counter mode: the four bytes behind `data` are overwritten by `trailer`.
struct OpenJob {
    const PacketKey* key;
    std::array<std::uint8_t, 16> iv;
    const std::uint8_t* header;
    std::uint8_t* data;
    const std::uint8_t* tag;
    std::uint32_t header_size, size;
    std::uint32_t trailer;
};
[[nodiscard]] bool open(const OpenJob& job);

}  // namespace earshot::crypto
