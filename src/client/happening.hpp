// What happened, one value a thing: the line mode prints each, a bot reads them. Text in them is safe for a terminal.
#pragma once
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "client/model.hpp"

namespace earshot::client {

// docs/terminal.md, "Exit codes".
inline constexpr int kExitFine = 0;
inline constexpr int kExitError = 1;
inline constexpr int kExitUsage = 2;
inline constexpr int kExitRefused = 3;  // the server refused us, or we do not trust it
inline constexpr int kExitNetwork = 4;
inline constexpr int kExitSound = 5;
inline constexpr int kExitInterrupted = 130;

namespace happening {

struct Connected {
    std::string server, version, name;
    std::uint64_t member = 0;
    bool resumed = false;
};
struct Lost {
    std::string text;
    std::int64_t retry_ms = 0;
};  // it is tried again by itself
struct Closed {
    std::string text;
    int exit_code = 0;
};  // for good
struct Joined {
    std::string room, topic;
    std::vector<Person> people;
};
struct Left {
    std::string room;
};
struct Said {
    std::string room;
    Line line;
    bool history = false;
};  // history: from before one came
struct Private {
    Line line;
};
struct Accepted {
    std::string room;
    std::uint64_t id = 0;
    WallMs time = 0;
};  // what one said is kept
struct PersonJoined {
    std::string room;
    Person person;
};
struct PersonLeft {
    std::string room;
    std::uint64_t member = 0;
    std::string name, reason;
    std::string by{}, because{};  // of one who was removed
};
struct Removed {
    std::string room, by, because;
};  // oneself, by somebody who may
struct MutedBy {
    std::string room, by;
};  // oneself
struct Keeper {
    std::string room;
    std::uint64_t member = 0;
    std::string name;
};  // 0: nobody
struct PersonRenamed {
    std::string room;
    std::uint64_t member = 0;
    std::string old_name, name;
};
struct PersonChanged {
    std::string room;
    Person before, person;
};  // presence, call, muted, deafened
struct TopicChanged {
    std::string room, topic, name;
};
struct Typing {
    std::string room;
    std::uint64_t member = 0;
    std::string name;
};
struct Speaking {
    std::string room;
    std::uint64_t member = 0;
    std::string name;
    bool speaking = false;
};
struct CallChanged {
    std::string room;
    CallState state = CallState::kNone;
    Route route = Route::kNone;
    std::string text;
};
struct People {
    std::string room;
    std::vector<Person> people;
};  // the answer to /who
struct Notice {
    std::string text;
};
struct Error {
    std::string text, code;
};

}  // namespace happening

using Happening = std::variant<happening::Connected, happening::Lost, happening::Closed, happening::Joined, happening::Left, happening::Said,
                               happening::Private, happening::Accepted, happening::PersonJoined, happening::PersonLeft, happening::Removed, happening::MutedBy,
                               happening::Keeper, happening::PersonRenamed, happening::PersonChanged, happening::TopicChanged, happening::Typing,
                               happening::Speaking, happening::CallChanged, happening::People, happening::Notice, happening::Error>;

}  // namespace earshot::client
