#include "crypto/ipsec_mb.hpp"

#include "base/check.hpp"
#include "base/secret.hpp"
#include "crypto/evp_cipher.hpp"

#if EARSHOT_HAVE_IPSEC_MB
namespace earshot::crypto {
namespace {

// libipsec-mb wants a manager for each thread that works at the same time: function pointers for this
// processor, and the lanes of its schedulers. It holds no state between two calls of ours, so one per
// thread, made at first use, is invisible to every machine above.
class Manager {
public:
    Manager() : mb_(alloc_mb_mgr(0)) {
        ENSURE(mb_ != nullptr);
        init_mb_mgr_auto(mb_, nullptr);
        ENSURE(mb_->imb_errno == 0);
        for (auto& job : ciphers_) job.iv_len_in_bytes = 16;
        for (auto& job : hashes_) job.auth_tag_output_len_in_bytes = kDigest;
    }
    ~Manager() { free_mb_mgr(mb_); }
    Manager(const Manager&) = delete;
    Manager& operator=(const Manager&) = delete;

    static Manager& mine() {
        thread_local Manager manager;
        return manager;
    }
    IMB_MGR* mb() { return mb_; }

    void add_cipher(const IpsecCtrKey& key, const std::uint8_t* iv, const std::uint8_t* in, std::uint8_t* out, std::uint32_t size) {
        if (size == 0) return;  // the library refuses an empty message
        auto& job = ciphers_[cipher_count_++];
        job.enc_keys = key.schedule.data();
        job.iv = iv;
        job.src = in;
        job.dst = out;
        job.msg_len_to_cipher_in_bytes = size;
    }
    void run_ciphers() {
        const auto done = IMB_SUBMIT_CIPHER_BURST_NOCHECK(mb_, ciphers_.data(), cipher_count_, IMB_CIPHER_CNTR, IMB_DIR_ENCRYPT, IMB_KEY_128_BYTES);
        ENSURE(done == cipher_count_);
        cipher_count_ = 0;
    }
    // Returns where the digest will stand after run_hashes().
    const std::uint8_t* add_hash(const IpsecCtrKey& key, const std::uint8_t* message, std::size_t size) {
        auto& job = hashes_[hash_count_];
        job.src = message;
        job.msg_len_to_hash_in_bytes = size;
        job.auth_tag_output = digests_[hash_count_].data();
        job.u.HMAC._hashed_auth_key_xor_ipad = reinterpret_cast<const std::uint8_t*>(key.mac.inner().data());
        job.u.HMAC._hashed_auth_key_xor_opad = reinterpret_cast<const std::uint8_t*>(key.mac.outer().data());
        return digests_[hash_count_++].data();
    }
    void run_hashes() {
        const auto done = IMB_SUBMIT_HASH_BURST_NOCHECK(mb_, hashes_.data(), hash_count_, IMB_AUTH_HMAC_SHA_1);
        ENSURE(done == hash_count_);
        hash_count_ = 0;
    }

private:
    static constexpr std::size_t kDigest = 20;

    IMB_MGR* mb_;
    std::array<IMB_JOB, kIpsecBurst> ciphers_{};
    std::array<IMB_JOB, kIpsecBurst> hashes_{};
    std::array<std::array<std::uint8_t, kDigest>, kIpsecBurst> digests_{};
    std::uint32_t cipher_count_ = 0, hash_count_ = 0;
};

template <typename T>
void wipe_object(T& object) {
    wipe({reinterpret_cast<std::uint8_t*>(&object), sizeof object});
}

}  // namespace

bool ipsec_mb_usable() {
    static const bool usable = (imb_get_feature_flags() & IMB_CPUFLAGS_SSE) == IMB_CPUFLAGS_SSE;
    return usable;
}

IpsecGcmKey::~IpsecGcmKey() { wipe_object(data); }
IpsecCtrKey::~IpsecCtrKey() { wipe_object(schedule); }

std::unique_ptr<IpsecGcmKey> make_ipsec_gcm(Bytes key) {
    ENSURE(key.size() == 16);
    auto made = std::make_unique<IpsecGcmKey>();
    IMB_AES128_GCM_PRE(Manager::mine().mb(), key.data(), &made->data);
    return made;
}

std::unique_ptr<IpsecCtrKey> make_ipsec_ctr(Bytes key, Bytes mac_key) {
    ENSURE(key.size() == 16);
    std::unique_ptr<IpsecCtrKey> made{new IpsecCtrKey{{}, HmacSha1Key{mac_key}}};
    alignas(16) std::array<std::uint8_t, 176> decryption;  // counter mode never needs it
    IMB_AES_KEYEXP_128(Manager::mine().mb(), key.data(), made->schedule.data(), decryption.data());
    wipe(decryption);
    return made;
}

void seal(const IpsecGcmKey& key, const SealJob& job) {
    gcm_context_data scratch;
    IMB_AES128_GCM_ENC(Manager::mine().mb(), &key.data, &scratch, job.out, job.in, job.size, job.iv.data(), job.header, job.header_size, job.tag,
                       PacketKey::kGcmTag);
}

bool open(const IpsecGcmKey& key, const OpenJob& job) {
    gcm_context_data scratch;
    std::array<std::uint8_t, PacketKey::kGcmTag> tag;
    IMB_AES128_GCM_DEC(Manager::mine().mb(), &key.data, &scratch, job.data, job.data, job.size, job.iv.data(), job.header, job.header_size, tag.data(),
                       tag.size());
    return equal_in_constant_time(tag, {job.tag, tag.size()});
}

void seal_ctr_burst(std::span<const SealJob* const> jobs) {
    ENSURE(jobs.size() <= kIpsecBurst);
    auto& manager = Manager::mine();
    for (const auto* job : jobs) {
        manager.add_cipher(*std::get<std::unique_ptr<IpsecCtrKey>>(job->key->impl()), job->iv.data(), job->in, job->out, job->size);
    }
    manager.run_ciphers();
    std::array<const std::uint8_t*, kIpsecBurst> digests;
    for (std::size_t i = 0; i < jobs.size(); ++i) {
        const auto& job = *jobs[i];
        store_u32(job.out + job.size, job.trailer);
        const auto& key = *std::get<std::unique_ptr<IpsecCtrKey>>(job.key->impl());
        digests[i] = manager.add_hash(key, job.header, std::size_t{job.header_size} + job.size + 4);
    }
    manager.run_hashes();
    for (std::size_t i = 0; i < jobs.size(); ++i) std::copy_n(digests[i], PacketKey::kCtrTag, jobs[i]->tag);
}

// A lone packet has nobody to share lanes with: its tag is checked by OpenSSL's SHA-1, which is
// quicker for one message.
bool open(const IpsecCtrKey& key, const OpenJob& job) {
    if (!mac_matches(key.mac, job)) return false;
    auto& manager = Manager::mine();
    manager.add_cipher(key, job.iv.data(), job.data, job.data, job.size);
    manager.run_ciphers();
    return true;
}

}  // namespace earshot::crypto
#else
namespace earshot::crypto {

bool ipsec_mb_usable() { return false; }
std::unique_ptr<IpsecGcmKey> make_ipsec_gcm(Bytes) { check_failed("libipsec-mb is built in", __FILE__, __LINE__); }
std::unique_ptr<IpsecCtrKey> make_ipsec_ctr(Bytes, Bytes) { check_failed("libipsec-mb is built in", __FILE__, __LINE__); }
void seal(const IpsecGcmKey&, const SealJob&) {}
bool open(const IpsecGcmKey&, const OpenJob&) { return false; }
void seal_ctr_burst(std::span<const SealJob* const>) {}
bool open(const IpsecCtrKey&, const OpenJob&) { return false; }

}  // namespace earshot::crypto
#endif
