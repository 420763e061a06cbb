// What reaches us. Sizes are checked before anything is read; state is made and moved only by packets
// that proved authentic, so a forged one costs its cipher and nothing else.
#include <vector>

#include "crypto/replay_window.hpp"
#include "crypto/srtp.hpp"
#include "crypto/srtp_keys.hpp"

namespace earshot::crypto {
namespace {

constexpr std::size_t kRtpHeader = 12;
constexpr std::size_t kRtcpHeader = 8;
constexpr std::size_t kRtcpWindow = 128;
constexpr std::uint32_t kEncrypted = 0x80000000u;

template <std::size_t kWindow>
struct Source {
    std::uint32_t ssrc;
    ReplayWindow<kWindow> window{};
};

template <std::size_t kWindow>
using Sources = std::vector<Source<kWindow>>;  // at most kMaxSources: a walk is quicker than a hash

template <std::size_t kWindow>
Source<kWindow>* find(Sources<kWindow>& sources, std::uint32_t ssrc) {
    for (auto& source : sources) {
        if (source.ssrc == ssrc) return &source;
    }
    return nullptr;
}

template <std::size_t kWindow>
void accept(Sources<kWindow>& sources, Source<kWindow>* source, std::uint32_t ssrc, std::uint64_t index) {
    if (source == nullptr) source = &sources.emplace_back(Source<kWindow>{ssrc});
    source->window.accept(index);
}

// RFC 3711 section 3.3.1 and appendix A: the roc that puts this number nearest to the highest one heard.
// Below roc 0 there is nothing, so a large step ahead is taken as that.
std::uint64_t guess_index(const ReplayWindow<SrtpInbound::kReplayWindow>& window, std::uint16_t sequence) {
    if (window.empty()) return sequence;
    const auto newest = window.highest();
    const auto step = static_cast<std::int16_t>(static_cast<std::uint16_t>(sequence - static_cast<std::uint16_t>(newest)));
    const auto guess = newest + static_cast<std::uint64_t>(std::int64_t{step});
    return step < 0 && guess > newest ? sequence : guess & 0xffff'ffff'ffffull;
}

}  // namespace

struct SrtpInbound::Impl {
    SrtpSession rtp, rtcp;
    Sources<kReplayWindow> rtp_sources;
    Sources<kRtcpWindow> rtcp_sources;
};

SrtpInbound::SrtpInbound(const SrtpKeys& keys, CipherLibrary library)
    : impl_(new Impl{SrtpSession::rtp(keys, library), SrtpSession::rtcp(keys, library), {}, {}}) {}
SrtpInbound::SrtpInbound(SrtpInbound&&) noexcept = default;
SrtpInbound& SrtpInbound::operator=(SrtpInbound&&) noexcept = default;
SrtpInbound::~SrtpInbound() = default;

std::expected<SrtpInbound::Rtp, SrtpError> SrtpInbound::unprotect_rtp(MutableBytes packet, std::size_t header_size) {
    const auto& session = impl_->rtp;
    const auto tag_size = session.key.tag_size();
    if (header_size < kRtpHeader || packet.size() < tag_size || packet.size() - tag_size < header_size) return std::unexpected(SrtpError::kMalformed);
    const auto ssrc = load_u32(packet.data() + 8);
    const auto sequence = load_u16(packet.data() + 2);
    auto* source = find(impl_->rtp_sources, ssrc);
    if (source == nullptr && impl_->rtp_sources.size() >= kMaxSources) return std::unexpected(SrtpError::kTooManySources);
    const auto index = source ? guess_index(source->window, sequence) : sequence;
    if (source && !source->window.fresh(index)) return std::unexpected(SrtpError::kReplay);

    const auto payload = packet.subspan(header_size, packet.size() - tag_size - header_size);
    std::array<std::uint8_t, PacketKey::kGcmTag> tag;
    std::copy_n(payload.data() + payload.size(), tag_size, tag.begin());
    const OpenJob job{.key = &session.key,
                      .iv = srtp_iv(session, ssrc, index),
                      .header = packet.data(),
                      .data = payload.data(),
                      .tag = tag.data(),
                      .header_size = static_cast<std::uint32_t>(header_size),
                      .size = static_cast<std::uint32_t>(payload.size()),
                      .trailer = static_cast<std::uint32_t>(index >> 16)};
    if (!open(job)) {
        std::fill(payload.begin(), payload.end(), std::uint8_t{0});  // never let unproved plaintext out
        return std::unexpected(SrtpError::kAuthentication);
    }
    accept(impl_->rtp_sources, source, ssrc, index);
    return Rtp{payload, index};
}

std::expected<MutableBytes, SrtpError> SrtpInbound::unprotect_rtcp(MutableBytes packet) {
    const auto& session = impl_->rtcp;
    const bool gcm = session.key.is_gcm();
    const auto overhead = session.key.tag_size() + 4;
    if (packet.size() < kRtcpHeader + overhead) return std::unexpected(SrtpError::kMalformed);
    const auto plain = packet.first(packet.size() - overhead);
    const auto* behind = plain.data() + plain.size();
    const auto word = load_u32(gcm ? behind + PacketKey::kGcmTag : behind);
    const auto index = word & ~kEncrypted;
    const auto ssrc = load_u32(packet.data() + 4);
    auto* source = find(impl_->rtcp_sources, ssrc);
    if (source == nullptr && impl_->rtcp_sources.size() >= kMaxSources) return std::unexpected(SrtpError::kTooManySources);
    if (source && !source->window.fresh(index)) return std::unexpected(SrtpError::kReplay);

    // With E unset the compound is authenticated only: all of it is header. GCM authenticates the last
    // word right behind the header (RFC 7714 section 9.3), which calls for a copy when they lie apart.
    const bool encrypted = (word & kEncrypted) != 0;
    const auto clear = encrypted ? kRtcpHeader : plain.size();
    std::array<std::uint8_t, PacketKey::kGcmTag> tag;
    std::copy_n(gcm ? behind : behind + 4, session.key.tag_size(), tag.begin());
    std::array<std::uint8_t, kRtcpHeader + 4> associated;
    const std::uint8_t* header = packet.data();
    auto header_size = clear;
    if (gcm && encrypted) {
        std::copy_n(packet.data(), kRtcpHeader, associated.begin());
        store_u32(associated.data() + kRtcpHeader, word);
        header = associated.data();
        header_size = associated.size();
    } else if (gcm) {
        store_u32(plain.data() + plain.size(), word);  // where the tag stood
        header_size = plain.size() + 4;
    }
    const OpenJob job{.key = &session.key,
                      .iv = srtp_iv(session, ssrc, index),
                      .header = header,
                      .data = plain.data() + clear,
                      .tag = tag.data(),
                      .header_size = static_cast<std::uint32_t>(header_size),
                      .size = static_cast<std::uint32_t>(plain.size() - clear),
                      .trailer = word};
    if (!open(job)) {
        std::fill(packet.begin(), packet.end(), std::uint8_t{0});
        return std::unexpected(SrtpError::kAuthentication);
    }
    accept(impl_->rtcp_sources, source, ssrc, index);
    return plain;
}

}  // namespace earshot::crypto
