// Somebody who has read keys of talks (Voix) and sends from his own address as if they were his.
#pragma once
#include "sim/house.hpp"
#include "sim/talk_book.hpp"

namespace earshot::sim {

class TalkThief final : public TalkClient {
public:
    TalkThief(World& world, House& house, const TalkBook& book, std::uint32_t number);
    ~TalkThief() override { house_.talks().forget(this); }

    void come() { act(++life_); }
    void stop() { ++life_; }
    // Says that he is of the talk, and speaks in it.
    void try_key(const std::string& key);
    const SocketAddress& address() const { return address_; }
    std::uint32_t number() const { return number_; }
    std::uint64_t tries() const { return tries_; }
    std::uint64_t answers() const { return answers_; }

    void datagram(const SocketAddress&, Bytes) override { ++answers_; }

private:
    void act(std::uint64_t life);

    World& world_;
    House& house_;
    const TalkBook& book_;
    SeededRandom chance_;
    std::uint32_t number_;
    SocketAddress address_;
    std::uint64_t life_ = 0, tries_ = 0, answers_ = 0;
};

}  // namespace earshot::sim
