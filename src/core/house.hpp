// Inside the Hub: its state, and the few operations verbs are written with.
#pragma once
#include <map>
#include <optional>
#include <unordered_map>

#include "core/hub.hpp"
#include "core/names.hpp"

namespace earshot::core {

constexpr std::string_view kLobbyKey = "lobby";  // the room that is always there, and nobody's

struct PendingEntry {
    EntryId entry;
    RoomId room;
    MemberId sender;                // of a message or a topic
    std::string client_message_id;  // of a message
    Ticket ticket = 0;              // of a topic
};

struct Hub::State {
    explicit State(HubLimits l) : limits(l) {}

    HubLimits limits;
    std::unordered_map<MemberId, Member> members;
    std::unordered_map<std::string, MemberId> names;  // by key
    std::map<RoomId, Room> rooms;
    std::map<std::string, RoomId, std::less<>> room_names;  // by key
    std::deque<PendingEntry> pending;                       // in the order of the entries
    std::uint64_t last_message = 0, last_room = 0, last_member = 0, last_entry = 0;

    Room* find_room(std::string_view name);
    Room& make_room(const Name& name, Effects& effects);
    void drop_if_empty(RoomId room, Effects& effects);
    EntryId write(decltype(Entry::what) what, PendingEntry pending_entry, Effects& effects);
    // Before anything of a room is written: its row, if that failed before.
    void ensure_row(Room& room, Effects& effects);
    bool disk_is_behind() const { return pending.size() >= limits.unstored_entries; }

    void leave_room(Member& member, RoomId room, PersonLeft left, Effects& effects);
    void leave_room(Member& member, RoomId room, LeaveReason reason, Effects& effects);
    // Tells every room the member is in how he looks now.
    void show_change(const Member& member, const std::string& old_name, Effects& effects);
    void leave_call(Member& member, CallLeftWhy why, Effects& effects);
    // The keeper is out for good: whoever has been there longest, and has a client that can, keeps the room.
    void pass_on(Room& room, Effects& effects);
    void pass_on_all_of(MemberId keeper, Effects& effects);
    void depart(Member& member, LeaveReason reason, Effects& effects);
};

// One command being carried out.
struct Turn {
    Hub::State& house;
    Now now;
    Member& member;
    Ticket ticket;
    Effects& effects;
    Room* room = nullptr;  // set by the guard for verbs that work in a room

    void answer(Event event) { effects.tell(member.id, ticket, std::move(event)); }
    void refuse(RefusalCode code, std::string text) { effects.refuse(member.id, ticket, {code, std::move(text), {}}); }
    void refuse(Refusal refusal) { effects.refuse(member.id, ticket, std::move(refusal)); }
};

}  // namespace earshot::core
