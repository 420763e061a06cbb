#include "sim/talk_thief.hpp"

namespace earshot::sim {

TalkThief::TalkThief(World& world, House& house, const TalkBook& book, std::uint32_t number)
    : world_(world),
      house_(house),
      book_(book),
      chance_(world.fork(fmt::format("thief {}", number))),
      number_(number),
      address_{IpAddress::v4(10, 66, static_cast<std::uint8_t>(128 + (number >> 8)), static_cast<std::uint8_t>(number)), 6000} {
    house_.talks().listen(address_, this);
}

void TalkThief::try_key(const std::string& key) {
    ++tries_;
    house_.talks().send(address_, as_bytes("TALKSESSION: " + key));
    house_.talks().send(address_, write_talk({.talk = talk_mark(key), .speaker = number_}));
}

void TalkThief::act(std::uint64_t life) {
    world_.after(world_.between(20ms, 1500ms), [this, life] {
        if (life != life_) return;
        const auto& keys = book_.keys();
        const auto latest = std::min<std::size_t>(keys.size(), 4);  // older talks are over
        if (latest > 0)
            try_key(keys.at(keys.size() - 1 - chance_.below(latest)));
        else
            house_.talks().send(address_, as_bytes("TALKSESSION: 0"));
        act(life);
    });
}

}  // namespace earshot::sim
