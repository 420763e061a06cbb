// What happened that somebody may know. Events speak of the house; fronts turn them into their protocol.
#pragma once
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/types.hpp"

namespace earshot::core {

// To the asker: the room as it stands at this point of its order. What follows builds on it.
struct Joined {
    RoomId room;
    std::string room_name;
    std::string topic;
    std::vector<Person> people;
    MessageId last_message;  // 0: none yet
    RoomSlots slots{};
    MemberId keeper;  // 0: nobody
};
struct Left {  // to the leaver himself
    RoomId room;
    std::string room_name;
};
struct PersonJoined {
    RoomId room;
    std::string room_name;
    Person person;
};
struct PersonLeft {
    RoomId room;
    std::string room_name;
    MemberId member;
    std::string name;
    LeaveReason reason = LeaveReason::kLeft;
    std::string removed_by = {};  // of a removal: by whom, and why if that was said
    std::string because = {};
};
struct PersonChanged {
    RoomId room;
    std::string room_name;
    Person person;
    std::string old_name;  // empty when the name stayed
};
struct MessageShown {
    std::string room_name;
    Message message;
};
struct Accepted {  // to the sender: it is on disk
    std::string client_message_id;
    MessageId id;
    WallMs time_ms = 0;
};
struct DirectShown {
    MessageId id;
    WallMs time_ms = 0;
    MemberId from;
    std::string from_name;
    MemberId to;
    std::string to_name;
    std::string text;
};
struct TypingShown {
    std::string room_name;
    MemberId member;
};
struct TopicChanged {
    RoomId room;
    std::string room_name;
    std::string topic;
    std::string name;  // who changed it
};
struct KeeperChanged {
    RoomId room;
    std::string room_name;
    MemberId keeper;
    std::string name;
};
struct Removed {  // to the one who must go; the others see PersonLeft
    RoomId room;
    std::string room_name;
    MemberId member, by;
    std::string by_name;
    std::string because;
};
struct MutedBy {  // to the one whose voice is not forwarded any more
    RoomId room;
    std::string room_name;
    MemberId member, by;
    std::string by_name;
};
struct NickChanged {  // to the member himself; others see PersonChanged
    std::string name;
};
struct RoomChanged {  // to everyone; several changes may be told as one
    RoomSummary room;
};
struct RoomGone {
    std::string room_name;
};
struct CallGranted {  // to the asker: the media side may now be set up
    RoomId room;
    std::string room_name;
    bool listen_only = false;
    bool muted = false;
    bool deafened = false;
};
enum class CallLeftWhy : std::uint8_t { kAsked, kReplaced, kRoomLeft, kEnded };
struct CallLeft {  // to the member: his place in the call is given up
    RoomId room;
    std::string room_name;
    CallLeftWhy why = CallLeftWhy::kAsked;
};
struct VoiceSet {  // for the media side
    bool muted = false;
    bool deafened = false;
};
struct VideoSet {  // for the media side
    bool camera = false;
    bool share = false;
};
struct SlotsShown {
    std::string room_name;
    RoomSlots slots{};
};
struct SpeakingShown {
    std::string room_name;
    MemberId member;
    bool speaking = false;
};
struct Refused {
    Refusal refusal;
};
struct Done {};

using Event = std::variant<Joined, Left, PersonJoined, PersonLeft, PersonChanged, MessageShown, Accepted, DirectShown, TypingShown, TopicChanged, KeeperChanged,
                           Removed, MutedBy, NickChanged, RoomChanged, RoomGone, CallGranted, CallLeft, VoiceSet, VideoSet, SlotsShown, SpeakingShown, Refused, Done>;

}  // namespace earshot::core
