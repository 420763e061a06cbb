// One person in the house, through whichever front.
#pragma once
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "base/token_bucket.hpp"
#include "core/event.hpp"
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
    bool muted = false;               // by himself
    std::optional<MutedBy> silenced;  // by somebody who may, until he unmutes himself
    bool deafened = false;
    bool camera = false;  // in the call
    bool share = false;
    bool operates = false;
    std::string origin;  // where he came from, as the engine tells places apart; may be empty
    TokenBucket talk;
    std::deque<SentLately> sent;

    bool is_muted() const { return muted || silenced.has_value(); }
    // Told of it, he has not yet answered by muting himself.
    bool unaware() const { return silenced && !muted; }
    Person as_seen_in(RoomId room) const {
        const bool here = call && call == room;
        return {id, name, client, presence, here, here && listen_only, is_muted(), deafened, here && camera, here && share, operates};
    }
};

}  // namespace earshot::core
