#include "fronts/web/encode_event.hpp"

#include "base/overloaded.hpp"

namespace earshot::fronts::web {
namespace {

namespace out = wire::web::server;

// The two enumerations have the same rows in the same order; these checks keep it so.
static_assert(static_cast<int>(core::ClientKind::kVoix) == static_cast<int>(wire::web::ClientKind::voix));
static_assert(static_cast<int>(core::Presence::kReconnecting) == static_cast<int>(wire::web::Presence::reconnecting));
static_assert(static_cast<int>(core::LeaveReason::kRemoved) == static_cast<int>(wire::web::LeaveReason::removed));
static_assert(static_cast<int>(CallEnd::kClosing) == static_cast<int>(wire::web::CallEndReason::closing));

std::int64_t number(std::size_t n) { return static_cast<std::int64_t>(n); }

std::optional<std::int64_t> request_of(Ticket ticket) { return ticket ? std::optional{static_cast<std::int64_t>(ticket)} : std::nullopt; }

// Told only where it is so.
std::optional<bool> when(bool on) { return on ? std::optional{true} : std::nullopt; }

std::optional<std::string> said(const std::string& text) { return text.empty() ? std::nullopt : std::optional{text}; }

std::optional<std::uint64_t> id_of(MemberId member) { return member ? std::optional{member.value} : std::nullopt; }

wire::web::Person person_message(const core::Person& p) {
    return {p.member.value, p.name, static_cast<wire::web::ClientKind>(p.client), static_cast<wire::web::Presence>(p.presence), p.in_call,
            p.listen_only, p.muted, p.deafened, when(p.camera), when(p.share), when(p.operates)};
}

wire::web::ChatMessage chat_message(const core::Message& m) { return {m.id.value, m.time_ms, m.sender.value, m.sender_name, m.text}; }

std::vector<wire::web::Slot> slot_messages(const RoomSlots& slots, MemberId listener) {
    std::vector<wire::web::Slot> list;
    const auto heard = slots_as_heard_by(listener, slots);
    for (std::size_t i = 0; i < heard.size(); ++i) list.push_back({number(i), heard[i] ? std::optional{heard[i].value} : std::nullopt});
    return list;
}

wire::web::Refusal code_message(core::RefusalCode code) {
    using C = core::RefusalCode;
    using W = wire::web::Refusal;
    switch (code) {
        case C::kNameInvalid: return W::name_invalid;
        case C::kNameTaken: return W::name_taken;
        case C::kRoomInvalid: return W::room_invalid;
        case C::kNotInRoom: return W::not_in_room;
        case C::kNoSuchRoom: return W::no_such_room;
        case C::kNoSuchMember: return W::no_such_member;
        case C::kTooLong: return W::too_long;
        case C::kEmpty: return W::empty;
        case C::kFlood: return W::flood;
        case C::kTooManyRooms: return W::too_many_rooms;
        case C::kTooManyMembers: return W::too_many_members;
        case C::kCallFull: return W::call_full;
        case C::kNoCall: return W::no_call;
        case C::kNotSaved: return W::not_saved;
        case C::kBusy: return W::busy;
        case C::kBadRequest: return W::bad_request;
        case C::kNotAllowed: return W::not_allowed;
        case C::kRemoved: return W::removed;
    }
    return W::bad_request;
}

using Text = std::optional<std::string>;

}  // namespace

std::optional<std::string> encode_for_all(const core::Event& event) {
    using wire::web::encode;
    return std::visit(
        overloaded{
            [](const core::PersonJoined& e) -> Text {
                return encode(out::PersonJoined{e.room_name, person_message(e.person)});
            },
            [](const core::PersonLeft& e) -> Text {
                return encode(
                    out::PersonLeft{e.room_name, e.member.value, e.name, static_cast<wire::web::LeaveReason>(e.reason), said(e.removed_by), said(e.because)});
            },
            [](const core::PersonChanged& e) -> Text {
                return encode(out::PersonChanged{e.room_name, person_message(e.person), e.old_name.empty() ? std::nullopt : std::optional{e.old_name}});
            },
            [](const core::MessageShown& e) -> Text {
                return encode(out::RoomMessage{e.room_name, chat_message(e.message)});
            },
            [](const core::DirectShown& e) -> Text {
                return encode(out::Direct{e.id.value, e.time_ms, e.from.value, e.from_name, e.to.value, e.to_name, e.text});
            },
            [](const core::TypingShown& e) -> Text {
                return encode(out::Typing{e.room_name, e.member.value});
            },
            [](const core::TopicChanged& e) -> Text {
                return encode(out::Topic{e.room_name, e.topic, e.name});
            },
            [](const core::KeeperChanged& e) -> Text {
                return encode(out::Keeper{e.room_name, id_of(e.keeper), said(e.name)});
            },
            [](const core::Removed& e) -> Text {
                return encode(out::Removed{e.room_name, e.by.value, e.by_name, said(e.because)});
            },
            [](const core::MutedBy& e) -> Text {
                return encode(out::MutedBy{e.room_name, e.by.value, e.by_name});
            },
            [](const core::RoomChanged& e) -> Text { return encode(out::RoomChanged{summary_message(e.room)}); },
            [](const core::RoomGone& e) -> Text { return encode(out::RoomGone{e.room_name}); },
            [](const core::SpeakingShown& e) -> Text {
                return encode(out::Speaking{e.room_name, e.member.value, e.speaking});
            },
            [](const auto&) -> Text { return std::nullopt; },
        },
        event);
}

std::string encode_joined(const core::Joined& joined, MemberId listener, Ticket ticket) {
    out::Joined message{request_of(ticket), joined.room_name, joined.topic, {}, std::nullopt, slot_messages(joined.slots, listener), id_of(joined.keeper)};
    for (const auto& p : joined.people) message.people.push_back(person_message(p));
    if (joined.last_message) message.last_message = joined.last_message.value;
    return wire::web::encode(message);
}

std::string encode_slots(const core::SlotsShown& slots, MemberId listener) {
    return wire::web::encode(out::CallSlots{slots.room_name, slot_messages(slots.slots, listener)});
}

std::string encode_refusal(const core::Refusal& refusal, Ticket ticket) {
    return wire::web::encode(out::Refused{request_of(ticket), code_message(refusal.code), refusal.text,
                                          refusal.suggestion.empty() ? std::nullopt : std::optional{refusal.suggestion}});
}

std::string encode_history(const HistoryPage& page) {
    out::History message{static_cast<std::int64_t>(page.ticket), page.room, {}, page.complete};
    for (const auto& m : page.messages) message.messages.push_back(chat_message(m));
    return wire::web::encode(message);
}

std::string encode_video_slots(const VideoSlotsShown& shown) {
    out::VideoSlots message{shown.call.value, {}};
    for (std::size_t slot = 0; slot < shown.slots.size(); ++slot) {
        const auto& source = shown.slots[slot].source;
        if (source.member) message.slots.push_back({number(slot), source.member.value, source.kind == VideoKind::kShare});
    }
    return wire::web::encode(message);
}

std::string encode_call_over(const CallOver& over) { return wire::web::encode(out::CallEnded{over.call.value, over.room, static_cast<wire::web::CallEndReason>(over.reason)}); }

wire::web::RoomSummary summary_message(const core::RoomSummary& room) { return {room.name, room.topic, number(room.people), number(room.in_call)}; }

core::ClientKind client_kind(wire::web::ClientKind kind) { return static_cast<core::ClientKind>(kind); }

}  // namespace earshot::fronts::web
