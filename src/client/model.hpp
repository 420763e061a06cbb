// What this member knows of the house, as plain values: the screen draws it, the line mode prints from it, tests compare it.
// Everything that others wrote (names, topics, messages, server sentences) has passed safe_text on its way in, so it
// holds no control or escape characters; messages alone may hold newlines.
#pragma once
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/time.hpp"
#include "wire/web_messages.hpp"

namespace earshot::client {

// How much of the past is kept in memory, oldest dropped first.
inline constexpr std::size_t kMaxLines = 2000;   // per room
inline constexpr std::size_t kMaxNotices = 100;  // for the member alone
inline constexpr float kSilence = -96.0f;        // dBFS, the lowest a meter shows

enum class Link : std::uint8_t {
    kConnecting,  // for the first time
    kGreeting,    // connected, waits for welcome
    kConnected,
    kReconnecting,  // was connected; `retry_at` says when it is tried again
    kClosed,        // over for good; `link_text` says why
};

struct Person {
    std::uint64_t member = 0;
    std::string name{};
    wire::web::ClientKind client = wire::web::ClientKind::browser;
    wire::web::Presence presence = wire::web::Presence::here;
    bool in_call = false, listen_only = false, muted = false, deafened = false;
    bool speaking = false;
    int volume_percent = 100;     // how loud he is here, 0 to 200
    float level_dbfs = kSilence;  // of what is heard of him now
    Time typing_until{};          // he types until then
    bool operator==(const Person&) const = default;
};

// One entry of a room's log.
struct Line {
    enum class Kind : std::uint8_t {
        kMessage,  // `name` said `text`
        kAction,   // /me: `name` `text`
        kEvent,    // somebody came, went, spoke; `text` is a whole sentence
        kDirect,   // a private message, `name` to `to_name`
        kNotice,   // for this member alone: an answer to a command, an error
    };
    Kind kind = Kind::kMessage;
    std::uint64_t id = 0;  // 0: not the server's (an event, a notice, a message on its way)
    WallMs time = 0;
    std::uint64_t member = 0;  // who said it
    std::string name{};
    std::string to_name{};  // kDirect only
    std::string text{};
    bool own = false;
    bool mention = false;     // names this member
    bool pending = false;     // said here, not yet accepted
    bool failed = false;      // refused, or the connection ended for good
    std::uint64_t token = 0;  // pending and failed ones: which
    bool operator==(const Line&) const = default;
};

struct Room {
    std::string name{};  // with its '#'
    std::string topic{};
    int people_count = 0, in_call_count = 0;  // as the server tells of every room
    bool joined = false;
    std::map<std::uint64_t, Person> people{};  // of a joined room, by member
    std::deque<Line> lines{};                  // oldest first
    std::uint64_t read_to = 0;                 // the "new" divider stands behind this message
    int unread = 0, mentions = 0;
    bool complete = false;  // the beginning of the history is in `lines`
    bool fetching = false;  // a page of history is on its way
};

enum class CallState : std::uint8_t { kNone, kJoining, kConnecting, kConnected, kReconnecting };
enum class Route : std::uint8_t { kNone, kUdp, kTcp };

struct Call {
    CallState state = CallState::kNone;
    std::string room{};
    Route route = Route::kNone;
    std::optional<int> round_trip_ms{};
    float loss_percent = 0;              // what arrives here, over the last seconds
    int quality = 0;                     // 0 unknown, 1 bad to 4 good: bars
    std::vector<std::uint64_t> slots{};  // member on each audio slot, 0: silent
};

// How the microphone is let through.
enum class TalkMode : std::uint8_t { kVoice, kPushToTalk };
// What push-to-talk can do in this terminal (docs/terminal.md).
enum class PushLevel : std::uint8_t { kHold, kToggle, kRepeat };

struct Voice {
    bool available = false;         // sound was asked for and opened
    std::string input{}, output{};  // names of the devices
    bool muted = false, deafened = false;
    TalkMode mode = TalkMode::kVoice;
    PushLevel push_level = PushLevel::kToggle;
    bool pushed = false;      // push-to-talk is held or switched on
    bool hands_free = false;  // a talk begun by [audio], until silence ends it
    bool sending = false;     // the microphone is on the air now
    float microphone_dbfs = kSilence, microphone_peak_dbfs = kSilence;
    float gate_dbfs = -40;  // voice opens the gate above this
    bool gate_open = false;
    int master_percent = 100;  // of everything heard
};

// Must be answered before anything else goes on: whether a certificate that nobody vouches for is to be trusted.
// The screen shows it over everything and hands back an action::Answer; other faces ask in their own way.
struct Question {
    std::string title{};
    std::string text{};       // may hold newlines: a fingerprint stands on a line of its own
    std::string yes{}, no{};  // what each answer does: "trust it from now on", "leave"
    bool operator==(const Question&) const = default;
};

// A look at one's own sound, page by page (/audio-wizard, /test-mic): what is asked now, and what is measured meanwhile. The screen shows it
// over everything, the line mode says it; the answers are action::CheckAnswer.
struct SoundPanel {
    struct Choice {
        std::string name{}, note{};
        bool chosen = false;
        bool operator==(const Choice&) const = default;
    };
    bool offer = false;       // asks only whether to begin; whoever writes on has answered
    int step = 0, steps = 0;  // of how many; 0: there is but one page
    std::string title{}, text{};
    std::vector<Choice> choices{};  // answered by their number, from 1
    bool meter = false;
    float level_dbfs = kSilence, peak_dbfs = kSilence;
    std::optional<float> gate_dbfs{};
    std::optional<float> done{};                              // 0 to 1 of what is being waited for
    std::string trouble{};                                    // what is wrong, and what to do about it
    std::vector<std::pair<std::string, std::string>> keys{};  // what else can be answered, and what it does
    int page = 0;                                             // grows when there is something new to say
    bool operator==(const SoundPanel&) const = default;
};
// The same in sentences, for those who hear or read lines. `before`: what was said last, if anything: of the same page only what is new.
std::vector<std::string> spoken(const SoundPanel& panel, const SoundPanel* before = nullptr);

struct Model {
    // --- the server
    Link link = Link::kConnecting;
    std::string link_text{};  // a sentence for people: why it is being tried again, why it ended
    Time retry_at{};
    std::string host{};   // as typed: "demo.example", "localhost:8080"
    bool secure = false;  // https
    std::string server_name{}, server_version{};
    std::uint64_t member = 0;  // this member
    std::string name{};
    wire::web::Limits limits{};

    std::optional<Question> question{};
    std::optional<SoundPanel> sound{};

    // --- rooms
    std::vector<Room> rooms{};   // sorted by name; Alt+1..9 are the first nine joined ones
    std::string current{};       // the room that is shown; empty before the first is joined
    std::deque<Line> notices{};  // before there is a room to show them in

    // --- voice
    Call call{};
    Voice voice{};

    std::uint64_t version = 0;  // grows with every change: a screen that has drawn it need not look again

    Room* find_room(std::string_view room);
    const Room* find_room(std::string_view room) const;
    const Room* current_room() const { return find_room(current); }
    // By member in any joined room.
    const Person* find_person(std::uint64_t who) const;
};

}  // namespace earshot::client
