#include "sim/hearing.hpp"

#include "wire/demultiplex.hpp"
#include "wire/rtp.hpp"

namespace earshot::sim {
namespace {
constexpr std::uint32_t kMagic = 0x45415253;  // "EARS"
constexpr std::uint64_t kRemembered = 4096;   // numbers a stream
}  // namespace

void write_voice(MutableBytes out, const VoiceMark& mark) {
    ByteWriter writer{out};
    writer.u8(0x78);  // an Opus packet of one 20 ms frame (RFC 6716 section 3.1); nobody here decodes it
    writer.u32(kMagic);
    writer.u32(mark.speaker);
    writer.u32(mark.room);
    writer.u64(mark.counter);
    writer.u8(static_cast<std::uint8_t>((mark.muted ? 1 : 0) | (mark.gone ? 2 : 0)));
    writer.zeros(kVoicePayload - writer.size());
}

std::optional<VoiceMark> read_voice(Bytes payload) {
    ByteReader reader{payload};
    reader.skip(1);
    if (payload.size() != kVoicePayload || reader.u32() != kMagic) return std::nullopt;
    VoiceMark mark;
    mark.speaker = reader.u32();
    mark.room = reader.u32();
    mark.counter = reader.u64();
    const auto flags = reader.u8();
    mark.muted = flags & 1;
    mark.gone = flags & 2;
    return mark;
}

std::uint32_t room_mark(const std::string& room) {
    std::uint32_t hash = 0x811c9dc5;
    for (const unsigned char c : room) hash = (hash ^ c) * 0x01000193;
    return hash;
}

void Hearing::heard(std::uint32_t listener, std::uint64_t call, std::uint32_t listener_room, const VoiceMark& mark) {
    const auto words = fmt::format("{} hears packet {} of {}", listener, mark.counter, mark.speaker);
    if (mark.speaker == listener) world_.broken("nobody hears himself", words);
    if (mark.muted) world_.broken("a muted member is not heard", words);
    if (mark.gone) world_.broken("who left the call is not heard", words);
    if (mark.room != listener_room) world_.broken("a call stays in its room", words);
    if (!packets_[{call, mark.speaker}].insert(mark.counter).second) world_.broken("no packet is heard twice", words);
    auto& ear = ears_[{listener, mark.speaker}];
    ++ear.times;
    ear.last = world_.now().at;
}

void Hearing::heard_bare(std::uint32_t listener) {
    if (!bare_voices) return world_.broken("what is heard was said", fmt::format("{} hears bytes that nobody said", listener));
    ++bare_[listener];
}

std::uint64_t Hearing::times_bare(std::uint32_t listener) const {
    const auto it = bare_.find(listener);
    return it == bare_.end() ? 0 : it->second;
}

std::uint64_t Hearing::times(std::uint32_t listener, std::uint32_t speaker) const {
    const auto it = ears_.find({listener, speaker});
    return it == ears_.end() ? 0 : it->second.times;
}

Time Hearing::last(std::uint32_t listener, std::uint32_t speaker) const {
    const auto it = ears_.find({listener, speaker});
    return it == ears_.end() ? Time{} : it->second.last;
}

void LegWatch::sent(const port::Path& path, Bytes datagram) {
    if (datagram.size() < 12 || (datagram[0] & 0xc0) != 0x80 || (datagram[1] >= 192 && datagram[1] <= 223)) return;
    const auto header = wire::parse_rtp(datagram);
    if (!header) return world_.broken("the house sends well-formed RTP", "a header that cannot be read");
    ++packets_;
    ++by_address_[path.remote];
    const auto [it, fresh] = legs_.try_emplace(header->ssrc);
    auto& leg = it->second;
    if (fresh) {
        // RFC 3711 section 3.3.1: a late joiner guesses ROC 0, so a stream begins low.
        if (header->sequence == 0 || header->sequence > 32767) world_.broken("a stream begins in 1..32767", fmt::format("ssrc {:08x} begins at {}", header->ssrc, header->sequence));
        leg.first = leg.highest = leg.marked_highest = header->sequence;
    }
    const auto delta = static_cast<std::int16_t>(static_cast<std::uint16_t>(header->sequence - static_cast<std::uint16_t>(leg.highest)));
    const std::uint64_t number = leg.highest + static_cast<std::uint64_t>(static_cast<std::int64_t>(delta));
    if (!leg.seen.insert(number).second) world_.broken("no number repeats under one SSRC", fmt::format("ssrc {:08x} sends {} again", header->ssrc, header->sequence));
    leg.highest = std::max(leg.highest, number);
    ++leg.sent;
    if (leg.seen.size() > kRemembered) leg.seen.erase(leg.seen.begin());
    if (number + kRemembered < leg.highest) world_.broken("no number repeats under one SSRC", fmt::format("ssrc {:08x} goes back to {}", header->ssrc, header->sequence));
}

void LegWatch::mark() {
    for (auto& [ssrc, leg] : legs_) {
        leg.marked_highest = leg.highest;
        leg.marked_sent = leg.sent;
    }
}

std::uint64_t LegWatch::gaps_since_mark() const {
    std::uint64_t gaps = 0;
    for (const auto& [ssrc, leg] : legs_) {
        // A stream that began after the mark owes its first number too.
        const auto expected = leg.highest - leg.marked_highest + (leg.marked_sent == 0 && leg.sent > 0 ? 1 : 0);
        const auto sent = leg.sent - leg.marked_sent;
        gaps += expected > sent ? expected - sent : 0;
    }
    return gaps;
}

std::uint64_t LegWatch::packets_to(const SocketAddress& address) const {
    const auto it = by_address_.find(address);
    return it == by_address_.end() ? 0 : it->second;
}

}  // namespace earshot::sim
