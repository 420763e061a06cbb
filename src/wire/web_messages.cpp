// Made by tools/generate_protocol.py from proto/messages.json. Edit that file, not this one.
#include "wire/web_messages.hpp"

#include <array>

#include "wire/json_fields.hpp"

namespace earshot::wire::web {

static constexpr std::array<std::string_view, 6> kClientKindTexts{"browser", "terminal", "mumble", "irc", "socket", "voix"};
static constexpr std::array<std::string_view, 3> kPresenceTexts{"here", "quiet", "reconnecting"};
static constexpr std::array<std::string_view, 5> kLeaveReasonTexts{"left", "quit", "lost", "closing", "removed"};
static constexpr std::array<std::string_view, 6> kCallEndReasonTexts{"left", "replaced", "failed", "lost", "room_left", "closing"};
static constexpr std::array<std::string_view, 7> kClosingReasonTexts{"shutdown", "replaced", "slow_reader", "protocol_error", "flood", "idle", "server_full"};
static constexpr std::array<std::string_view, 23> kRefusalTexts{"bad_request", "unknown_type", "hello_first", "version", "name_invalid", "name_taken", "room_invalid", "not_in_room", "no_such_room", "no_such_member", "too_long", "empty", "flood", "too_many_rooms", "too_many_members", "call_full", "no_call", "bad_sdp", "not_saved", "busy", "session_unknown", "not_allowed", "removed"};

std::string_view to_text(ClientKind value) { return kClientKindTexts[static_cast<std::size_t>(value)]; }
template <>
std::optional<ClientKind> from_text<ClientKind>(std::string_view text) { return json::enum_from<ClientKind>(kClientKindTexts, text); }
static std::span<const std::string_view> texts_of(ClientKind) { return kClientKindTexts; }
std::string_view to_text(Presence value) { return kPresenceTexts[static_cast<std::size_t>(value)]; }
template <>
std::optional<Presence> from_text<Presence>(std::string_view text) { return json::enum_from<Presence>(kPresenceTexts, text); }
static std::span<const std::string_view> texts_of(Presence) { return kPresenceTexts; }
std::string_view to_text(LeaveReason value) { return kLeaveReasonTexts[static_cast<std::size_t>(value)]; }
template <>
std::optional<LeaveReason> from_text<LeaveReason>(std::string_view text) { return json::enum_from<LeaveReason>(kLeaveReasonTexts, text); }
static std::span<const std::string_view> texts_of(LeaveReason) { return kLeaveReasonTexts; }
std::string_view to_text(CallEndReason value) { return kCallEndReasonTexts[static_cast<std::size_t>(value)]; }
template <>
std::optional<CallEndReason> from_text<CallEndReason>(std::string_view text) { return json::enum_from<CallEndReason>(kCallEndReasonTexts, text); }
static std::span<const std::string_view> texts_of(CallEndReason) { return kCallEndReasonTexts; }
std::string_view to_text(ClosingReason value) { return kClosingReasonTexts[static_cast<std::size_t>(value)]; }
template <>
std::optional<ClosingReason> from_text<ClosingReason>(std::string_view text) { return json::enum_from<ClosingReason>(kClosingReasonTexts, text); }
static std::span<const std::string_view> texts_of(ClosingReason) { return kClosingReasonTexts; }
std::string_view to_text(Refusal value) { return kRefusalTexts[static_cast<std::size_t>(value)]; }
template <>
std::optional<Refusal> from_text<Refusal>(std::string_view text) { return json::enum_from<Refusal>(kRefusalTexts, text); }
static std::span<const std::string_view> texts_of(Refusal) { return kRefusalTexts; }

template <typename A, typename B>
concept SameAs = std::same_as<std::remove_const_t<A>, B>;

template <SameAs<Person> M, typename F>
void each_field(M& m, F&& field) {
    field("member", m.member);
    field("name", m.name);
    field("client", m.client);
    field("presence", m.presence);
    field("in_call", m.in_call);
    field("listen_only", m.listen_only);
    field("muted", m.muted);
    field("deafened", m.deafened);
    field("camera", m.camera);
    field("share", m.share);
    field("operates", m.operates);
}

template <SameAs<ChatMessage> M, typename F>
void each_field(M& m, F&& field) {
    field("id", m.id);
    field("time", m.time);
    field("member", m.member);
    field("name", m.name);
    field("text", m.text);
}

template <SameAs<RoomSummary> M, typename F>
void each_field(M& m, F&& field) {
    field("name", m.name);
    field("topic", m.topic);
    field("people", m.people);
    field("in_call", m.in_call);
}

template <SameAs<Slot> M, typename F>
void each_field(M& m, F&& field) {
    field("slot", m.slot);
    field("member", m.member);
}

template <SameAs<Tile> M, typename F>
void each_field(M& m, F&& field) {
    field("member", m.member);
    field("share", m.share);
    field("width", m.width);
    field("height", m.height);
}

template <SameAs<VideoSlot> M, typename F>
void each_field(M& m, F&& field) {
    field("slot", m.slot);
    field("member", m.member);
    field("share", m.share);
}

template <SameAs<Limits> M, typename F>
void each_field(M& m, F&& field) {
    field("text_characters", m.text_characters);
    field("name_characters", m.name_characters);
    field("history_page", m.history_page);
    field("messages_per_second", m.messages_per_second);
    field("audio_slots", m.audio_slots);
}

namespace client {

template <SameAs<Hello> M, typename F>
void each_field(M& m, F&& field) {
    field("request", m.request);
    field("protocol", m.protocol);
    field("name", m.name);
    field("kind", m.kind);
    field("agent", m.agent);
    field("session", m.session);
}

template <SameAs<Join> M, typename F>
void each_field(M& m, F&& field) {
    field("request", m.request);
    field("room", m.room);
}

template <SameAs<Leave> M, typename F>
void each_field(M& m, F&& field) {
    field("request", m.request);
    field("room", m.room);
}

template <SameAs<Say> M, typename F>
void each_field(M& m, F&& field) {
    field("request", m.request);
    field("room", m.room);
    field("text", m.text);
    field("client_message_id", m.client_message_id);
}

template <SameAs<Direct> M, typename F>
void each_field(M& m, F&& field) {
    field("request", m.request);
    field("to", m.to);
    field("text", m.text);
    field("client_message_id", m.client_message_id);
}

template <SameAs<Typing> M, typename F>
void each_field(M& m, F&& field) {
    field("room", m.room);
}

template <SameAs<Topic> M, typename F>
void each_field(M& m, F&& field) {
    field("request", m.request);
    field("room", m.room);
    field("topic", m.topic);
}

template <SameAs<Nick> M, typename F>
void each_field(M& m, F&& field) {
    field("request", m.request);
    field("name", m.name);
}

template <SameAs<History> M, typename F>
void each_field(M& m, F&& field) {
    field("request", m.request);
    field("room", m.room);
    field("before", m.before);
    field("after", m.after);
    field("limit", m.limit);
}

template <SameAs<CallJoin> M, typename F>
void each_field(M& m, F&& field) {
    field("request", m.request);
    field("room", m.room);
    field("listen_only", m.listen_only);
    field("muted", m.muted);
}

template <SameAs<CallAnswer> M, typename F>
void each_field(M& m, F&& field) {
    field("request", m.request);
    field("call", m.call);
    field("sdp", m.sdp);
}

template <SameAs<CallRestart> M, typename F>
void each_field(M& m, F&& field) {
    field("request", m.request);
    field("call", m.call);
}

template <SameAs<CallLeave> M, typename F>
void each_field(M& m, F&& field) {
    field("request", m.request);
}

template <SameAs<Voice> M, typename F>
void each_field(M& m, F&& field) {
    field("muted", m.muted);
    field("deafened", m.deafened);
}

template <SameAs<Video> M, typename F>
void each_field(M& m, F&& field) {
    field("request", m.request);
    field("camera", m.camera);
    field("share", m.share);
}

template <SameAs<View> M, typename F>
void each_field(M& m, F&& field) {
    field("tiles", m.tiles);
}

template <SameAs<Remove> M, typename F>
void each_field(M& m, F&& field) {
    field("request", m.request);
    field("room", m.room);
    field("member", m.member);
    field("reason", m.reason);
}

template <SameAs<MuteMember> M, typename F>
void each_field(M& m, F&& field) {
    field("request", m.request);
    field("room", m.room);
    field("member", m.member);
}

template <SameAs<Operate> M, typename F>
void each_field(M& m, F&& field) {
    field("request", m.request);
    field("key", m.key);
}

template <SameAs<Ping> M, typename F>
void each_field(M& m, F&& field) {
    field("request", m.request);
}

template <SameAs<Quit> M, typename F>
void each_field(M&, F&&) {}

}  // namespace client

namespace server {

template <SameAs<Welcome> M, typename F>
void each_field(M& m, F&& field) {
    field("request", m.request);
    field("protocol", m.protocol);
    field("session", m.session);
    field("resumed", m.resumed);
    field("member", m.member);
    field("name", m.name);
    field("server", m.server);
    field("version", m.version);
    field("limits", m.limits);
    field("rooms", m.rooms);
    field("joined", m.joined);
}

template <SameAs<Refused> M, typename F>
void each_field(M& m, F&& field) {
    field("request", m.request);
    field("code", m.code);
    field("text", m.text);
    field("suggestion", m.suggestion);
}

template <SameAs<Done> M, typename F>
void each_field(M& m, F&& field) {
    field("request", m.request);
}

template <SameAs<Joined> M, typename F>
void each_field(M& m, F&& field) {
    field("request", m.request);
    field("room", m.room);
    field("topic", m.topic);
    field("people", m.people);
    field("last_message", m.last_message);
    field("slots", m.slots);
    field("keeper", m.keeper);
}

template <SameAs<Left> M, typename F>
void each_field(M& m, F&& field) {
    field("request", m.request);
    field("room", m.room);
}

template <SameAs<PersonJoined> M, typename F>
void each_field(M& m, F&& field) {
    field("room", m.room);
    field("person", m.person);
}

template <SameAs<PersonLeft> M, typename F>
void each_field(M& m, F&& field) {
    field("room", m.room);
    field("member", m.member);
    field("name", m.name);
    field("reason", m.reason);
    field("by", m.by);
    field("because", m.because);
}

template <SameAs<PersonChanged> M, typename F>
void each_field(M& m, F&& field) {
    field("room", m.room);
    field("person", m.person);
    field("old_name", m.old_name);
}

template <SameAs<RoomMessage> M, typename F>
void each_field(M& m, F&& field) {
    field("room", m.room);
    field("message", m.message);
}

template <SameAs<Accepted> M, typename F>
void each_field(M& m, F&& field) {
    field("request", m.request);
    field("client_message_id", m.client_message_id);
    field("id", m.id);
    field("time", m.time);
}

template <SameAs<Direct> M, typename F>
void each_field(M& m, F&& field) {
    field("id", m.id);
    field("time", m.time);
    field("from", m.from);
    field("from_name", m.from_name);
    field("to", m.to);
    field("to_name", m.to_name);
    field("text", m.text);
}

template <SameAs<Typing> M, typename F>
void each_field(M& m, F&& field) {
    field("room", m.room);
    field("member", m.member);
}

template <SameAs<Topic> M, typename F>
void each_field(M& m, F&& field) {
    field("room", m.room);
    field("topic", m.topic);
    field("name", m.name);
}

template <SameAs<History> M, typename F>
void each_field(M& m, F&& field) {
    field("request", m.request);
    field("room", m.room);
    field("messages", m.messages);
    field("complete", m.complete);
}

template <SameAs<Keeper> M, typename F>
void each_field(M& m, F&& field) {
    field("room", m.room);
    field("member", m.member);
    field("name", m.name);
}

template <SameAs<Removed> M, typename F>
void each_field(M& m, F&& field) {
    field("room", m.room);
    field("by", m.by);
    field("by_name", m.by_name);
    field("because", m.because);
}

template <SameAs<MutedBy> M, typename F>
void each_field(M& m, F&& field) {
    field("room", m.room);
    field("by", m.by);
    field("by_name", m.by_name);
}

template <SameAs<RoomChanged> M, typename F>
void each_field(M& m, F&& field) {
    field("room", m.room);
}

template <SameAs<RoomGone> M, typename F>
void each_field(M& m, F&& field) {
    field("name", m.name);
}

template <SameAs<CallOffer> M, typename F>
void each_field(M& m, F&& field) {
    field("request", m.request);
    field("call", m.call);
    field("room", m.room);
    field("sdp", m.sdp);
}

template <SameAs<CallSlots> M, typename F>
void each_field(M& m, F&& field) {
    field("room", m.room);
    field("slots", m.slots);
}

template <SameAs<VideoSlots> M, typename F>
void each_field(M& m, F&& field) {
    field("call", m.call);
    field("slots", m.slots);
}

template <SameAs<Speaking> M, typename F>
void each_field(M& m, F&& field) {
    field("room", m.room);
    field("member", m.member);
    field("speaking", m.speaking);
}

template <SameAs<CallEnded> M, typename F>
void each_field(M& m, F&& field) {
    field("call", m.call);
    field("room", m.room);
    field("reason", m.reason);
}

template <SameAs<Closing> M, typename F>
void each_field(M& m, F&& field) {
    field("reason", m.reason);
    field("text", m.text);
    field("retry_after_ms", m.retry_after_ms);
}

template <SameAs<Pong> M, typename F>
void each_field(M& m, F&& field) {
    field("request", m.request);
}

}  // namespace server

std::string encode(const client::Hello& m) { return json::encode("hello", m); }
std::string encode(const client::Join& m) { return json::encode("join", m); }
std::string encode(const client::Leave& m) { return json::encode("leave", m); }
std::string encode(const client::Say& m) { return json::encode("say", m); }
std::string encode(const client::Direct& m) { return json::encode("direct", m); }
std::string encode(const client::Typing& m) { return json::encode("typing", m); }
std::string encode(const client::Topic& m) { return json::encode("topic", m); }
std::string encode(const client::Nick& m) { return json::encode("nick", m); }
std::string encode(const client::History& m) { return json::encode("history", m); }
std::string encode(const client::CallJoin& m) { return json::encode("call_join", m); }
std::string encode(const client::CallAnswer& m) { return json::encode("call_answer", m); }
std::string encode(const client::CallRestart& m) { return json::encode("call_restart", m); }
std::string encode(const client::CallLeave& m) { return json::encode("call_leave", m); }
std::string encode(const client::Voice& m) { return json::encode("voice", m); }
std::string encode(const client::Video& m) { return json::encode("video", m); }
std::string encode(const client::View& m) { return json::encode("view", m); }
std::string encode(const client::Remove& m) { return json::encode("remove", m); }
std::string encode(const client::MuteMember& m) { return json::encode("mute_member", m); }
std::string encode(const client::Operate& m) { return json::encode("operate", m); }
std::string encode(const client::Ping& m) { return json::encode("ping", m); }
std::string encode(const client::Quit& m) { return json::encode("quit", m); }
std::string encode(const client::Message& message) {
    return std::visit([](const auto& m) { return encode(m); }, message);
}
std::expected<client::Message, DecodeError> decode_client(std::string_view text) {
    using Entry = json::Entry<client::Message, DecodeError>;
    static constexpr std::array entries{
        Entry{"hello", &json::decode_as<client::Message, client::Hello, DecodeError>},
        Entry{"join", &json::decode_as<client::Message, client::Join, DecodeError>},
        Entry{"leave", &json::decode_as<client::Message, client::Leave, DecodeError>},
        Entry{"say", &json::decode_as<client::Message, client::Say, DecodeError>},
        Entry{"direct", &json::decode_as<client::Message, client::Direct, DecodeError>},
        Entry{"typing", &json::decode_as<client::Message, client::Typing, DecodeError>},
        Entry{"topic", &json::decode_as<client::Message, client::Topic, DecodeError>},
        Entry{"nick", &json::decode_as<client::Message, client::Nick, DecodeError>},
        Entry{"history", &json::decode_as<client::Message, client::History, DecodeError>},
        Entry{"call_join", &json::decode_as<client::Message, client::CallJoin, DecodeError>},
        Entry{"call_answer", &json::decode_as<client::Message, client::CallAnswer, DecodeError>},
        Entry{"call_restart", &json::decode_as<client::Message, client::CallRestart, DecodeError>},
        Entry{"call_leave", &json::decode_as<client::Message, client::CallLeave, DecodeError>},
        Entry{"voice", &json::decode_as<client::Message, client::Voice, DecodeError>},
        Entry{"video", &json::decode_as<client::Message, client::Video, DecodeError>},
        Entry{"view", &json::decode_as<client::Message, client::View, DecodeError>},
        Entry{"remove", &json::decode_as<client::Message, client::Remove, DecodeError>},
        Entry{"mute_member", &json::decode_as<client::Message, client::MuteMember, DecodeError>},
        Entry{"operate", &json::decode_as<client::Message, client::Operate, DecodeError>},
        Entry{"ping", &json::decode_as<client::Message, client::Ping, DecodeError>},
        Entry{"quit", &json::decode_as<client::Message, client::Quit, DecodeError>},
    };
    return json::decode<client::Message, DecodeError>(text, kMaxClientBytes, entries);
}

std::string encode(const server::Welcome& m) { return json::encode("welcome", m); }
std::string encode(const server::Refused& m) { return json::encode("refused", m); }
std::string encode(const server::Done& m) { return json::encode("done", m); }
std::string encode(const server::Joined& m) { return json::encode("joined", m); }
std::string encode(const server::Left& m) { return json::encode("left", m); }
std::string encode(const server::PersonJoined& m) { return json::encode("person_joined", m); }
std::string encode(const server::PersonLeft& m) { return json::encode("person_left", m); }
std::string encode(const server::PersonChanged& m) { return json::encode("person_changed", m); }
std::string encode(const server::RoomMessage& m) { return json::encode("message", m); }
std::string encode(const server::Accepted& m) { return json::encode("accepted", m); }
std::string encode(const server::Direct& m) { return json::encode("direct", m); }
std::string encode(const server::Typing& m) { return json::encode("typing", m); }
std::string encode(const server::Topic& m) { return json::encode("topic", m); }
std::string encode(const server::History& m) { return json::encode("history", m); }
std::string encode(const server::Keeper& m) { return json::encode("keeper", m); }
std::string encode(const server::Removed& m) { return json::encode("removed", m); }
std::string encode(const server::MutedBy& m) { return json::encode("muted_by", m); }
std::string encode(const server::RoomChanged& m) { return json::encode("room_changed", m); }
std::string encode(const server::RoomGone& m) { return json::encode("room_gone", m); }
std::string encode(const server::CallOffer& m) { return json::encode("call_offer", m); }
std::string encode(const server::CallSlots& m) { return json::encode("call_slots", m); }
std::string encode(const server::VideoSlots& m) { return json::encode("video_slots", m); }
std::string encode(const server::Speaking& m) { return json::encode("speaking", m); }
std::string encode(const server::CallEnded& m) { return json::encode("call_ended", m); }
std::string encode(const server::Closing& m) { return json::encode("closing", m); }
std::string encode(const server::Pong& m) { return json::encode("pong", m); }
std::string encode(const server::Message& message) {
    return std::visit([](const auto& m) { return encode(m); }, message);
}
std::expected<server::Message, DecodeError> decode_server(std::string_view text) {
    using Entry = json::Entry<server::Message, DecodeError>;
    static constexpr std::array entries{
        Entry{"welcome", &json::decode_as<server::Message, server::Welcome, DecodeError>},
        Entry{"refused", &json::decode_as<server::Message, server::Refused, DecodeError>},
        Entry{"done", &json::decode_as<server::Message, server::Done, DecodeError>},
        Entry{"joined", &json::decode_as<server::Message, server::Joined, DecodeError>},
        Entry{"left", &json::decode_as<server::Message, server::Left, DecodeError>},
        Entry{"person_joined", &json::decode_as<server::Message, server::PersonJoined, DecodeError>},
        Entry{"person_left", &json::decode_as<server::Message, server::PersonLeft, DecodeError>},
        Entry{"person_changed", &json::decode_as<server::Message, server::PersonChanged, DecodeError>},
        Entry{"message", &json::decode_as<server::Message, server::RoomMessage, DecodeError>},
        Entry{"accepted", &json::decode_as<server::Message, server::Accepted, DecodeError>},
        Entry{"direct", &json::decode_as<server::Message, server::Direct, DecodeError>},
        Entry{"typing", &json::decode_as<server::Message, server::Typing, DecodeError>},
        Entry{"topic", &json::decode_as<server::Message, server::Topic, DecodeError>},
        Entry{"history", &json::decode_as<server::Message, server::History, DecodeError>},
        Entry{"keeper", &json::decode_as<server::Message, server::Keeper, DecodeError>},
        Entry{"removed", &json::decode_as<server::Message, server::Removed, DecodeError>},
        Entry{"muted_by", &json::decode_as<server::Message, server::MutedBy, DecodeError>},
        Entry{"room_changed", &json::decode_as<server::Message, server::RoomChanged, DecodeError>},
        Entry{"room_gone", &json::decode_as<server::Message, server::RoomGone, DecodeError>},
        Entry{"call_offer", &json::decode_as<server::Message, server::CallOffer, DecodeError>},
        Entry{"call_slots", &json::decode_as<server::Message, server::CallSlots, DecodeError>},
        Entry{"video_slots", &json::decode_as<server::Message, server::VideoSlots, DecodeError>},
        Entry{"speaking", &json::decode_as<server::Message, server::Speaking, DecodeError>},
        Entry{"call_ended", &json::decode_as<server::Message, server::CallEnded, DecodeError>},
        Entry{"closing", &json::decode_as<server::Message, server::Closing, DecodeError>},
        Entry{"pong", &json::decode_as<server::Message, server::Pong, DecodeError>},
    };
    return json::decode<server::Message, DecodeError>(text, kMaxServerBytes, entries);
}

}  // namespace earshot::wire::web
