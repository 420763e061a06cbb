#include "core/hub.hpp"

#include <algorithm>

#include "base/check.hpp"
#include "base/overloaded.hpp"
#include "core/house.hpp"
#include "core/verb_table.hpp"

namespace earshot::core {

Hub::Hub(HubLimits limits) : state_(std::make_unique<State>(limits)) {}
Hub::~Hub() = default;

void Hub::restore(const std::vector<RestoredRoom>& rooms, MessageId highest_message, RoomId highest_room, MemberId highest_member) {
    ENSURE(state_->members.empty());
    state_->last_message = std::max(state_->last_message, highest_message.value);
    state_->last_room = std::max(state_->last_room, highest_room.value);
    state_->last_member = std::max(state_->last_member, highest_member.value);
    // The latest of one name first: an earlier one was dropped while it was empty, and the disk failed to note that.
    auto latest_first = rooms;
    std::ranges::sort(latest_first, std::ranges::greater{}, [](const RestoredRoom& stored) { return stored.room.value; });
    for (const auto& stored : latest_first) {
        const auto name = read_room_name(stored.name);
        if (!name || state_->room_names.contains(name->key)) continue;
        Room room{stored.room, stored.name, name->key};
        room.restore_topic(stored.topic);
        room.restore_last_message(stored.last_message);
        state_->room_names.emplace(name->key, stored.room);
        state_->rooms.emplace(stored.room, std::move(room));
        state_->last_room = std::max(state_->last_room, stored.room.value);
    }
}

std::expected<MemberId, Refusal> Hub::enter(std::string_view name, ClientKind client, MemberId known, std::string origin) {
    if (state_->members.size() >= state_->limits.members)
        return std::unexpected(Refusal{RefusalCode::kTooManyMembers, "The server is full; try again later.", {}});
    auto read = read_nickname(name);
    if (!read) return std::unexpected(read.error());
    if (state_->names.contains(read->key)) {
        Refusal taken{RefusalCode::kNameTaken, "Somebody here has that name, or one that looks like it; choose another.", {}};
        for (int n = 2; n < 100 && taken.suggestion.empty(); ++n) {
            const auto other = read_nickname(read->shown + std::to_string(n));
            if (!other) break;
            if (!state_->names.contains(other->key)) taken.suggestion = other->shown;
        }
        return std::unexpected(std::move(taken));
    }
    ENSURE(!known || !state_->members.contains(known));
    const MemberId id = known ? known : MemberId{++state_->last_member};
    const auto& limits = state_->limits;
    Member member{.id = id,
                  .name = read->shown,
                  .key = read->key,
                  .client = client,
                  .rooms = {},
                  .call = {},
                  .origin = std::move(origin),
                  .talk = TokenBucket{limits.messages_per_second, limits.message_burst},
                  .sent = {}};
    state_->names.emplace(member.key, id);
    state_->members.emplace(id, std::move(member));
    return id;
}

void Hub::apply(Now now, MemberId id, Ticket ticket, const Command& command, Effects& effects) {
    const auto found = state_->members.find(id);
    if (found == state_->members.end()) return;
    Turn turn{*state_, now, found->second, ticket, effects};
    carry_out(turn, command);
}

namespace {

void answer_senders(Hub::State& house, const PendingEntry& pending, const EntryOutcome& outcome, Effects& effects) {
    const auto sender = house.members.find(pending.sender);
    if (sender == house.members.end()) return;
    auto& sent = sender->second.sent;
    const auto found = std::ranges::find_if(sent, [&](const SentLately& s) { return !s.stored && s.client_message_id == pending.client_message_id; });
    if (found == sent.end()) return;
    if (std::holds_alternative<EntryFailed>(outcome)) {
        for (const auto ticket : found->waiting)
            effects.refuse(sender->first, ticket,
                           {RefusalCode::kNotSaved, "The message could not be saved and was not sent; try again, and tell the operator if it goes on.", {}});
        sent.erase(found);
        return;
    }
    if (const auto* first = std::get_if<EntryDuplicate>(&outcome)) {
        found->id = first->id;
        found->time_ms = first->time_ms;
    }
    found->stored = true;
    for (const auto ticket : found->waiting) effects.tell(sender->first, ticket, Accepted{found->client_message_id, found->id, found->time_ms});
    found->waiting.clear();
}

}  // namespace

void Hub::committed(EntryId entry, const EntryOutcome& outcome, Effects& effects) {
    ENSURE(!state_->pending.empty() && state_->pending.front().entry == entry);
    const auto pending = std::move(state_->pending.front());
    state_->pending.pop_front();
    const bool stored = std::holds_alternative<EntryStored>(outcome);
    if (!pending.client_message_id.empty())
        answer_senders(*state_, pending, outcome, effects);
    else if (pending.ticket && !stored && state_->members.contains(pending.sender))
        effects.refuse(pending.sender, pending.ticket, {RefusalCode::kNotSaved, "The topic could not be saved and stays as it was.", {}});
    else if (pending.ticket && state_->members.contains(pending.sender))
        effects.tell(pending.sender, pending.ticket, Done{});
    const auto room = state_->rooms.find(pending.room);
    if (room == state_->rooms.end()) return;
    if (!pending.sender && std::holds_alternative<EntryFailed>(outcome)) room->second.row_lost = true;
    room->second.settle(entry, stored, effects);
    state_->drop_if_empty(pending.room, effects);
}

void Hub::set_presence(MemberId id, Presence presence, Effects& effects) {
    const auto found = state_->members.find(id);
    if (found == state_->members.end() || found->second.presence == presence) return;
    found->second.presence = presence;
    state_->show_change(found->second, {}, effects);
}

void Hub::make_operator(MemberId id, Effects& effects) {
    const auto found = state_->members.find(id);
    if (found == state_->members.end() || std::exchange(found->second.operates, true)) return;
    state_->show_change(found->second, {}, effects);
}

void Hub::forget(MemberId id, Effects& effects) {
    if (!state_->members.contains(id)) state_->pass_on_all_of(id, effects);
}

void Hub::forget_tickets(MemberId id) {
    for (auto& pending : state_->pending)
        if (pending.sender == id) pending.ticket = 0;
    const auto found = state_->members.find(id);
    if (found == state_->members.end()) return;
    for (auto& sent : found->second.sent) sent.waiting.clear();
    for (const auto room : found->second.rooms) state_->rooms.at(room).forget_ticket(id);
}

void Hub::show_rooms_again(MemberId id, Effects& effects) const {
    const auto& member = state_->members.at(id);
    for (const auto room_id : member.rooms) {
        const auto& room = state_->rooms.at(room_id);
        // A join that still waits for the disk will tell him by itself.
        if (std::ranges::find(room.people(), id, &Person::member) == room.people().end()) continue;
        effects.tell(id, 0, Joined{room_id, room.name(), room.topic(), room.people(), room.last_message(), room.slots, room.keeper()});
    }
    if (member.unaware()) effects.tell(id, 0, *member.silenced);
}

void Hub::set_slots(RoomId id, const RoomSlots& slots, Effects& effects) {
    const auto found = state_->rooms.find(id);
    if (found == state_->rooms.end()) return;
    found->second.slots = slots;
    found->second.tell_now(SlotsShown{found->second.name(), slots}, {}, effects);
}

void Hub::set_speaking(RoomId id, MemberId member, bool speaking, Effects& effects) {
    const auto found = state_->rooms.find(id);
    if (found == state_->rooms.end() || !found->second.has(member)) return;
    found->second.tell_now(SpeakingShown{found->second.name(), member, speaking}, {}, effects);
}

void Hub::end_call(MemberId id, Effects& effects) {
    const auto found = state_->members.find(id);
    if (found != state_->members.end()) state_->leave_call(found->second, CallLeftWhy::kEnded, effects);
}

const Member* Hub::member(MemberId id) const {
    const auto found = state_->members.find(id);
    return found == state_->members.end() ? nullptr : &found->second;
}

const Room* Hub::room(RoomId id) const {
    const auto found = state_->rooms.find(id);
    return found == state_->rooms.end() ? nullptr : &found->second;
}

const Room* Hub::room_named(std::string_view name) const { return state_->find_room(name); }

RoomSummary Hub::summary(const Room& room) const {
    const auto in_call = std::ranges::count_if(room.people(), &Person::in_call);
    return {room.name(), room.topic(), room.people().size(), static_cast<std::size_t>(in_call)};
}

std::vector<RoomSummary> Hub::summaries() const {
    std::vector<RoomSummary> all;
    for (const auto& [key, id] : state_->room_names) all.push_back(summary(state_->rooms.at(id)));
    return all;
}

std::size_t Hub::members() const { return state_->members.size(); }
std::size_t Hub::rooms() const { return state_->rooms.size(); }
bool Hub::name_is_free(std::string_view key) const { return !state_->names.contains(std::string(key)); }

}  // namespace earshot::core
