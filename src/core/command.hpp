// What a member may ask of the house. A new one is a struct here, a file in verbs/ and a row in verb_table.cpp.
#pragma once
#include <string>
#include <variant>

#include "core/types.hpp"

namespace earshot::core {

struct Join {  // makes the room if it does not exist
    std::string room;
};
struct Leave {
    std::string room;
};
struct Say {
    std::string room;
    std::string text;
    std::string client_message_id;  // empty: not repeatable
};
struct Direct {
    MemberId to;
    std::string text;
    std::string client_message_id;
};
struct Typing {
    std::string room;
};
struct SetTopic {
    std::string room;
    std::string topic;
};
struct SetNick {
    std::string name;
};
struct JoinCall {  // moves the member if he is in another call
    std::string room;
    bool listen_only = false;
    bool muted = false;
};
struct LeaveCall {};
struct SetVoice {
    bool muted = false;
    bool deafened = false;
    bool knowing = false;  // he was told of a mute by somebody else, and `muted` false ends it
};
struct Remove {  // out of the room, for a while
    std::string room;
    MemberId member;
    std::string reason;  // one line for everybody there; may be empty
};
struct MuteMember {  // until he unmutes himself
    std::string room;
    MemberId member;
};
struct SetVideo {  // what he shows in his call
    bool camera = false;
    bool share = false;
};
struct Quit {
    LeaveReason reason = LeaveReason::kQuit;
};

using Command = std::variant<Join, Leave, Say, Direct, Typing, SetTopic, SetNick, JoinCall, LeaveCall, SetVoice, SetVideo, Remove, MuteMember, Quit>;

}  // namespace earshot::core
