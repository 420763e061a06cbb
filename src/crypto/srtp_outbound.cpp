// What we send: RTP in batches under many keys, RTCP one by one.
#include "base/check.hpp"
#include "crypto/srtp.hpp"
#include "crypto/srtp_keys.hpp"

namespace earshot::crypto {
namespace {

constexpr std::size_t kBatch = 64;
constexpr std::size_t kRtcpHeader = 8;              // stays in the clear (RFC 3711 section 3.4)
constexpr std::uint32_t kEncrypted = 0x80000000u;   // the E flag before the SRTCP index
constexpr std::uint32_t kRtcpIndexLimit = 1u << 31;

}  // namespace

struct SrtpOutbound::Impl {
    SrtpProfile profile;
    SrtpSession rtp, rtcp;
    std::uint32_t rtcp_index = 0;  // of all our SSRCs together: each then sees it rise, with gaps
};

SrtpOutbound::SrtpOutbound(const SrtpKeys& keys, CipherLibrary library)
    : impl_(new Impl{keys.profile, SrtpSession::rtp(keys, library), SrtpSession::rtcp(keys, library)}) {}
SrtpOutbound::SrtpOutbound(SrtpOutbound&&) noexcept = default;
SrtpOutbound& SrtpOutbound::operator=(SrtpOutbound&&) noexcept = default;
SrtpOutbound::~SrtpOutbound() = default;

SrtpProfile SrtpOutbound::profile() const { return impl_->profile; }
std::size_t SrtpOutbound::rtp_overhead() const { return impl_->rtp.key.tag_size(); }

namespace {

// Field by field into its place: a job made apart and copied in wide words stalls on its own narrow stores.
void fill_job(SealJob& to, const ProtectJob& from) {
    const auto& session = from.context->impl().rtp;
    std::uint8_t* behind_header = from.packet + from.header_size;
    const auto index = std::uint64_t{from.roc} << 16 | load_u16(from.packet + 2);
    to.key = &session.key;
    to.iv = srtp_iv(session, load_u32(from.packet + 8), index);
    to.header = from.packet;
    to.in = from.payload;
    to.out = behind_header;
    to.tag = behind_header + from.payload_size;
    to.header_size = from.header_size;
    to.size = from.payload_size;
    to.trailer = from.roc;
}

}  // namespace

void protect_rtp(std::span<const ProtectJob> jobs) {
    std::array<SealJob, kBatch> batch;
    while (!jobs.empty()) {
        const auto count = std::min(jobs.size(), kBatch);
        for (std::size_t i = 0; i < count; ++i) fill_job(batch[i], jobs[i]);
        seal(std::span{batch}.first(count));
        jobs = jobs.subspan(count);
    }
}

// RFC 3711 section 3.4: ... | ciphertext | E, index | tag. RFC 7714 section 9.2: ... | ciphertext | tag | E, index,
// and there the header is authenticated together with that last word.
std::size_t SrtpOutbound::protect_rtcp(MutableBytes buffer, std::size_t size) {
    ENSURE(size >= kRtcpHeader && buffer.size() >= size + 20);
    auto& impl = *impl_;
    if (impl.rtcp_index == kRtcpIndexLimit) return 0;
    const auto index = impl.rtcp_index++;
    const auto word = index | kEncrypted;
    const bool gcm = impl.rtcp.key.is_gcm();
    auto* body = buffer.data() + kRtcpHeader;
    auto* end = buffer.data() + size;
    std::array<std::uint8_t, kRtcpHeader + 4> associated;
    std::copy_n(buffer.data(), kRtcpHeader, associated.begin());
    store_u32(associated.data() + kRtcpHeader, word);
    const SealJob job{.key = &impl.rtcp.key,
                      .iv = srtp_iv(impl.rtcp, load_u32(buffer.data() + 4), index),
                      .header = gcm ? associated.data() : buffer.data(),
                      .in = body,
                      .out = body,
                      .tag = gcm ? end : end + 4,
                      .header_size = static_cast<std::uint32_t>(gcm ? associated.size() : kRtcpHeader),
                      .size = static_cast<std::uint32_t>(size - kRtcpHeader),
                      .trailer = word};
    seal({&job, 1});
    if (gcm) store_u32(end + PacketKey::kGcmTag, word);
    return size + impl.rtcp.key.tag_size() + 4;
}

}  // namespace earshot::crypto
