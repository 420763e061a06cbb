// The nouns of the house.
#pragma once
#include <array>
#include <cstdint>
#include <string>

#include "base/ids.hpp"
#include "base/room_slots.hpp"
#include "base/time.hpp"

namespace earshot::core {

enum class ClientKind : std::uint8_t { kBrowser, kTerminal, kMumble, kIrc, kSocket, kVoix };

// quiet: not heard of for 5 s; reconnecting: until 30 s; then gone.
enum class Presence : std::uint8_t { kHere, kQuiet, kReconnecting };

// A client's own number for one request; its answer carries it. 0: nobody waits for an answer.
using Ticket = std::uint64_t;

// What others see of somebody in a room.
struct Person {
    MemberId member;
    std::string name;
    ClientKind client = ClientKind::kBrowser;
    Presence presence = Presence::kHere;
    bool in_call = false;  // in the call of this room
    bool listen_only = false;
    bool muted = false;
    bool deafened = false;
    bool camera = false;  // shown in the call of this room, and so the share
    bool share = false;
    bool operates = false;  // the house: he proved it by its key
    bool operator==(const Person&) const = default;
};

struct Message {
    MessageId id;
    RoomId room;
    WallMs time_ms = 0;
    MemberId sender;
    std::string sender_name;
    std::string text;
};

struct RoomSummary {
    std::string name;
    std::string topic;
    std::size_t people = 0;
    std::size_t in_call = 0;
};

enum class LeaveReason : std::uint8_t { kLeft, kQuit, kLost, kClosing, kRemoved };

// Why a command was not done. Each has a sentence for people beside it.
enum class RefusalCode : std::uint8_t {
    kNameInvalid,
    kNameTaken,
    kRoomInvalid,
    kNotInRoom,
    kNoSuchRoom,
    kNoSuchMember,
    kTooLong,
    kEmpty,
    kFlood,
    kTooManyRooms,
    kTooManyMembers,
    kCallFull,
    kNoCall,
    kNotSaved,
    kBusy,
    kBadRequest,
    kNotAllowed,
    kRemoved,
};

struct Refusal {
    RefusalCode code = RefusalCode::kBadRequest;
    std::string text;        // a sentence that says what to do
    std::string suggestion;  // a name that would do; may be empty
};

}  // namespace earshot::core
