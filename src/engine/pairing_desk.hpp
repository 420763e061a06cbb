// Which text connection and which voice socket of the plain front belong to one person: nobody says so, so it is the same peer address
// on the same pair of ports, and among several the one that came nearest in time. A voice socket without a partner waits for one for
// limits::kPairingGrace and is alone then. Bounded.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "base/address.hpp"
#include "base/deadline.hpp"
#include "base/ids.hpp"
#include "engine/bridge_orders.hpp"

namespace earshot::engine {

class PairingDesk {
public:
    struct Place {
        IpAddress ip;
        std::uint8_t pair = 0;
        bool operator==(const Place&) const = default;
    };

    // Each tells the partner found, if any.
    VoiceId text_opened(Time now, ConnectionId text, const Place& place);
    ConnectionId voice_opened(Time now, VoiceId voice, const Place& place);
    // Each tells the partner who is left behind, if any; he is forgotten too, and finds no other.
    VoiceId text_closed(ConnectionId text);
    ConnectionId voice_closed(VoiceId voice);

    VoiceId voice_of(ConnectionId text) const;
    ConnectionId text_of(VoiceId voice) const;

    // Voice sockets whose grace is over: each is told once.
    std::vector<VoiceId> due(Time now);
    Deadline deadline() const;
    std::size_t texts() const { return texts_.size(); }
    std::size_t voices() const { return voices_.size(); }

private:
    struct Text {
        Place place;
        Time since{};
        VoiceId partner;
    };
    struct Voice {
        Place place;
        Time since{};
        ConnectionId partner;
        bool alone = false;
    };
    std::map<ConnectionId, Text> texts_;
    std::map<VoiceId, Voice> voices_;
};

}  // namespace earshot::engine
