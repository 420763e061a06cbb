#include "crypto/packet_cipher.hpp"

#include "base/check.hpp"
#include "crypto/evp_cipher.hpp"
#include "crypto/ipsec_mb.hpp"

namespace earshot::crypto {
namespace {

bool wants_ipsec_mb(CipherLibrary library) {
    if (library == CipherLibrary::kIpsecMb) ENSURE(ipsec_mb_usable());
    return library != CipherLibrary::kOpenssl && ipsec_mb_usable();
}

}  // namespace

PacketKey::PacketKey(Impl impl) : impl_(std::move(impl)) {}
PacketKey::PacketKey(PacketKey&&) noexcept = default;
PacketKey& PacketKey::operator=(PacketKey&&) noexcept = default;
PacketKey::~PacketKey() = default;

PacketKey PacketKey::gcm(Bytes key, CipherLibrary library) {
    if (wants_ipsec_mb(library)) return PacketKey{make_ipsec_gcm(key)};
    return PacketKey{make_evp_gcm(key)};
}

PacketKey PacketKey::ctr_hmac(Bytes key, Bytes mac_key, CipherLibrary library) {
    if (wants_ipsec_mb(library)) return PacketKey{make_ipsec_ctr(key, mac_key)};
    return PacketKey{make_evp_ctr(key, mac_key)};
}

// Everything but libipsec-mb's counter mode is done at once; those jobs are gathered into bursts.
void seal(std::span<const SealJob> jobs) {
    std::array<const SealJob*, kIpsecBurst> burst;
    std::size_t gathered = 0;
    for (const auto& job : jobs) {
        const auto& impl = job.key->impl();
        if (const auto* gcm = std::get_if<std::unique_ptr<IpsecGcmKey>>(&impl)) {
            seal(**gcm, job);
        } else if (const auto* evp_gcm = std::get_if<std::unique_ptr<EvpGcmKey>>(&impl)) {
            seal(**evp_gcm, job);
        } else if (const auto* evp_ctr = std::get_if<std::unique_ptr<EvpCtrKey>>(&impl)) {
            seal(**evp_ctr, job);
        } else {
            burst[gathered++] = &job;
        }
        if (gathered == burst.size()) {
            seal_ctr_burst(burst);
            gathered = 0;
        }
    }
    if (gathered > 0) seal_ctr_burst(std::span{burst}.first(gathered));
}

bool open(const OpenJob& job) {
    return std::visit([&](const auto& key) { return open(*key, job); }, job.key->impl());
}

}  // namespace earshot::crypto
