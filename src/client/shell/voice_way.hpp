// The way of the voice between the caller at home and the house: the phone, its sockets, and what the far end reports.
#pragma once
#include <functional>
#include <optional>
#include <span>

#include "client/phone.hpp"
#include "client/shell/sound_side.hpp"
#include "client/shell/stage.hpp"
#include "io/net/media_client.hpp"

namespace earshot::client {

class VoiceWay {
public:
    VoiceWay(const Stage& stage, Random& random, SoundSide& sound);

    // An offer of the house's, answered in `out`. `home`: where its web listener was reached.
    void take_offer(Now now, const effect::TakeOffer& offer, std::optional<IpAddress> home, Outbox& out);
    void hang_up(Time now);
    void speak(Now now, std::span<const Outgoing> packets);
    void tick(Now now);
    Deadline deadline() const { return phone_.deadline(); }

private:
    io::MediaClient::Events events();
    void flush() { media_.send(arena_); }
    void open_what_is_wanted();
    void settle();
    void take_report();

    const Stage& stage_;
    SoundSide& sound_;
    crypto::Identity identity_;
    Phone phone_;
    port::SendArena arena_{128};
    io::MediaClient media_;
    std::uint64_t reports_seen_ = 0;
};

}  // namespace earshot::client
