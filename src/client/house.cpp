#include "client/house.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/overloaded.hpp"
#include "client/safe_text.hpp"
#include "client/words.hpp"

namespace earshot::client {

namespace web = wire::web;
using State = Connection::State;

House::House(HouseSettings settings, Random& random)
    : settings_(std::move(settings)),
      connection_(settings_.name, settings_.agent, random),
      requests_(connection_),
      book_(model_, settings_.tell_history),
      sayings_(random),
      call_(model_, requests_),
      call_wanted_(settings_.join_call) {
    model_.host = settings_.host;
    model_.secure = settings_.secure;
    model_.name = settings_.name;
    rooms_wanted_[settings_.room] = true;
}

// --- the connection

void House::start(Now now, Outbox& out) { connection_.start(now.at, out); }

void House::opened(Now now, Outbox& out) {
    connection_.opened(now.at, out);
    model_.link = Link::kGreeting;
    ++model_.version;
}

void House::closed(Now now, std::string why, Outbox& out) {
    const auto before = connection_.state();
    connection_.closed(now.at, std::move(why), out);
    after_connection(now, before, out);
}

void House::refused(Now now, std::string why, int exit_code, Outbox& out) {
    const auto before = connection_.state();
    connection_.refused(std::move(why), exit_code, out);
    after_connection(now, before, out);
}

// What follows when the line is no longer what it was.
void House::after_connection(Now now, State before, Outbox& out) {
    const auto state = connection_.state();
    ++model_.version;
    if (state == before || finished_) return;
    if (before == State::kReady) {
        requests_.lost();
        sayings_.lost();
        book_.lost();
        call_.connection_lost(out);
    }
    if (state == State::kWaiting) {
        model_.link = Link::kReconnecting;
        model_.link_text = connection_.why();
        model_.retry_at = connection_.retry_at();
        out.tell(happening::Lost{connection_.why(), whole_ms(connection_.retry_at() - now.at)});
    } else if (state == State::kEnded) {
        finished_ = true;
        model_.link = Link::kClosed;
        model_.link_text = connection_.why();
        call_.room_left(model_.call.room, out);
        out.tell(happening::Closed{connection_.why(), connection_.exit_code()});
        out.ask(effect::Finish{connection_.exit_code()});
    }
}

void House::received(Now now, std::string_view frame, Outbox& out) {
    const auto before = connection_.state();
    if (auto told = connection_.received(now.at, frame, out)) message(now, *told, out);
    after_connection(now, before, out);
    flush(now, out);
}

void House::tick(Now now, Outbox& out) {
    const auto before = connection_.state();
    connection_.tick(now.at, out);
    after_connection(now, before, out);
    call_.tick(now, out);
    flush(now, out);
}

Deadline House::deadline() const {
    auto due = connection_.deadline();
    due.sooner(call_.deadline());
    if (connection_.ready()) due.sooner(sayings_.deadline());
    return due;
}

// Sends what may go now: the next message, pages of history, and the goodbye when all is said.
void House::flush(Now now, Outbox& out) {
    if (!connection_.ready()) return;
    for (auto& wanted : book_.take_wanted()) {
        web::client::History ask{.room = wanted.room};
        if (wanted.page == RoomBook::Page::kOlder) ask.before = wanted.from;
        if (wanted.page == RoomBook::Page::kNewer) ask.after = wanted.from;
        requests_.ask(ask, {.kind = Asked::Kind::kHistory, .room = wanted.room, .page = wanted}, out);
    }
    if (const auto* next = sayings_.next(now.at)) {
        const Asked asked{.kind = Asked::Kind::kSay, .room = next->room};
        if (next->to != 0)
            requests_.ask(web::client::Direct{.to = next->to, .text = next->text, .client_message_id = next->key}, asked, out);
        else
            requests_.ask(web::client::Say{.room = next->room, .text = next->text, .client_message_id = next->key}, asked, out);
    }
    if (finishing_ && sayings_.empty()) act(now, action::Quit{}, out);
}

// --- what the server says

void House::message(Now now, const web::server::Message& message, Outbox& out) {
    ++model_.version;
    std::visit(overloaded{[&](const web::server::Welcome& m) { welcomed(now, m, out); },
                          [&](const web::server::Joined& m) { joined(now, m, out); },
                          [&](const web::server::Refused& m) { answered(now, m, out); },
                          [&](const web::server::Accepted& m) { accepted(m, out); },
                          [&](const web::server::Done& m) { saying_done(m.request, out); },
                          [&](const web::server::Left& m) { left(m.room, out); },
                          [&](const web::server::PersonJoined& m) {
                              book_.person_joined(now, m, out);
                              if (auto* room = model_.find_room(safe_line(m.room))) apply_volumes(*room);
                          },
                          [&](const web::server::PersonLeft& m) { book_.person_left(now, m, out); },
                          [&](const web::server::PersonChanged& m) { book_.person_changed(now, m, out), connection_.rename(model_.name); },
                          [&](const web::server::Keeper& m) { book_.keeper(now, m, out); },
                          [&](const web::server::Removed& m) { removed(now, m, out); },
                          [&](const web::server::MutedBy& m) { muted_by(now, m, out); },
                          [&](const web::server::RoomMessage& m) { book_.message(m, out); },
                          [&](const web::server::Direct& m) { book_.direct(m, out); },
                          [&](const web::server::Typing& m) { book_.typing(now, m, out); },
                          [&](const web::server::Topic& m) { book_.topic(now, m, out); },
                          [&](const web::server::History& m) {
                              if (const auto asked = requests_.answered(m.request)) book_.history(asked->page, m, out);
                          },
                          [&](const web::server::RoomChanged& m) { book_.room_changed(m.room); },
                          [&](const web::server::RoomGone& m) { book_.room_gone(m.name); },
                          [&](const web::server::CallOffer& m) {
                              const bool asked = m.request && requests_.answered(*m.request);
                              call_.offered(now, m, asked, out);
                          },
                          [&](const web::server::CallSlots& m) { book_.slots(m); },
                          [&](const web::server::Speaking& m) { book_.speaking(m, out); },
                          [](const web::server::VideoSlots&) {},  // a terminal shows no pictures
                          [&](const web::server::CallEnded& m) { call_.ended(now, m, out); },
                          [&](const web::server::Closing& m) { model_.link_text = safe_line(m.text); },
                          [](const web::server::Pong&) {}},
               message);
}

void House::welcomed(Now, const web::server::Welcome& welcome, Outbox& out) {
    model_.link = Link::kConnected;
    model_.link_text.clear();
    model_.server_name = safe_line(welcome.server);
    model_.server_version = safe_line(welcome.version);
    model_.member = welcome.member;
    model_.name = safe_line(welcome.name);
    model_.limits = welcome.limits;
    book_.welcomed(welcome);
    out.tell(happening::Connected{model_.server_name, model_.server_version, model_.name, model_.member, welcome.resumed});
    if (!settings_.operator_key.empty()) requests_.ask(web::client::Operate{.key = settings_.operator_key}, {}, out);
    for (const auto& [room, wanted] : rooms_wanted_) {
        const bool in = std::ranges::find(welcome.joined, room) != welcome.joined.end();
        if (!in) requests_.ask(web::client::Join{.room = room}, {.kind = Asked::Kind::kJoin, .room = room}, out);
    }
}

void House::joined(Now now, const web::server::Joined& told, Outbox& out) {
    bool wanted = rooms_wanted_.contains(told.room);
    if (const auto asked = told.request ? requests_.answered(*told.request) : std::nullopt; asked && asked->kind == Asked::Kind::kJoin) {
        wanted = true;
        // The house may write the name in its own way: #Maps that was asked for may be #maps.
        if (asked->room != told.room) rooms_wanted_.erase(asked->room);
        if (asked->room != told.room && call_.active() && model_.call.room == asked->room) model_.call.room = told.room;
    }
    if (!wanted) return;  // nobody but oneself takes one into a room
    book_.joined(now, told, out);
    auto* room = model_.find_room(safe_line(told.room));
    if (room == nullptr || !room->joined) return;  // more rooms than anybody has
    rooms_wanted_[told.room] = true;
    apply_volumes(*room);
    if (told.request && !call_.active()) book_.show(room->name);
    const auto me = room->people.find(model_.member);
    call_.room_joined(now, room->name, me != room->people.end() && me->second.in_call, out);
    if (std::exchange(call_wanted_, false)) call_.join(now, room->name, settings_.listen_only, out);
}

void House::left(const std::string& room, Outbox& out) {
    rooms_wanted_.erase(room);
    call_.room_left(room, out);
    book_.left(room, out);
}

// Out of the room by somebody's will: nothing goes back there by itself.
void House::removed(Now now, const web::server::Removed& told, Outbox& out) {
    const auto by = safe_line(told.by_name), because = safe_line(told.because.value_or(""));
    const auto name = safe_line(told.room);
    if (const auto* room = model_.find_room(name); room == nullptr || !room->joined) return;
    out.tell(happening::Removed{name, by, because});
    left(told.room, out);
    book_.notice(now.wall_ms, fmt::format("You have been removed from {} by {}{}", name, by, because.empty() ? "." : ": " + because));
}

void House::muted_by(Now now, const web::server::MutedBy& told, Outbox& out) {
    call_.mute(Switch::kOn, out);  // and so tells the house that one knows
    book_.notice(now.wall_ms, fmt::format("Muted by {}: /unmute when ready.", safe_line(told.by_name)));
    out.tell(happening::MutedBy{safe_line(told.room), safe_line(told.by_name)});
}

void House::accepted(const web::server::Accepted& told, Outbox& out) {
    requests_.answered(told.request);
    const auto saying = sayings_.finish();
    if (!saying) return;
    book_.settle_pending(saying->room, saying->token, told.id);
    out.tell(happening::Accepted{saying->room, told.id, told.time});
}

// A private message may be answered with a plain `done`.
void House::saying_done(std::int64_t request, Outbox&) {
    if (const auto asked = requests_.answered(request); asked && asked->kind == Asked::Kind::kSay) sayings_.finish();
}

void House::answered(Now now, const web::server::Refused& told, Outbox& out) {
    const auto asked = told.request ? requests_.answered(*told.request) : std::nullopt;
    const auto code = std::string(to_text(told.code));
    if (!asked) return wrong(now, safe_line(told.text), code, out);
    switch (asked->kind) {
        case Asked::Kind::kSay: return say_refused(now, told, out);
        case Asked::Kind::kHistory: return book_.history_failed(asked->page, out);
        case Asked::Kind::kCallJoin:
        case Asked::Kind::kCallRestart:
        case Asked::Kind::kCallAnswer: {
            const bool passing = told.code == web::Refusal::no_call || told.code == web::Refusal::busy || told.code == web::Refusal::flood;
            if (!passing) wrong(now, safe_line(told.text), code, out);
            return call_.refused(now, safe_line(told.text), !passing, out);
        }
        case Asked::Kind::kCallLeave: return;
        case Asked::Kind::kJoin:
            rooms_wanted_.erase(asked->room);
            if (rooms_wanted_.empty() && model_.current.empty()) return refused(now, safe_line(told.text), kExitRefused, out);  // the first room
            return wrong(now, safe_line(told.text), code, out);
        case Asked::Kind::kLeave:
        case Asked::Kind::kOther: return wrong(now, safe_line(told.text), code, out);
    }
}

void House::say_refused(Now now, const web::server::Refused& told, Outbox& out) {
    const bool passing = told.code == web::Refusal::flood || told.code == web::Refusal::busy || told.code == web::Refusal::not_saved;
    if (passing) return sayings_.flooded(now.at);
    if (const auto saying = sayings_.finish()) book_.fail_pending(saying->room, saying->token);
    wrong(now, safe_line(told.text), std::string(to_text(told.code)), out);
}

// --- telling

void House::told(Now now, std::string text, Outbox& out) {
    book_.notice(now.wall_ms, text);
    out.tell(happening::Notice{std::move(text)});
    ++model_.version;
}

void House::wrong(Now now, std::string text, std::string code, Outbox& out) {
    book_.notice(now.wall_ms, text);
    out.tell(happening::Error{std::move(text), std::move(code)});
    ++model_.version;
}

void House::apply_volumes(Room& room) {
    for (auto& [id, person] : room.people)
        if (const auto kept = settings_.volumes.find(lowered(person.name)); kept != settings_.volumes.end()) person.volume_percent = kept->second;
}

}  // namespace earshot::client
