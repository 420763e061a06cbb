#include "engine/control.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/check.hpp"
#include "base/overloaded.hpp"
#include "core/names.hpp"
#include "engine/doors.hpp"
#include "engine/limits.hpp"

namespace earshot::engine {

using fronts::Goodbye;

namespace {
constexpr std::size_t kTokenBytes = 16;  // of a session's secret, written as hexadecimal
}

namespace {

// What the web protocol tells its clients of the limits, so that nothing is configured twice.
Settings with_limits_told(Settings settings) {
    settings.web.limits = {static_cast<std::int64_t>(settings.hub.text_characters), static_cast<std::int64_t>(core::kNameCharacters), limits::kHistoryPage,
                           static_cast<std::int64_t>(settings.hub.messages_per_second), static_cast<std::int64_t>(kHeardSlots)};
    return settings;
}

}  // namespace

Control::Control(Settings settings, ControlParts parts)
    : settings_(with_limits_told(std::move(settings))),
      parts_(parts),
      hub_(settings_.hub),
      calls_(settings_, parts.random, parts.counters, parts.orders, parts.bridge),
      talks_(parts.random, parts.talks),
      operator_door_(settings_.operator_key),
      fronts_(make_fronts(settings_)) {}
Control::~Control() = default;

void Control::restore(const port::Loaded& loaded) {
    std::vector<core::RestoredRoom> rooms;
    for (const auto& row : loaded.rooms) rooms.push_back({row.room, row.name, row.topic, row.last_message});
    hub_.restore(rooms, loaded.last_message, loaded.last_room, loaded.last_member);
    count();
}

// --- what the outside says ---

void Control::opened(Now now, ConnectionId id, const port::Opened& opened, port::ControlOutbox& out) {
    auto& connection = connections_[id];
    connection.door = opened.door;
    connection.ip = opened.remote.ip;
    connection.pair = opened.pair;
    connection.session = fronts_.at(opened.door)->open_at(opened.pair);
    with_session(now, id, out, [&](fronts::Session& session, fronts::SessionOutbox& asked) { session.opened(now, asked); });
    if (connections_.size() > limits::kConnections)
        say_goodbye(now, id, Goodbye::kServerFull, "The server is full; please try again later.", out);
    else if (opened.door == port::Door::kPlain && parts_.voices)
        pair_up(now, id, pairing_.text_opened(now.at, id, {opened.remote.ip, opened.pair}), out);
    finish_turn(now, out);
}

void Control::received(Now now, ConnectionId id, Bytes bytes, port::ControlOutbox& out) {
    with_session(now, id, out, [&](fronts::Session& session, fronts::SessionOutbox& asked) { session.receive(now, bytes, asked); });
    finish_turn(now, out);
}

void Control::wrote(Now, ConnectionId id, std::size_t size, port::ControlOutbox&) {
    const auto found = connections_.find(id);
    if (found == connections_.end()) return;
    ENSURE(found->second.waiting >= size);
    found->second.waiting -= size;
}

void Control::closed(Now now, ConnectionId id, port::ControlOutbox& out) {
    const auto found = connections_.find(id);
    if (found == connections_.end()) return;
    part(id);
    if (!found->second.closing) lose_connection(now, id, found->second.session->resumable(), out);
    alarms_.erase({found->second.alarm, id});
    history_.withdraw(id);
    connections_.erase(id);
    finish_turn(now, out);
}

void Control::stored(Now now, port::StoreReply reply, port::ControlOutbox& out) {
    if (const auto* appended = std::get_if<port::Appended>(&reply)) {
        parts_.counters.add(appended->failure.empty() ? Counter::store_batches : Counter::store_failures);
        if (!appended->failure.empty()) parts_.log.error("history could not be written: " + appended->failure);
        for (const auto& settled : journal_.settle(*appended)) {
            core::Effects effects;
            hub_.committed(settled.entry, settled.outcome, effects);
            if (std::holds_alternative<core::EntryDuplicate>(settled.outcome)) parts_.counters.add(Counter::message_duplicates);
            route(now, std::move(effects), out);
        }
    } else if (auto* paged = std::get_if<port::Paged>(&reply)) {
        if (!paged->failure.empty()) parts_.log.error("history could not be read: " + paged->failure);
        const auto answer = history_.answer(std::move(*paged));
        if (answer.failed) {
            core::Effects effects;
            const auto found = connections_.find(answer.connection);
            if (found != connections_.end())
                effects.refuse(found->second.member, answer.page.ticket, {core::RefusalCode::kBusy, "History could not be read; try again in a moment.", {}});
            route(now, std::move(effects), out);
        } else if (answer.connection) {
            tell(now, answer.connection, answer.page, out);
        }
    }
    finish_turn(now, out);
}

void Control::drain(Now now, port::ControlOutbox& out) {
    if (parts_.news)
        for (const auto& news : parts_.news->take()) hear(now, news, out);
    if (parts_.voices)
        for (const auto& news : parts_.voices->take()) hear(now, news, out);
    finish_turn(now, out);
}

void Control::tick(Now now, port::ControlOutbox& out) {
    while (!alarms_.empty() && alarms_.begin()->first <= now.at) {
        const auto id = alarms_.begin()->second;
        with_session(now, id, out, [&](fronts::Session& session, fronts::SessionOutbox& asked) { session.tick(now, asked); });
        // A session that is not satisfied by its own tick would keep us awake.
        if (!alarms_.empty() && alarms_.begin()->second == id && alarms_.begin()->first <= now.at) break;
    }
    for (const auto& due : book_.due(now.at)) next_step(now, due, out);
    for (const auto& news : talks_.due(now.at)) tell_of_talk(now, news, out);
    for (const auto voice : pairing_.due(now.at)) enter_alone(now, voice, out);
    if (now.at >= room_list_due_) refresh_room_list(now, out);
    finish_turn(now, out);
}

Deadline Control::deadline() const {
    auto due = book_.deadline();
    if (!alarms_.empty()) due.sooner({alarms_.begin()->first, "a session"});
    due.sooner(talks_.deadline());
    due.sooner(pairing_.deadline());
    due.sooner({room_list_due_, "the room list"});
    return due;
}

void Control::shutdown(Now now, port::ControlOutbox& out) {
    shutting_down_ = true;
    std::vector<ConnectionId> all;
    for (const auto& [id, connection] : connections_) all.push_back(id);
    std::ranges::sort(all);
    for (const auto id : all) say_goodbye(now, id, Goodbye::kShutdown, "The server is going down for a moment. Goodbye!", out);
    calls_.shutdown();
    if (parts_.bridge) static_cast<void>(parts_.bridge->push_reserved(CloseAllVoices{}));
    finish_turn(now, out);
}

std::size_t Control::waiting_bytes(ConnectionId id) const {
    const auto found = connections_.find(id);
    return found == connections_.end() ? 0 : found->second.waiting;
}

// --- one turn ---

template <typename Work>
void Control::with_session(Now now, ConnectionId id, port::ControlOutbox& out, Work&& work) {
    const auto found = connections_.find(id);
    if (found == connections_.end() || found->second.closing) return;
    fronts::SessionOutbox asked;
    work(*found->second.session, asked);
    gather(now, id, asked, out);
    set_alarm(id);
}

// What is said to the peer goes out at once, in order; what is asked of the house waits its turn.
void Control::gather(Now now, ConnectionId id, fronts::SessionOutbox& asked, port::ControlOutbox& out) {
    for (auto& request : asked.take()) {
        if (auto* text = std::get_if<SharedText>(&request))
            send(now, id, std::move(*text), out);
        else
            todo_.push_back({id, std::move(request)});
    }
}

void Control::finish_turn(Now now, port::ControlOutbox& out) {
    while (!todo_.empty() || !callers_.empty()) {
        if (todo_.empty()) {
            const auto [member, room] = std::move(callers_.front());
            callers_.pop_front();
            act(now, member, fronts::plain::PlainSession::kJoinCall, core::JoinCall{room}, out);
            continue;
        }
        auto next = std::move(todo_.front());
        todo_.pop_front();
        carry_out(now, std::move(next), out);
    }
    journal_.flush(out);
    count();
}

void Control::carry_out(Now now, Todo todo, port::ControlOutbox& out) {
    const auto found = connections_.find(todo.connection);
    if (found == connections_.end() || found->second.closing) return;
    const auto id = todo.connection;
    const auto member = found->second.member;
    std::visit(overloaded{
                   [&](fronts::Enter& r) { enter(now, id, r, out); },
                   [&](fronts::Act& r) { act(now, member, r.ticket, r.command, out); },
                   [&](fronts::AskHistory& r) { ask_history(now, id, r, out); },
                   [&](fronts::AnswerCall& r) { answer_call(now, id, r, out); },
                   [&](fronts::RestartCall& r) { restart_call(now, id, r, out); },
                   [&](fronts::SeeVideo& r) { see_video(now, id, r, out); },
                   [&](fronts::AskTalk& r) { ask_talk(now, id, r, out); },
                   [&](fronts::AnswerTalk& r) { answer_talk(now, id, r, out); },
                   [&](fronts::ProveOperator& r) { prove_operator(now, id, r, out); },
                   [&](SharedText& r) { send(now, id, std::move(r), out); },
                   [&](fronts::CloseSession& r) { close(now, id, r, out); },
                   [&](fronts::CountMalformed&) { parts_.counters.add(Counter::refused_malformed); },
               },
               todo.request);
}

void Control::send(Now now, ConnectionId id, SharedText text, port::ControlOutbox& out) {
    const auto found = connections_.find(id);
    if (found == connections_.end() || found->second.closing) return;
    auto& connection = found->second;
    connection.waiting += text->size();
    out.send(id, std::move(text));
    if (connection.waiting <= limits::kWaitingBytes || std::exchange(connection.slow, true)) return;
    parts_.counters.add(Counter::slow_readers);
    say_goodbye(now, id, Goodbye::kSlowReader, "You are reading too slowly; come back and catch up from the history.", out);
}

void Control::say_goodbye(Now now, ConnectionId id, Goodbye why, std::string_view text, port::ControlOutbox& out) {
    with_session(now, id, out, [&](fronts::Session& session, fronts::SessionOutbox& asked) { session.goodbye(now, why, text, asked); });
}

void Control::close(Now now, ConnectionId id, const fronts::CloseSession& request, port::ControlOutbox& out) {
    auto& connection = connections_.at(id);
    part(id);
    if (request.vanish)
        lose_connection(now, id, true, out);
    else if (connection.member && !shutting_down_)
        act(now, connection.member, 0, core::Quit{}, out);
    connection.closing = true;
    alarms_.erase({connection.alarm, id});
    connection.alarm = kNever;
    out.close(id, request.code, request.reason);
}

void Control::set_alarm(ConnectionId id) {
    const auto found = connections_.find(id);
    if (found == connections_.end()) return;
    const auto at = found->second.closing ? kNever : found->second.session->deadline().at;
    if (at == found->second.alarm) return;
    alarms_.erase({found->second.alarm, id});
    found->second.alarm = at;
    if (at != kNever) alarms_.emplace(at, id);
}

void Control::count() {
    auto& counters = parts_.counters;
    std::size_t web = 0, voix = 0;
    if (counters.get(Counter::members) != hub_.members()) counters.set(Counter::members, hub_.members());
    if (counters.get(Counter::rooms) != hub_.rooms()) counters.set(Counter::rooms, hub_.rooms());
    if (counters.get(Counter::connections_web) + counters.get(Counter::connections_plain) + counters.get(Counter::connections_voix) == connections_.size())
        return;
    for (const auto& [id, connection] : connections_) {
        web += connection.door == port::Door::kWeb;
        voix += connection.door == port::Door::kVoix;
    }
    counters.set(Counter::connections_web, web);
    counters.set(Counter::connections_voix, voix);
    counters.set(Counter::connections_plain, connections_.size() - web - voix);
}

// --- who comes, who goes ---

void Control::enter(Now now, ConnectionId id, const fronts::Enter& request, port::ControlOutbox& out) {
    if (!request.session_token.empty())
        if (auto* known = book_.by_token(request.session_token)) return come_back(now, id, request, *known, out);
    if (auto* ghost = book_.by_claim(request.session_token)) make_way(now, *ghost, out);
    const auto member = hub_.enter(request.name, request.client, {}, place_of(connections_.at(id).ip).text());
    if (!member) return tell(now, id, fronts::EnterRefused{request.ticket, member.error()}, out);
    const auto claim = request.session_token.size() == 2 * kTokenBytes ? request.session_token : std::string{};
    const auto forgotten = book_.add({.member = *member,
                                      .token = parts_.random.hex(kTokenBytes),
                                      .claim = claim,
                                      .name = hub_.member(*member)->name,
                                      .client = request.client,
                                      .rooms = {}});
    if (forgotten) forget(now, forgotten, out);
    admit(now, id, request, *book_.by_member(*member), false, out);
}

// He never saw his welcome, so he comes again by the secret he came with: not to meet his own ghost under his name.
void Control::make_way(Now now, Resident& ghost, port::ControlOutbox& out) {
    const auto member = ghost.member;
    if (const auto older = ghost.connection) {
        say_goodbye(now, older, Goodbye::kReplaced, "You are here by another window now.", out);
        connections_.at(older).member = {};  // its closing is no loss
    }
    if (ghost.gone)
        forget(now, member, out);
    else
        act(now, member, 0, core::Quit{}, out);
}

void Control::come_back(Now now, ConnectionId id, const fronts::Enter& request, Resident& resident, port::ControlOutbox& out) {
    const auto member = resident.member;
    if (const auto older = resident.connection) {
        say_goodbye(now, older, Goodbye::kReplaced, "You are here by another window now.", out);
        connections_.at(older).member = {};  // its closing is no loss
    }
    hub_.forget_tickets(member);
    if (!resident.gone) {
        // The others see him here before he has a connection that could hear of it: his own rooms come first to him.
        core::Effects back;
        hub_.set_presence(member, core::Presence::kHere, back);
        book_.attach(resident, ConnectionId{});
        route(now, std::move(back), out);
        admit(now, id, request, resident, true, out);
        core::Effects shown;
        hub_.show_rooms_again(member, shown);
        return route(now, std::move(shown), out);
    }
    // Others saw him leave; he gets his name and place back if the name is still free, or else his place under the name he asks for.
    const auto place = place_of(connections_.at(id).ip).text();
    auto again = hub_.enter(resident.name, resident.client, member, place);
    if (!again) again = hub_.enter(request.name, resident.client, member, place);
    if (!again) return tell(now, id, fronts::EnterRefused{request.ticket, again.error()}, out);
    const auto rooms = resident.rooms;
    admit(now, id, request, resident, true, out);
    for (const auto& room : rooms) act(now, member, 0, core::Join{room}, out);
}

void Control::admit(Now now, ConnectionId id, const fronts::Enter& request, Resident& resident, bool resumed, port::ControlOutbox& out) {
    book_.attach(resident, id);
    const auto member = resident.member;
    connections_.at(id).member = member;
    fronts::Entered entered{request.ticket, member, hub_.member(member)->name, resident.token, resumed, hub_.summaries(), {}};
    if (resident.rooms.empty()) {
        for (const auto room : hub_.member(member)->rooms) entered.joined.push_back(hub_.room(room)->name());
    } else {
        entered.joined = std::exchange(resident.rooms, {});
    }
    tell(now, id, entered, out);
}

void Control::lose_connection(Now now, ConnectionId id, bool may_return, port::ControlOutbox& out) {
    const auto member = std::exchange(connections_.at(id).member, {});
    if (!member || shutting_down_) return;
    if (!may_return) return act(now, member, 0, core::Quit{core::LeaveReason::kLeft}, out);
    if (auto* resident = book_.by_member(member)) book_.lose(now.at, *resident);
}

void Control::forget(Now now, MemberId member, port::ControlOutbox& out) {
    book_.forget(member);
    core::Effects effects;
    hub_.forget(member, effects);
    route(now, std::move(effects), out);
}

void Control::next_step(Now now, const SessionBook::Due& due, port::ControlOutbox& out) {
    core::Effects effects;
    switch (due.step) {
        case SessionBook::Step::kQuiet: hub_.set_presence(due.member, core::Presence::kQuiet, effects); break;
        case SessionBook::Step::kReconnecting: hub_.set_presence(due.member, core::Presence::kReconnecting, effects); break;
        case SessionBook::Step::kGone: {
            const auto* member = hub_.member(due.member);
            auto* resident = book_.by_member(due.member);
            if (!member || !resident) return;
            resident->gone = true;
            resident->name = member->name;
            for (const auto room : member->rooms) resident->rooms.push_back(hub_.room(room)->name());
            hub_.apply(now, due.member, 0, core::Quit{core::LeaveReason::kLost}, effects);
            break;
        }
        case SessionBook::Step::kForgotten: hub_.forget(due.member, effects); break;
    }
    route(now, std::move(effects), out);
}

// --- what a session asks ---

void Control::act(Now now, MemberId member, fronts::Ticket ticket, const core::Command& command, port::ControlOutbox& out) {
    if (!member) return;
    core::Effects effects;
    hub_.apply(now, member, ticket, command, effects);
    route(now, std::move(effects), out);
}

void Control::ask_history(Now now, ConnectionId id, const fronts::AskHistory& question, port::ControlOutbox& out) {
    const auto member = connections_.at(id).member;
    core::Effects effects;
    const auto* room = hub_.room_named(question.room);
    if (!room || !room->has(member))
        effects.refuse(member, question.ticket, {core::RefusalCode::kNotInRoom, "You are not in that room; join it first.", {}});
    else if (!history_.ask(id, question, room->id(), out))
        effects.refuse(member, question.ticket, {core::RefusalCode::kBusy, "Too many pages asked for at once; wait for the first.", {}});
    route(now, std::move(effects), out);
}

void Control::prove_operator(Now now, ConnectionId id, const fronts::ProveOperator& proof, port::ControlOutbox& out) {
    const auto& connection = connections_.at(id);
    const auto member = connection.member;
    if (!member) return;
    core::Effects effects;
    switch (operator_door_.knock(now.at, connection.ip, proof.key)) {
        case OperatorDoor::Answer::kOpen:
            parts_.log.info(fmt::format("member {} showed the operator's key", member.value));
            effects.tell(member, proof.ticket, core::Done{});
            hub_.make_operator(member, effects);
            break;
        case OperatorDoor::Answer::kWrong:
            parts_.log.warning(fmt::format("member {} showed a wrong operator's key", member.value));
            effects.refuse(member, proof.ticket, {core::RefusalCode::kNotAllowed, "That is not the operator's key of this house.", {}});
            break;
        case OperatorDoor::Answer::kTooOften:
            effects.refuse(member, proof.ticket, {core::RefusalCode::kFlood, "Too many wrong keys came from there; wait a minute.", {}});
            break;
    }
    route(now, std::move(effects), out);
}

// Who was moderated by whom is written down by number; the words stay with those they were for.
void Control::follow_moderation(const core::Delivery& delivery) {
    if (const auto* removed = std::get_if<core::Removed>(&delivery.event)) {
        parts_.counters.add(Counter::removals);
        parts_.log.info(fmt::format("member {} was removed from room {} by member {}", removed->member.value, removed->room.value, removed->by.value));
        talks_.leave(removed->room, removed->member);
    }
    if (const auto* muted = std::get_if<core::MutedBy>(&delivery.event))
        parts_.log.info(fmt::format("member {} was muted in room {} by member {}", muted->member.value, muted->room.value, muted->by.value));
}

// --- who is told what ---

void Control::route(Now now, core::Effects effects, port::ControlOutbox& out) {
    for (const auto& entry : effects.entries)
        if (std::holds_alternative<core::MessageEntry>(entry.what)) parts_.counters.add(Counter::messages);
    journal_.add(std::move(effects.entries));
    core::Effects later;  // what serving brings about is told after what brought it about
    for (const auto& delivery : effects.deliveries) follow_moderation(delivery);
    for (const auto& delivery : effects.deliveries)
        if (!serve_call(now, delivery, later, out)) deliver(now, delivery, out);
    for (const auto member : effects.departed) {
        part(member);
        calls_.drop(member);
        for (const auto& news : talks_.drop(member)) tell_of_talk(now, news, out);
        const auto* resident = book_.by_member(member);
        if (!resident) continue;
        if (const auto found = connections_.find(resident->connection); found != connections_.end()) found->second.member = {};
        if (!resident->gone) book_.forget(member);
    }
    for (const auto room : effects.touched) touched_.insert(room);
    if (!touched_.empty() && room_list_due_ == kNever) room_list_due_ = std::max(now.at, room_list_told_ + limits::kRoomListInterval);
    for (const auto& name : effects.gone) tell_everyone(now, core::RoomGone{name}, out);
    if (!later.deliveries.empty() || !later.touched.empty()) route(now, std::move(later), out);
}

void Control::deliver(Now now, const core::Delivery& delivery, port::ControlOutbox& out) {
    if (const auto* refused = std::get_if<core::Refused>(&delivery.event))
        parts_.counters.add(refused->refusal.code == core::RefusalCode::kFlood ? Counter::refused_flood : Counter::refused);
    fronts::Fanout fanout;
    const fronts::EventDelivery told{delivery.ticket, delivery.event, fanout};
    for (const auto member : delivery.to)
        with_session(now, book_.connection_of(member), out, [&](fronts::Session& session, fronts::SessionOutbox& asked) { session.deliver(now, told, asked); });
}

void Control::tell(Now now, ConnectionId id, const fronts::Notice& notice, port::ControlOutbox& out) {
    with_session(now, id, out, [&](fronts::Session& session, fronts::SessionOutbox& asked) { session.notice(now, notice, asked); });
}

void Control::tell_everyone(Now now, const core::Event& event, port::ControlOutbox& out) {
    fronts::Fanout fanout;
    const fronts::EventDelivery told{0, event, fanout};
    std::vector<ConnectionId> all;
    for (const auto& [id, connection] : connections_)
        if (connection.member) all.push_back(id);
    std::ranges::sort(all);
    for (const auto id : all) with_session(now, id, out, [&](fronts::Session& session, fronts::SessionOutbox& asked) { session.deliver(now, told, asked); });
}

void Control::refresh_room_list(Now now, port::ControlOutbox& out) {
    room_list_due_ = kNever;
    room_list_told_ = now.at;
    for (const auto id : std::exchange(touched_, {}))
        if (const auto* room = hub_.room(id)) tell_everyone(now, core::RoomChanged{hub_.summary(*room)}, out);
}

}  // namespace earshot::engine
