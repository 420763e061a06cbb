// The rooms as the server tells of them: who is there, what was said, each message exactly once and in the room's one order,
// however often the connection broke in between. Writes into the model and tells what happened.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "client/effect.hpp"
#include "client/model.hpp"
#include "wire/web_messages.hpp"

namespace earshot::client {

class RoomBook {
public:
    static constexpr std::size_t kMostEarly = 2000;     // live messages that wait while older ones are fetched
    static constexpr std::size_t kMostRooms = 5000;     // names that the server may tell us
    static constexpr std::size_t kMostPeople = 20'000;  // in one room
    static constexpr Duration kTypingLasts = 6s;

    // `tell_history`: whether the newest page of a room that one enters is asked for.
    RoomBook(Model& model, bool tell_history) : model_(model), tell_history_(tell_history) {}

    void welcomed(const wire::web::server::Welcome& welcome);
    void joined(Now now, const wire::web::server::Joined& joined, Outbox& out);
    void left(const std::string& room, Outbox& out);
    // The connection is gone: what was on its way is asked for again once it is back.
    void lost();
    void room_changed(const wire::web::RoomSummary& room);
    void room_gone(const std::string& room);
    void person_joined(Now now, const wire::web::server::PersonJoined& event, Outbox& out);
    void person_left(Now now, const wire::web::server::PersonLeft& event, Outbox& out);
    void keeper(Now now, const wire::web::server::Keeper& event, Outbox& out);
    void person_changed(Now now, const wire::web::server::PersonChanged& event, Outbox& out);
    void message(const wire::web::server::RoomMessage& event, Outbox& out);
    void direct(const wire::web::server::Direct& event, Outbox& out);
    void topic(Now now, const wire::web::server::Topic& event, Outbox& out);
    void typing(Now now, const wire::web::server::Typing& event, Outbox& out);
    void speaking(const wire::web::server::Speaking& event, Outbox& out);
    void slots(const wire::web::server::CallSlots& event);

    // A page that was asked for came, or will not come.
    enum class Page : std::uint8_t { kNewest, kOlder, kNewer };
    struct Wanted {
        std::string room;
        Page page = Page::kNewest;
        std::uint64_t from = 0;
    };
    void history(const Wanted& asked, const wire::web::server::History& page, Outbox& out);
    void history_failed(const Wanted& asked, Outbox& out);
    // Pages to ask for now.
    std::vector<Wanted> take_wanted() { return std::exchange(wanted_, {}); }
    void want_older(const std::string& room);

    // Messages on their way, at the end of the room's lines.
    void add_pending(const std::string& room, Line line);
    void settle_pending(const std::string& room, std::uint64_t token, std::uint64_t id);  // accepted
    void fail_pending(const std::string& room, std::uint64_t token);

    void show(const std::string& room);
    void mark_read(Room& room);
    // A line for this member alone, in the room that is shown.
    void notice(WallMs time, std::string text);

private:
    // What the model does not show.
    struct Progress {
        std::uint64_t cursor = 0;  // every message up to here was told
        bool catching_up = false;  // a page is on its way: live messages wait
        bool missed = false;       // too many waited: ask again
        bool quiet = false;        // the page on its way is the past, not news
        std::map<std::uint64_t, wire::web::ChatMessage> early;
        std::map<std::uint64_t, std::uint64_t> accepted;  // id of a message of ours that has not come yet: its token
    };

    Room& room_of(const std::string& name);
    Room* known(const std::string& name) { return model_.find_room(name); }
    Person* person_in(const std::string& room, std::uint64_t member);
    Line line_of(const wire::web::ChatMessage& message) const;
    void add(Room& room, Line line);
    void add_event(Room& room, WallMs time, std::string sentence);
    void take(Room& room, const wire::web::ChatMessage& message, bool history, Outbox& out);
    void count(Room& room, const Line& line);
    void caught_up(Room& room, Outbox& out);
    void start_over(Room& room, std::uint64_t last);

    Model& model_;
    bool tell_history_;
    std::map<std::string, Progress> progress_;
    std::vector<Wanted> wanted_;
};

}  // namespace earshot::client
