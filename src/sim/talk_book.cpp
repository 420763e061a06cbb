#include "sim/talk_book.hpp"

namespace earshot::sim {
namespace {

constexpr std::uint32_t kMagic = 0x54414c4b;  // "TALK"
constexpr std::size_t kSum = kTalkDatagram - 8;

std::uint64_t hash_of(Bytes bytes) {
    std::uint64_t hash = 0xcbf29ce484222325;
    for (const auto byte : bytes) hash = (hash ^ byte) * 0x100000001b3;
    return hash;
}

}  // namespace

std::vector<std::uint8_t> write_talk(const TalkMark& mark) {
    std::vector<std::uint8_t> bytes(kTalkDatagram);
    ByteWriter writer{bytes};
    writer.u32(kMagic);
    writer.u64(mark.talk);
    writer.u32(mark.speaker);
    writer.u32(mark.counter);
    writer.u8(mark.gone ? 1 : 0);
    writer.zeros(kSum - writer.size());
    writer.u64(hash_of(Bytes{bytes}.first(kSum)));
    return bytes;
}

std::optional<TalkMark> read_talk(Bytes bytes) {
    if (bytes.size() != kTalkDatagram) return std::nullopt;
    ByteReader reader{bytes};
    if (reader.u32() != kMagic) return std::nullopt;
    TalkMark mark;
    mark.talk = reader.u64();
    mark.speaker = reader.u32();
    mark.counter = reader.u32();
    mark.gone = reader.u8() != 0;
    ByteReader sum{bytes.subspan(kSum)};
    if (sum.u64() != hash_of(bytes.first(kSum))) return std::nullopt;
    return mark;
}

std::uint64_t talk_mark(const std::string& key) { return hash_of(as_bytes(key)); }

void TalkBook::told(const std::string& key, std::uint32_t member) {
    auto& people = people_[talk_mark(key)];
    if (people.empty()) keys_.push_back(key);
    people.insert(member);
}

void TalkBook::heard(const std::string& key, std::uint32_t listener, const TalkMark& mark) {
    const auto words = fmt::format("{} hears datagram {} of {}", listener, mark.counter, mark.speaker);
    if (mark.speaker == listener) world_.broken("nobody hears himself in a talk", words);
    if (mark.talk != talk_mark(key)) world_.broken("a talk reaches its people alone", words + ", of another talk");
    if (!people_[mark.talk].contains(mark.speaker)) world_.broken("a talk reaches its people alone", words + ", who was never in it");
    if (mark.gone) world_.broken("who is out of a talk is not heard", words);
    auto& ear = ears_[{listener, mark.speaker}];
    ++ear.times;
    ear.last = world_.now().at;
}

std::uint64_t TalkBook::times(std::uint32_t listener, std::uint32_t speaker) const {
    const auto it = ears_.find({listener, speaker});
    return it == ears_.end() ? 0 : it->second.times;
}

Time TalkBook::last(std::uint32_t listener, std::uint32_t speaker) const {
    const auto it = ears_.find({listener, speaker});
    return it == ears_.end() ? Time{} : it->second.last;
}

}  // namespace earshot::sim
