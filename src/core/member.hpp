// One person in the house, through whichever front.
#pragma once
#include <deque>
#include <string>
#include <vector>

#include "base/token_bucket.hpp"
#include "core/types.hpp"

namespace earshot::core {

// A message this member sent lately, to know its retry.
struct SentLately {
    std::string client_message_id;
    MessageId id;
    WallMs time_ms = 0;
    bool stored = false;
    std::vector<Ticket> waiting;  // answered when it is stored
};

struct Member {
    MemberId id;
    std::string name;
    std::string key;
    ClientKind client = ClientKind::kBrowser;
    Presence presence = Presence::kHere;
    std::vector<RoomId> rooms;
    RoomId call;  // 0: in none
    bool listen_only = false;
    bool muted = false;
    bool deafened = false;
    bool camera = false;  // in the call
    bool share = false;
    TokenBucket talk;
    std::deque<SentLately> sent;

    Person as_seen_in(RoomId room) const {
        const bool here = call && call == room;
        return {id, name, client, presence, here, here && listen_only, muted, deafened, here && camera, here && share};
    }
};

}  // namespace earshot::core
