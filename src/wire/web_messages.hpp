// Made by tools/generate_protocol.py from proto/messages.json. Edit that file, not this one.
// Ids and requests are 1 to 2^53 - 1, other numbers 0 to 2^53 - 1, times milliseconds since 1970 (UTC).
// proto/PROTOCOL.md tells what each message means.
#pragma once
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace earshot::wire::web {

inline constexpr std::int64_t kProtocol = 1;
inline constexpr std::size_t kMaxClientBytes = 64 * 1024;        // a longer message from a client is refused
inline constexpr std::size_t kMaxServerBytes = 8 * 1024 * 1024;  // a longer message from a server is refused

enum class ClientKind : std::uint8_t { browser, terminal, mumble, irc, socket, voix };
enum class Presence : std::uint8_t { here, quiet, reconnecting };
enum class LeaveReason : std::uint8_t { left, quit, lost, closing, removed };
enum class CallEndReason : std::uint8_t { left, replaced, failed, lost, room_left, closing };
enum class ClosingReason : std::uint8_t { shutdown, replaced, slow_reader, protocol_error, flood, idle, server_full };
enum class Refusal : std::uint8_t { bad_request, unknown_type, hello_first, version, name_invalid, name_taken, room_invalid, not_in_room, no_such_room, no_such_member, too_long, empty, flood, too_many_rooms, too_many_members, call_full, no_call, bad_sdp, not_saved, busy, session_unknown, not_allowed, removed };

std::string_view to_text(ClientKind value);
std::string_view to_text(Presence value);
std::string_view to_text(LeaveReason value);
std::string_view to_text(CallEndReason value);
std::string_view to_text(ClosingReason value);
std::string_view to_text(Refusal value);
// Nothing when the text is no value of that enumeration.
template <typename Enum>
std::optional<Enum> from_text(std::string_view text);
template <>
std::optional<ClientKind> from_text<ClientKind>(std::string_view text);
template <>
std::optional<Presence> from_text<Presence>(std::string_view text);
template <>
std::optional<LeaveReason> from_text<LeaveReason>(std::string_view text);
template <>
std::optional<CallEndReason> from_text<CallEndReason>(std::string_view text);
template <>
std::optional<ClosingReason> from_text<ClosingReason>(std::string_view text);
template <>
std::optional<Refusal> from_text<Refusal>(std::string_view text);

struct Person {
    std::uint64_t member = 0;
    std::string name;
    ClientKind client = ClientKind::browser;
    Presence presence = Presence::here;
    bool in_call = false;
    bool listen_only = false;
    bool muted = false;
    bool deafened = false;
    std::optional<bool> camera;
    std::optional<bool> share;
    std::optional<bool> operates;
    bool operator==(const Person&) const = default;
};

struct ChatMessage {
    std::uint64_t id = 0;
    std::int64_t time = 0;
    std::uint64_t member = 0;
    std::string name;
    std::string text;
    bool operator==(const ChatMessage&) const = default;
};

struct RoomSummary {
    std::string name;
    std::string topic;
    std::int64_t people = 0;
    std::int64_t in_call = 0;
    bool operator==(const RoomSummary&) const = default;
};

struct Slot {
    std::int64_t slot = 0;
    std::optional<std::uint64_t> member;
    bool operator==(const Slot&) const = default;
};

struct Tile {
    std::uint64_t member = 0;
    bool share = false;
    std::int64_t width = 0;
    std::int64_t height = 0;
    bool operator==(const Tile&) const = default;
};

struct VideoSlot {
    std::int64_t slot = 0;
    std::uint64_t member = 0;
    bool share = false;
    bool operator==(const VideoSlot&) const = default;
};

struct Limits {
    std::int64_t text_characters = 0;
    std::int64_t name_characters = 0;
    std::int64_t history_page = 0;
    std::int64_t messages_per_second = 0;
    std::int64_t audio_slots = 0;
    bool operator==(const Limits&) const = default;
};

namespace client {

struct Hello {
    std::int64_t request = 0;
    std::int64_t protocol = 0;
    std::string name;
    ClientKind kind = ClientKind::browser;
    std::optional<std::string> agent;
    std::optional<std::string> session;
    bool operator==(const Hello&) const = default;
};

struct Join {
    std::int64_t request = 0;
    std::string room;
    bool operator==(const Join&) const = default;
};

struct Leave {
    std::int64_t request = 0;
    std::string room;
    bool operator==(const Leave&) const = default;
};

struct Say {
    std::int64_t request = 0;
    std::string room;
    std::string text;
    std::string client_message_id;
    bool operator==(const Say&) const = default;
};

struct Direct {
    std::int64_t request = 0;
    std::uint64_t to = 0;
    std::string text;
    std::string client_message_id;
    bool operator==(const Direct&) const = default;
};

struct Typing {
    std::string room;
    bool operator==(const Typing&) const = default;
};

struct Topic {
    std::int64_t request = 0;
    std::string room;
    std::string topic;
    bool operator==(const Topic&) const = default;
};

struct Nick {
    std::int64_t request = 0;
    std::string name;
    bool operator==(const Nick&) const = default;
};

struct History {
    std::int64_t request = 0;
    std::string room;
    std::optional<std::uint64_t> before;
    std::optional<std::uint64_t> after;
    std::optional<std::int64_t> limit;
    bool operator==(const History&) const = default;
};

struct CallJoin {
    std::int64_t request = 0;
    std::string room;
    bool listen_only = false;
    bool muted = false;
    bool operator==(const CallJoin&) const = default;
};

struct CallAnswer {
    std::int64_t request = 0;
    std::uint64_t call = 0;
    std::string sdp;
    bool operator==(const CallAnswer&) const = default;
};

struct CallRestart {
    std::int64_t request = 0;
    std::uint64_t call = 0;
    bool operator==(const CallRestart&) const = default;
};

struct CallLeave {
    std::int64_t request = 0;
    bool operator==(const CallLeave&) const = default;
};

struct Voice {
    bool muted = false;
    bool deafened = false;
    bool operator==(const Voice&) const = default;
};

struct Video {
    std::int64_t request = 0;
    bool camera = false;
    bool share = false;
    bool operator==(const Video&) const = default;
};

struct View {
    std::vector<Tile> tiles;
    bool operator==(const View&) const = default;
};

struct Remove {
    std::int64_t request = 0;
    std::string room;
    std::uint64_t member = 0;
    std::optional<std::string> reason;
    bool operator==(const Remove&) const = default;
};

struct MuteMember {
    std::int64_t request = 0;
    std::string room;
    std::uint64_t member = 0;
    bool operator==(const MuteMember&) const = default;
};

struct Operate {
    std::int64_t request = 0;
    std::string key;
    bool operator==(const Operate&) const = default;
};

struct Ping {
    std::int64_t request = 0;
    bool operator==(const Ping&) const = default;
};

struct Quit {
    bool operator==(const Quit&) const = default;
};

using Message = std::variant<Hello, Join, Leave, Say, Direct, Typing, Topic, Nick, History, CallJoin, CallAnswer, CallRestart, CallLeave, Voice, Video, View, Remove, MuteMember, Operate, Ping, Quit>;

}  // namespace client

namespace server {

struct Welcome {
    std::int64_t request = 0;
    std::int64_t protocol = 0;
    std::string session;
    bool resumed = false;
    std::uint64_t member = 0;
    std::string name;
    std::string server;
    std::string version;
    Limits limits;
    std::vector<RoomSummary> rooms;
    std::vector<std::string> joined;
    bool operator==(const Welcome&) const = default;
};

struct Refused {
    std::optional<std::int64_t> request;
    Refusal code = Refusal::bad_request;
    std::string text;
    std::optional<std::string> suggestion;
    bool operator==(const Refused&) const = default;
};

struct Done {
    std::int64_t request = 0;
    bool operator==(const Done&) const = default;
};

struct Joined {
    std::optional<std::int64_t> request;
    std::string room;
    std::string topic;
    std::vector<Person> people;
    std::optional<std::uint64_t> last_message;
    std::vector<Slot> slots;
    std::optional<std::uint64_t> keeper;
    bool operator==(const Joined&) const = default;
};

struct Left {
    std::optional<std::int64_t> request;
    std::string room;
    bool operator==(const Left&) const = default;
};

struct PersonJoined {
    std::string room;
    Person person;
    bool operator==(const PersonJoined&) const = default;
};

struct PersonLeft {
    std::string room;
    std::uint64_t member = 0;
    std::string name;
    LeaveReason reason = LeaveReason::left;
    std::optional<std::string> by;
    std::optional<std::string> because;
    bool operator==(const PersonLeft&) const = default;
};

struct PersonChanged {
    std::string room;
    Person person;
    std::optional<std::string> old_name;
    bool operator==(const PersonChanged&) const = default;
};

struct RoomMessage {
    std::string room;
    ChatMessage message;
    bool operator==(const RoomMessage&) const = default;
};

struct Accepted {
    std::int64_t request = 0;
    std::string client_message_id;
    std::uint64_t id = 0;
    std::int64_t time = 0;
    bool operator==(const Accepted&) const = default;
};

struct Direct {
    std::uint64_t id = 0;
    std::int64_t time = 0;
    std::uint64_t from = 0;
    std::string from_name;
    std::uint64_t to = 0;
    std::string to_name;
    std::string text;
    bool operator==(const Direct&) const = default;
};

struct Typing {
    std::string room;
    std::uint64_t member = 0;
    bool operator==(const Typing&) const = default;
};

struct Topic {
    std::string room;
    std::string topic;
    std::string name;
    bool operator==(const Topic&) const = default;
};

struct History {
    std::int64_t request = 0;
    std::string room;
    std::vector<ChatMessage> messages;
    bool complete = false;
    bool operator==(const History&) const = default;
};

struct Keeper {
    std::string room;
    std::optional<std::uint64_t> member;
    std::optional<std::string> name;
    bool operator==(const Keeper&) const = default;
};

struct Removed {
    std::string room;
    std::uint64_t by = 0;
    std::string by_name;
    std::optional<std::string> because;
    bool operator==(const Removed&) const = default;
};

struct MutedBy {
    std::string room;
    std::uint64_t by = 0;
    std::string by_name;
    bool operator==(const MutedBy&) const = default;
};

struct RoomChanged {
    RoomSummary room;
    bool operator==(const RoomChanged&) const = default;
};

struct RoomGone {
    std::string name;
    bool operator==(const RoomGone&) const = default;
};

struct CallOffer {
    std::optional<std::int64_t> request;
    std::uint64_t call = 0;
    std::string room;
    std::string sdp;
    bool operator==(const CallOffer&) const = default;
};

struct CallSlots {
    std::string room;
    std::vector<Slot> slots;
    bool operator==(const CallSlots&) const = default;
};

struct VideoSlots {
    std::uint64_t call = 0;
    std::vector<VideoSlot> slots;
    bool operator==(const VideoSlots&) const = default;
};

struct Speaking {
    std::string room;
    std::uint64_t member = 0;
    bool speaking = false;
    bool operator==(const Speaking&) const = default;
};

struct CallEnded {
    std::uint64_t call = 0;
    std::string room;
    CallEndReason reason = CallEndReason::left;
    bool operator==(const CallEnded&) const = default;
};

struct Closing {
    ClosingReason reason = ClosingReason::shutdown;
    std::string text;
    std::optional<std::int64_t> retry_after_ms;
    bool operator==(const Closing&) const = default;
};

struct Pong {
    std::int64_t request = 0;
    bool operator==(const Pong&) const = default;
};

using Message = std::variant<Welcome, Refused, Done, Joined, Left, PersonJoined, PersonLeft, PersonChanged, RoomMessage, Accepted, Direct, Typing, Topic, History, Keeper, Removed, MutedBy, RoomChanged, RoomGone, CallOffer, CallSlots, VideoSlots, Speaking, CallEnded, Closing, Pong>;

}  // namespace server

// What was wrong with a message from outside. `text` is a sentence that names the field; `request` is
// there when it could be read, so that the sender can be answered.
struct DecodeError {
    enum class Kind : std::uint8_t { malformed, unknown_type, bad_field };
    Kind kind = Kind::malformed;
    std::optional<std::uint64_t> request;
    std::string text;
};

// One JSON object without white space. Bytes of a text that are no UTF-8 become U+FFFD.
std::string encode(const client::Message& message);
std::string encode(const client::Hello& message);
std::string encode(const client::Join& message);
std::string encode(const client::Leave& message);
std::string encode(const client::Say& message);
std::string encode(const client::Direct& message);
std::string encode(const client::Typing& message);
std::string encode(const client::Topic& message);
std::string encode(const client::Nick& message);
std::string encode(const client::History& message);
std::string encode(const client::CallJoin& message);
std::string encode(const client::CallAnswer& message);
std::string encode(const client::CallRestart& message);
std::string encode(const client::CallLeave& message);
std::string encode(const client::Voice& message);
std::string encode(const client::Video& message);
std::string encode(const client::View& message);
std::string encode(const client::Remove& message);
std::string encode(const client::MuteMember& message);
std::string encode(const client::Operate& message);
std::string encode(const client::Ping& message);
std::string encode(const client::Quit& message);
std::string encode(const server::Message& message);
std::string encode(const server::Welcome& message);
std::string encode(const server::Refused& message);
std::string encode(const server::Done& message);
std::string encode(const server::Joined& message);
std::string encode(const server::Left& message);
std::string encode(const server::PersonJoined& message);
std::string encode(const server::PersonLeft& message);
std::string encode(const server::PersonChanged& message);
std::string encode(const server::RoomMessage& message);
std::string encode(const server::Accepted& message);
std::string encode(const server::Direct& message);
std::string encode(const server::Typing& message);
std::string encode(const server::Topic& message);
std::string encode(const server::History& message);
std::string encode(const server::Keeper& message);
std::string encode(const server::Removed& message);
std::string encode(const server::MutedBy& message);
std::string encode(const server::RoomChanged& message);
std::string encode(const server::RoomGone& message);
std::string encode(const server::CallOffer& message);
std::string encode(const server::CallSlots& message);
std::string encode(const server::VideoSlots& message);
std::string encode(const server::Speaking& message);
std::string encode(const server::CallEnded& message);
std::string encode(const server::Closing& message);
std::string encode(const server::Pong& message);

std::expected<client::Message, DecodeError> decode_client(std::string_view json);
std::expected<server::Message, DecodeError> decode_server(std::string_view json);

}  // namespace earshot::wire::web
