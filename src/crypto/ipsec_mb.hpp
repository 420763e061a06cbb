// The packet ciphers by libipsec-mb: GCM by its direct call, counter mode and HMAC-SHA1 in bursts,
// so that many packets under different keys go in step. x86-64 only; packet_cipher.cpp asks
// ipsec_mb_usable() before it makes such a key.
#pragma once
#include <memory>
#include <span>

#include "crypto/hmac.hpp"
#include "crypto/packet_cipher.hpp"

#if EARSHOT_HAVE_IPSEC_MB
#define NO_COMPAT_IMB_API_053  // the old names of its enumerators are macros such as SHA1
#include <intel-ipsec-mb.h>

namespace earshot::crypto {

struct IpsecGcmKey {
    gcm_key_data data;  // key schedule and powers of the hash key, 1 KB
    ~IpsecGcmKey();
};
struct IpsecCtrKey {
    alignas(16) std::array<std::uint8_t, 176> schedule;
    HmacSha1Key mac;
    ~IpsecCtrKey();
};

}  // namespace earshot::crypto
#else
namespace earshot::crypto {

struct IpsecGcmKey {};
struct IpsecCtrKey {};

}  // namespace earshot::crypto
#endif

namespace earshot::crypto {

inline constexpr std::size_t kIpsecBurst = 64;

std::unique_ptr<IpsecGcmKey> make_ipsec_gcm(Bytes key);
std::unique_ptr<IpsecCtrKey> make_ipsec_ctr(Bytes key, Bytes mac_key);
void seal(const IpsecGcmKey& key, const SealJob& job);
bool open(const IpsecGcmKey& key, const OpenJob& job);
// At most kIpsecBurst jobs, every one of them under an IpsecCtrKey.
void seal_ctr_burst(std::span<const SealJob* const> jobs);
bool open(const IpsecCtrKey& key, const OpenJob& job);

}  // namespace earshot::crypto
