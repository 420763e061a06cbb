// What the control side orders of the talk relay. Values only: they cross threads.
#pragma once
#include <string>
#include <variant>

#include "base/address.hpp"
#include "base/ids.hpp"
#include "engine/mailbox.hpp"

namespace earshot::engine {

// From now on a TALKSESSION with `key` from this address of the member's is his; a talk exists while it has somebody.
struct SeatInTalk {
    std::string key;
    MemberId member;
    IpAddress ip;
};
struct LeaveTalk {
    std::string key;
    MemberId member;
};
struct EndTalk {
    std::string key;
};
// His frames of sound in this talk (datagrams of kTalkFrameBytes) are a bare member's voice from now on, and he is sent the room's
// mix; 0: no longer.
struct BridgeTalk {
    std::string key;
    MemberId member;
    PeerId peer;
};

using TalkOrder = std::variant<SeatInTalk, LeaveTalk, EndTalk, BridgeTalk>;
using TalkOrderBox = Mailbox<TalkOrder>;

}  // namespace earshot::engine
