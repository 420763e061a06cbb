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

using TalkOrder = std::variant<SeatInTalk, LeaveTalk, EndTalk>;
using TalkOrderBox = Mailbox<TalkOrder>;

}  // namespace earshot::engine
