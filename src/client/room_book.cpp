#include "client/room_book.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "client/safe_text.hpp"
#include "client/words.hpp"

namespace earshot::client {

namespace web = wire::web;

namespace {

// No server of ours says more; another shall not fill our memory.
constexpr std::size_t kLongestName = 256, kLongestTopic = 4096, kLongestText = 64 * 1024;
std::string name_in(std::string_view told) { return safe_line(told.substr(0, kLongestName)); }
std::string topic_in(std::string_view told) { return safe_line(told.substr(0, kLongestTopic)); }

Person person_of(const web::Person& told, const Person* before) {
    Person person{.member = told.member,
                  .name = name_in(told.name),
                  .client = told.client,
                  .presence = told.presence,
                  .in_call = told.in_call,
                  .listen_only = told.listen_only,
                  .muted = told.muted,
                  .deafened = told.deafened};
    if (before == nullptr) return person;
    person.speaking = before->speaking && told.in_call;
    person.volume_percent = before->volume_percent;
    person.level_dbfs = before->level_dbfs;
    person.typing_until = before->typing_until;
    return person;
}

// "_Ada waves_" by Ada is what /me sends: markdown for those who read it as such.
std::optional<std::string> action_of(std::string_view text, std::string_view name) {
    const auto head = fmt::format("_{} ", name);
    if (!text.starts_with(head) || !text.ends_with('_') || text.size() < head.size() + 2 || text.contains('\n')) return std::nullopt;
    return std::string(text.substr(head.size(), text.size() - head.size() - 1));
}

int small(std::int64_t number) { return static_cast<int>(std::clamp<std::int64_t>(number, 0, 1'000'000)); }

}  // namespace

// --- rooms

Room& RoomBook::room_of(const std::string& name) {
    if (auto* room = known(name)) return *room;
    const auto at = std::ranges::upper_bound(model_.rooms, name, {}, &Room::name);
    return *model_.rooms.insert(at, Room{.name = name});
}

void RoomBook::welcomed(const web::server::Welcome& welcome) {
    std::erase_if(model_.rooms, [](const Room& room) { return !room.joined; });
    for (const auto& room : welcome.rooms) room_changed(room);
}

void RoomBook::room_changed(const web::RoomSummary& told) {
    const auto name = safe_line(told.name);
    if (known(name) == nullptr && model_.rooms.size() >= kMostRooms) return;
    auto& room = room_of(name);
    room.topic = topic_in(told.topic);
    room.people_count = small(told.people);
    room.in_call_count = small(told.in_call);
}

void RoomBook::room_gone(const std::string& name) {
    std::erase_if(model_.rooms, [&](const Room& room) { return room.name == safe_line(name) && !room.joined; });
}

void RoomBook::joined(Now, const web::server::Joined& told, Outbox& out) {
    if (known(safe_line(told.room)) == nullptr && model_.rooms.size() >= kMostRooms) return;
    auto& room = room_of(safe_line(told.room));
    auto& progress = progress_[room.name];
    const bool again = std::exchange(room.joined, true);
    room.topic = topic_in(told.topic);
    const auto before = std::exchange(room.people, {});
    for (const auto& person : told.people) {
        const auto old = before.find(person.member);
        room.people[person.member] = person_of(person, old == before.end() ? nullptr : &old->second);
        room.people[person.member].speaking = false;  // told anew when it is so
    }
    slots({room.name, told.slots});
    const auto last = told.last_message.value_or(0);
    if (last < progress.cursor) start_over(room, 0);  // another house under the same address
    if (again || progress.cursor > 0) {
        progress.catching_up = true;
        wanted_.push_back({room.name, Page::kNewer, progress.cursor});
        if (progress.cursor == 0) wanted_.back().page = Page::kNewest;
    } else if (tell_history_ && last > 0) {
        progress.catching_up = progress.quiet = true;
        wanted_.push_back({room.name, Page::kNewest, 0});
    } else {
        progress.cursor = last;
    }
    if (last == 0) room.complete = true;
    if (model_.current.empty()) show(room.name);
    if (again) return;
    happening::Joined happened{room.name, room.topic, {}};
    for (const auto& [id, person] : room.people) happened.people.push_back(person);
    out.tell(std::move(happened));
}

void RoomBook::start_over(Room& room, std::uint64_t last) {
    room.lines.clear();
    room.complete = false;
    room.read_to = 0;
    progress_[room.name] = {.cursor = last};
}

void RoomBook::left(const std::string& told, Outbox& out) {
    const auto name = safe_line(told);
    auto* room = known(name);
    if (room == nullptr || !room->joined) return;
    *room = Room{.name = name, .topic = room->topic, .people_count = room->people_count, .in_call_count = room->in_call_count};
    progress_.erase(name);
    out.tell(happening::Left{name});
    if (model_.current != name) return;
    const auto next = std::ranges::find_if(model_.rooms, &Room::joined);
    model_.current.clear();
    if (next != model_.rooms.end()) show(next->name);
}

void RoomBook::lost() {
    for (auto& [name, progress] : progress_) progress.early.clear();
    for (auto& room : model_.rooms) {
        room.fetching = false;
        for (auto& [id, person] : room.people) person.speaking = false, person.typing_until = {};
    }
}

void RoomBook::show(const std::string& name) {
    auto* room = known(name);
    if (room == nullptr || !room->joined || model_.current == name) return;
    if (auto* old = known(model_.current)) mark_read(*old);
    model_.current = name;
    room->unread = room->mentions = 0;  // the divider stays where it is until one looks away
}

void RoomBook::mark_read(Room& room) {
    room.unread = room.mentions = 0;
    room.read_to = progress_[room.name].cursor;
}

// --- people

Person* RoomBook::person_in(const std::string& room, std::uint64_t member) {
    auto* found = known(safe_line(room));
    if (found == nullptr) return nullptr;
    const auto at = found->people.find(member);
    return at == found->people.end() ? nullptr : &at->second;
}

void RoomBook::person_joined(Now now, const web::server::PersonJoined& event, Outbox& out) {
    auto* room = known(safe_line(event.room));
    if (room == nullptr || !room->joined) return;
    const bool was_here = room->people.contains(event.person.member);
    if (!was_here && room->people.size() >= kMostPeople) return;
    auto& person = room->people[event.person.member];
    person = person_of(event.person, was_here ? &person : nullptr);
    if (was_here || person.member == model_.member) return;
    add_event(*room, now.wall_ms, fmt::format("{} came in", person.name));
    out.tell(happening::PersonJoined{room->name, person});
}

void RoomBook::person_left(Now now, const web::server::PersonLeft& event, Outbox& out) {
    auto* room = known(safe_line(event.room));
    if (room == nullptr || room->people.erase(event.member) == 0 || event.member == model_.member) return;
    const auto name = safe_line(event.name);
    const auto by = safe_line(event.by.value_or("")), because = safe_line(event.because.value_or(""));
    const auto sentence = [&] {
        if (event.reason == web::LeaveReason::removed) return fmt::format("{} was removed by {}{}", name, by, because.empty() ? "" : ": " + because);
        return event.reason == web::LeaveReason::lost ? fmt::format("{} lost the connection", name) : fmt::format("{} left", name);
    };
    add_event(*room, now.wall_ms, sentence());
    out.tell(happening::PersonLeft{room->name, event.member, name, std::string(to_text(event.reason)), by, because});
}

void RoomBook::keeper(Now now, const web::server::Keeper& event, Outbox& out) {
    auto* room = known(safe_line(event.room));
    if (room == nullptr || !room->joined) return;
    const auto name = safe_line(event.name.value_or(""));
    if (!name.empty()) add_event(*room, now.wall_ms, fmt::format("{} keeps this room now", name));
    out.tell(happening::Keeper{room->name, event.member.value_or(0), name});
}

void RoomBook::person_changed(Now now, const web::server::PersonChanged& event, Outbox& out) {
    auto* room = known(safe_line(event.room));
    if (room == nullptr || !room->joined) return;
    if (!room->people.contains(event.person.member)) return person_joined(now, {event.room, event.person}, out);
    auto& person = room->people[event.person.member];
    const auto before = std::exchange(person, person_of(event.person, &person));
    if (person.member == model_.member) model_.name = person.name;
    if (event.old_name) {
        const auto old_name = safe_line(*event.old_name);
        add_event(*room, now.wall_ms, fmt::format("{} is now {}", old_name, person.name));
        out.tell(happening::PersonRenamed{room->name, person.member, old_name, person.name});
    }
    if (before.in_call != person.in_call) add_event(*room, now.wall_ms, fmt::format("{} {} the call", person.name, person.in_call ? "joined" : "left"));
    const bool told =
        before.in_call != person.in_call || before.muted != person.muted || before.deafened != person.deafened || before.presence != person.presence;
    if (told) out.tell(happening::PersonChanged{room->name, before, person});
}

void RoomBook::topic(Now now, const web::server::Topic& event, Outbox& out) {
    auto* room = known(safe_line(event.room));
    if (room == nullptr) return;
    room->topic = topic_in(event.topic);
    const auto name = safe_line(event.name);
    add_event(*room, now.wall_ms, room->topic.empty() ? fmt::format("{} removed the topic", name) : fmt::format("{} set the topic: {}", name, room->topic));
    out.tell(happening::TopicChanged{room->name, room->topic, name});
}

void RoomBook::typing(Now now, const web::server::Typing& event, Outbox& out) {
    auto* person = person_in(event.room, event.member);
    if (person == nullptr || person->member == model_.member) return;
    const bool news = person->typing_until <= now.at;
    person->typing_until = now.at + kTypingLasts;
    if (news) out.tell(happening::Typing{safe_line(event.room), person->member, person->name});
}

void RoomBook::speaking(const web::server::Speaking& event, Outbox& out) {
    auto* person = person_in(event.room, event.member);
    if (person == nullptr || person->speaking == event.speaking) return;
    person->speaking = event.speaking;
    out.tell(happening::Speaking{safe_line(event.room), person->member, person->name, person->speaking});
}

void RoomBook::slots(const web::server::CallSlots& event) {
    constexpr std::int64_t kMostSlots = 64;
    if (safe_line(event.room) != model_.call.room) return;
    for (const auto& slot : event.slots) {
        if (slot.slot >= kMostSlots) continue;
        const auto index = static_cast<std::size_t>(slot.slot);
        if (model_.call.slots.size() <= index) model_.call.slots.resize(index + 1);
        model_.call.slots[index] = slot.member.value_or(0);
    }
}

// --- messages

Line RoomBook::line_of(const web::ChatMessage& message) const {
    Line line{.id = message.id,
              .time = message.time,
              .member = message.member,
              .name = name_in(message.name),
              .text = safe_text(std::string_view(message.text).substr(0, kLongestText))};
    line.own = message.member == model_.member;
    if (auto done = action_of(line.text, line.name)) line.kind = Line::Kind::kAction, line.text = std::move(*done);
    line.mention = !line.own && mentions(line.text, model_.name);
    return line;
}

void RoomBook::add(Room& room, Line line) {
    auto at = room.lines.end();
    while (at != room.lines.begin() && std::prev(at)->pending) --at;
    room.lines.insert(at, std::move(line));
    if (room.lines.size() <= kMaxLines) return;
    room.lines.pop_front();
    room.complete = false;
}

void RoomBook::add_event(Room& room, WallMs time, std::string sentence) { add(room, {.kind = Line::Kind::kEvent, .time = time, .text = std::move(sentence)}); }

void RoomBook::count(Room& room, const Line& line) {
    if (line.own || room.name == model_.current) return;
    ++room.unread;
    if (line.mention) ++room.mentions;
}

// Everything that is said goes through here, once.
void RoomBook::take(Room& room, const web::ChatMessage& message, bool history, Outbox& out) {
    auto& progress = progress_[room.name];
    if (message.id <= progress.cursor) return;
    progress.cursor = message.id;
    if (const auto ours = progress.accepted.find(message.id); ours != progress.accepted.end()) {
        std::erase_if(room.lines, [&](const Line& line) { return line.pending && line.token == ours->second; });
        progress.accepted.erase(ours);
    }
    auto line = line_of(message);
    if (const auto at = room.people.find(message.member); at != room.people.end()) at->second.typing_until = {};
    if (!history)
        count(room, line);
    else
        room.read_to = message.id;
    out.tell(happening::Said{room.name, line, history});
    add(room, std::move(line));
}

void RoomBook::message(const web::server::RoomMessage& event, Outbox& out) {
    auto* room = known(safe_line(event.room));
    if (room == nullptr || !room->joined) return;
    auto& progress = progress_[room->name];
    if (!progress.catching_up) return take(*room, event.message, false, out);
    progress.early[event.message.id] = event.message;
    if (progress.early.size() <= kMostEarly) return;
    progress.early.clear();
    progress.missed = true;
}

void RoomBook::history(const Wanted& asked, const web::server::History& page, Outbox& out) {
    auto* room = known(asked.room);
    if (room == nullptr || !room->joined) return;
    auto& progress = progress_[room->name];
    if (asked.page == Page::kOlder) {
        room->fetching = false;
        room->complete = page.complete || page.messages.empty();
        const auto front = std::ranges::find_if(room->lines, [](const Line& line) { return line.id != 0; });
        auto oldest = front == room->lines.end() ? progress.cursor + 1 : front->id;
        for (auto at = page.messages.rbegin(); at != page.messages.rend() && room->lines.size() < kMaxLines; ++at)
            if (at->id < oldest) oldest = at->id, room->lines.push_front(line_of(*at));
        return;
    }
    const bool past = std::exchange(progress.quiet, false);
    for (const auto& message : page.messages) take(*room, message, past, out);
    if (asked.page == Page::kNewest) room->complete = page.complete;
    const bool more = asked.page == Page::kNewer && !page.complete && !page.messages.empty();
    if (more || std::exchange(progress.missed, false))
        wanted_.push_back({room->name, Page::kNewer, progress.cursor});
    else
        caught_up(*room, out);
}

void RoomBook::history_failed(const Wanted& asked, Outbox& out) {
    auto* room = known(asked.room);
    if (room == nullptr) return;
    if (asked.page == Page::kOlder)
        room->fetching = false;
    else
        caught_up(*room, out);
}

void RoomBook::caught_up(Room& room, Outbox& out) {
    auto& progress = progress_[room.name];
    progress.catching_up = progress.quiet = false;
    for (const auto& [id, message] : std::exchange(progress.early, {})) take(room, message, false, out);
}

void RoomBook::want_older(const std::string& name) {
    auto* room = known(name);
    if (room == nullptr || !room->joined || room->fetching || room->complete || room->lines.size() >= kMaxLines) return;
    const auto front = std::ranges::find_if(room->lines, [](const Line& line) { return line.id != 0; });
    const auto before = front == room->lines.end() ? progress_[name].cursor + 1 : front->id;
    room->fetching = true;
    wanted_.push_back({name, Page::kOlder, before});
}

void RoomBook::direct(const web::server::Direct& event, Outbox& out) {
    Line line{.kind = Line::Kind::kDirect,
              .id = event.id,
              .time = event.time,
              .member = event.from,
              .name = name_in(event.from_name),
              .to_name = name_in(event.to_name)};
    line.text = safe_text(std::string_view(event.text).substr(0, kLongestText));
    line.own = event.from == model_.member;
    line.mention = !line.own;
    out.tell(happening::Private{line});
    line.id = 0;  // not of the room's order
    if (auto* room = known(model_.current)) add(*room, std::move(line));
}

void RoomBook::add_pending(const std::string& name, Line line) {
    if (auto* room = known(name)) room->lines.push_back(std::move(line));
}

void RoomBook::settle_pending(const std::string& name, std::uint64_t token, std::uint64_t id) {
    auto* room = known(name);
    if (room == nullptr) return;
    auto& progress = progress_[name];
    if (id > progress.cursor)
        progress.accepted[id] = token;  // it shows until the message itself comes
    else
        std::erase_if(room->lines, [&](const Line& line) { return line.pending && line.token == token; });
}

void RoomBook::fail_pending(const std::string& name, std::uint64_t token) {
    auto* room = known(name);
    if (room == nullptr) return;
    for (auto& line : room->lines)
        if (line.pending && line.token == token) line.pending = false, line.failed = true;
}

void RoomBook::notice(WallMs time, std::string text) {
    Line line{.kind = Line::Kind::kNotice, .time = time, .text = std::move(text)};
    if (auto* room = known(model_.current)) return add(*room, std::move(line));
    model_.notices.push_back(std::move(line));
    if (model_.notices.size() > kMaxNotices) model_.notices.pop_front();
}

}  // namespace earshot::client
