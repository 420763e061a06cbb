// The house: members, rooms and what is said. One call is one turn; nothing here waits, reads a clock
// or knows a protocol.
#pragma once
#include <expected>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/command.hpp"
#include "core/effects.hpp"
#include "core/limits.hpp"
#include "core/member.hpp"
#include "core/room.hpp"

namespace earshot::core {

struct RestoredRoom {
    RoomId room;
    std::string name;
    std::string topic;
    MessageId last_message;
};

class Hub {
public:
    explicit Hub(HubLimits limits);
    ~Hub();

    // What the disk knew, before anybody enters. `highest_*`: no id up to these is used again.
    void restore(const std::vector<RestoredRoom>& rooms, MessageId highest_message, RoomId highest_room, MemberId highest_member);

    // A new member, in no room yet; or one who was here before, under the id that he had then. `origin` tells places apart.
    std::expected<MemberId, Refusal> enter(std::string_view name, ClientKind client, MemberId known = {}, std::string origin = {});
    void apply(Now now, MemberId member, Ticket ticket, const Command& command, Effects& effects);
    // Entries are answered in the order in which they were handed out.
    void committed(EntryId entry, const EntryOutcome& outcome, Effects& effects);
    void set_presence(MemberId member, Presence presence, Effects& effects);
    // He showed the operator's key.
    void make_operator(MemberId member, Effects& effects);
    // One who was lost (LeaveReason::kLost) cannot come back any more: what he kept passes on.
    void forget(MemberId member, Effects& effects);
    // The requests of a lost connection: nobody waits for their answers any more.
    void forget_tickets(MemberId member);
    // He has lost what he was told (a new connection took over): the rooms as they stand.
    void show_rooms_again(MemberId member, Effects& effects) const;

    // News of the media side.
    void set_slots(RoomId room, const RoomSlots& slots, Effects& effects);
    void set_speaking(RoomId room, MemberId member, bool speaking, Effects& effects);
    void end_call(MemberId member, Effects& effects);

    const Member* member(MemberId id) const;
    const Room* room(RoomId id) const;
    const Room* room_named(std::string_view name) const;
    RoomSummary summary(const Room& room) const;
    std::vector<RoomSummary> summaries() const;  // by name
    std::size_t members() const;
    std::size_t rooms() const;
    bool name_is_free(std::string_view key) const;

    struct State;

private:
    std::unique_ptr<State> state_;
};

}  // namespace earshot::core
