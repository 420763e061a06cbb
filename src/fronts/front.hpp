// What every front is made of. A Session serves one connection: bytes and news in, requests and bytes out.
// It owns no socket and no member; whoever drives it carries the requests out and tells it the answers.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/bytes.hpp"
#include "base/deadline.hpp"
#include "base/shared_text.hpp"
#include "base/video_slots.hpp"
#include "core/command.hpp"
#include "core/event.hpp"
#include "fronts/fanout.hpp"

namespace earshot::fronts {

using core::Ticket;

// --- What a session asks for ---
struct Enter {  // become a member, or come back as one
    Ticket ticket = 0;
    std::string name;
    core::ClientKind client = core::ClientKind::kBrowser;
    std::string session_token;  // empty: somebody new
};
struct Act {
    Ticket ticket = 0;
    core::Command command;
};
struct AskHistory {
    Ticket ticket = 0;
    std::string room;
    MessageId before;
    MessageId after;
    std::uint32_t limit = 50;
};
struct AnswerCall {
    Ticket ticket = 0;
    PeerId call;
    std::string sdp;
};
struct RestartCall {
    Ticket ticket = 0;
    PeerId call;
};
// What he looks at now, the most important first: all of it, each time.
struct SeeVideo {
    std::vector<VideoTile> tiles;
};
// A talk of two people, or of a room, whose voice goes by datagrams of its own (Voix).
struct AskTalk {
    Ticket ticket = 0;
    MemberId with;     // or
    std::string room;  // everybody there who wants to
};
struct AnswerTalk {
    Ticket ticket = 0;
    std::string key;
    bool accept = false;
};
struct ProveOperator {  // by the key that only the operator's own disk has
    Ticket ticket = 0;
    std::string key;
};
struct CloseSession {  // after what was sent before
    std::uint16_t code = 1000;
    std::string reason;
    bool vanish = false;  // the member stays for a while, as when the network broke
};
// The front could not make sense of what came.
struct CountMalformed {};
using Request = std::variant<Enter, Act, AskHistory, AnswerCall, RestartCall, SeeVideo, AskTalk, AnswerTalk, ProveOperator, SharedText, CloseSession, CountMalformed>;

class SessionOutbox {
public:
    void ask(Request request) { requests_.push_back(std::move(request)); }
    void send(SharedText text) { requests_.emplace_back(std::move(text)); }
    void send(std::string text) { send(share(std::move(text))); }
    void close(std::uint16_t code, std::string reason) { requests_.emplace_back(CloseSession{code, std::move(reason), false}); }
    std::vector<Request> take() { return std::exchange(requests_, {}); }
    bool empty() const { return requests_.empty(); }

private:
    std::vector<Request> requests_;
};

// --- What a session is told, beside the core's events ---
struct Entered {
    Ticket ticket = 0;
    MemberId member;
    std::string name;
    std::string session_token;
    bool resumed = false;
    std::vector<core::RoomSummary> rooms;
    std::vector<std::string> joined;
};
struct EnterRefused {
    Ticket ticket = 0;
    core::Refusal refusal;
};
struct HistoryPage {
    Ticket ticket = 0;
    std::string room;
    std::vector<core::Message> messages;  // oldest first
    bool complete = false;
};
struct CallOffered {
    Ticket ticket = 0;
    PeerId call;
    std::string room;
    std::string sdp;
};
enum class CallEnd : std::uint8_t { kLeft, kReplaced, kFailed, kLost, kRoomLeft, kClosing };
struct CallOver {
    PeerId call;
    std::string room;
    CallEnd reason = CallEnd::kLeft;
};
struct CallRefused {
    Ticket ticket = 0;
    bool bad_sdp = false;
    std::string text;
};
struct CallAnswered {
    Ticket ticket = 0;
};
struct VideoSlotsShown {  // who is on which of his video slots
    PeerId call;
    std::array<VideoTile, kVideoSlots> slots{};
};
struct TalkAsked {     // to both sides
    std::string peer;  // the other one's name, or the room
    std::string key;
};
struct TalkSettled {  // accepted or not, by somebody or by time
    std::string key;
    bool accepted = false;
};
struct TalkRefused {
    Ticket ticket = 0;
    std::string text;
};
struct VoiceHere {  // a voice socket belongs to this text connection now, or no longer
    bool here = false;
};
using Notice = std::variant<VoiceHere, Entered, EnterRefused, HistoryPage, CallOffered, CallOver, CallRefused, CallAnswered, VideoSlotsShown, TalkAsked, TalkSettled, TalkRefused>;

// Why the house closes a connection, to be said in the peer's own protocol.
enum class Goodbye : std::uint8_t { kShutdown, kReplaced, kSlowReader, kProtocolError, kFlood, kIdle, kServerFull };

struct EventDelivery {
    Ticket ticket = 0;  // of this session's own request, when the event answers one
    const core::Event& event;
    Fanout& fanout;
};

class Session {
public:
    virtual ~Session() = default;
    virtual void opened(Now now, SessionOutbox& out) = 0;
    // Message doors: one whole message a call. Stream doors: bytes as they come.
    virtual void receive(Now now, Bytes bytes, SessionOutbox& out) = 0;
    virtual void deliver(Now now, const EventDelivery& delivery, SessionOutbox& out) = 0;
    virtual void notice(Now now, const Notice& notice, SessionOutbox& out) = 0;
    virtual void goodbye(Now now, Goodbye why, std::string_view text, SessionOutbox& out) = 0;
    virtual void tick(Now now, SessionOutbox& out) = 0;
    virtual Deadline deadline() const = 0;
    // Whether a broken connection may be resumed; otherwise its member leaves at once.
    virtual bool resumable() const = 0;
};

class Front {
public:
    virtual ~Front() = default;
    virtual std::unique_ptr<Session> open() = 0;
    // `pair`: which of several listeners, where a front's settings differ by that.
    virtual std::unique_ptr<Session> open_at(std::uint8_t) { return open(); }
};

}  // namespace earshot::fronts
