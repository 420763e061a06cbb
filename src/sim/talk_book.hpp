// The book of talks (Voix), kept outside the house: who was let into which, and that nobody else hears of it.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "sim/world.hpp"

namespace earshot::sim {

// What stands in a made datagram of a talk.
struct TalkMark {
    std::uint64_t talk = 0;     // a hash of the key
    std::uint32_t speaker = 0;  // the simulator's own number of the person
    std::uint32_t counter = 0;
    bool gone = false;  // he was told that the talk is over
};
inline constexpr std::size_t kTalkDatagram = 96;
std::vector<std::uint8_t> write_talk(const TalkMark& mark);
// Nothing when the weather changed a bit.
std::optional<TalkMark> read_talk(Bytes bytes);
std::uint64_t talk_mark(const std::string& key);

class TalkBook {
public:
    explicit TalkBook(World& world) : world_(world) {}

    // The house told `member` the key.
    void told(const std::string& key, std::uint32_t member);
    // A datagram reached `listener` at the address that he uses for this talk.
    void heard(const std::string& key, std::uint32_t listener, const TalkMark& mark);
    // How often `listener` heard `speaker`, over all talks, and when last.
    std::uint64_t times(std::uint32_t listener, std::uint32_t speaker) const;
    Time last(std::uint32_t listener, std::uint32_t speaker) const;
    // Keys that thieves may have read, oldest first.
    const std::vector<std::string>& keys() const { return keys_; }

private:
    struct Ear {
        std::uint64_t times = 0;
        Time last{};
    };
    World& world_;
    std::vector<std::string> keys_;
    std::map<std::uint64_t, std::set<std::uint32_t>> people_;
    std::map<std::pair<std::uint32_t, std::uint32_t>, Ear> ears_;
};

}  // namespace earshot::sim
