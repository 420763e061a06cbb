#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "client/screen/painter.hpp"

namespace earshot::client::screen {
namespace {

using wire::web::ClientKind;
using wire::web::Presence;

std::string_view without_hash(std::string_view room) { return room.starts_with('#') ? room.substr(1) : room; }

void heading(const Painter& p, const Rectangle& area, int row, std::string_view text, bool active) {
    if (row >= area.bottom()) return;
    p.canvas.put(area.column + 1, row, text, {Role::title, true, active}, area.columns - 1);
}

// The row of a list that the keys act on.
void mark_chosen(const Painter& p, const Rectangle& area, int row) {
    p.canvas.restyle({area.column + 1, row, area.columns - 1, 1}, {.bold = true, .reverse = true});
    p.canvas.put(area.column, row, p.signs.chosen, {Role::brand, true});
}

Letters room_counts(const Painter& p, const Room& room, bool roomy) {
    Letters out;
    if (room.mentions > 0)
        append(out, fmt::format("@{}", room.mentions), {Role::mention, true});
    else if (room.unread > 0)
        append(out, fmt::format("*{}", room.unread), {Role::brand, true});
    if (room.in_call_count > 0 && (roomy || out.empty())) {
        const bool alone = out.empty();
        if (!alone) append(out, " ", {});
        if (roomy && alone)
            append(out, fmt::format("{} in call", room.in_call_count), {Role::good});
        else
            append(out, fmt::format("{}{}{}", p.signs.call_before, room.in_call_count, p.signs.call_after), {Role::good});
    }
    return out;
}

void paint_room(const Painter& p, const Rectangle& area, int row, const Room& room, int number) {
    const bool current = room.name == p.model.current;
    const bool called = p.model.call.state != CallState::kNone && p.model.call.room == room.name;
    Style style{current ? Role::brand : room.joined ? Role::plain : Role::quiet, current || room.unread > 0};
    if (current) p.canvas.put(area.column, row, p.signs.chosen, {Role::brand, true});
    auto counts = room_counts(p, room, area.columns >= 24);
    const auto label = number > 0 && number <= 9 ? fmt::format("{} ", number) : std::string("  ");
    int column = area.column + 1 + p.canvas.put(area.column + 1, row, label, {Role::quiet});
    const bool new_there = room.unread > 0 || room.mentions > 0;
    if (!new_there && width(without_hash(room.name)) + width(counts) + 2 > area.right() - column) counts.clear();  // the name says more
    const int left = area.right() - column - 1 - (counts.empty() ? 0 : width(counts) + 1);
    const auto name = fit(without_hash(room.name), left, p.signs.ellipsis);
    style.underline = called;
    p.canvas.put(column, row, name, style, left);
    p.right_aligned(area.right() - 1, row, counts);
}

std::string_view client_word(ClientKind kind) {
    switch (kind) {
        case ClientKind::browser: return "web";
        case ClientKind::terminal: return "term";
        case ClientKind::mumble: return "mumble";
        case ClientKind::irc: return "irc";
        case ClientKind::socket: return "socket";
        case ClientKind::voix: return "voix";
    }
    return {};
}

// What there is to know of somebody besides his name, in words.
std::string state_words(const Person& person, bool roomy) {
    if (person.presence == Presence::reconnecting) return roomy ? "reconnecting" : "no link";
    if (person.presence == Presence::quiet) return roomy ? "weak link" : "weak";
    if (!person.in_call) return {};
    if (person.deafened) return "deaf";
    if (person.muted) return "muted";
    return person.listen_only ? "listens" : "";
}

Letters level_bar(const Painter& p, const Person& person, int cells) {
    Letters out;
    const int on = person.speaking ? std::max(1, meter_cells(person.level_dbfs, cells)) : 0;
    for (int cell = 0; cell < cells; ++cell)
        append(out, cell < on ? p.signs.meter_on : p.signs.meter_off, cell < on ? meter_style(cell, cells) : Style{Role::frame});
    return out;
}

Letters joined(Letters left, const Letters& right) {
    left.insert(left.end(), right.begin(), right.end());
    return left;
}

Letters person_tail(const Painter& p, const Rectangle& area, const Person& person) {
    Letters out;
    if (person.volume_percent != 100) append(out, fmt::format("{}% ", person.volume_percent), {Role::warning});
    const auto words = state_words(person, area.columns >= 28);
    if (!words.empty())
        append(out, words, {Role::warning});
    else if (person.in_call)
        out = joined(std::move(out), level_bar(p, person, area.columns >= 36 ? 14 : area.columns >= 24 ? 8 : 5));
    else if (area.columns >= 24)
        append(out, client_word(person.client), {Role::quiet});
    if (area.columns >= 36 && person.in_call) {
        const auto kind = client_word(person.client);
        append(out, std::string(8 - std::min<std::size_t>(kind.size(), 7), ' '), {});
        append(out, kind, {Role::quiet});
    }
    return out;
}

void paint_person(const Painter& p, const Rectangle& area, int row, const Person& person) {
    const bool self = person.member == p.model.member;
    const bool unable = person.muted || person.deafened || person.listen_only || person.presence != Presence::here;
    if (person.in_call) {
        const auto sign = person.speaking ? p.signs.speaking : unable ? p.signs.unable : p.signs.silent;
        p.canvas.put(area.column + 1, row, sign, {person.speaking ? Role::good : unable ? Role::warning : Role::quiet, person.speaking});
    }
    const auto tail = person_tail(p, area, person);
    const int column = area.column + 3;
    const int left = area.right() - 1 - width(tail) - 1 - column;
    const std::string_view you = self ? left >= width(person.name) + 6 ? " (you)" : "*" : "";
    const auto name = fit(person.name, left - width(you), p.signs.ellipsis);
    Style style{self ? Role::plain : name_role(person.name), person.speaking || self};
    if (person.presence == Presence::reconnecting) style = {Role::quiet};
    const int took = p.canvas.put(column, row, name, style);
    p.canvas.put(column + took, row, you, {Role::quiet}, std::max(0, left - took));
    p.right_aligned(area.right() - 1, row, tail);
}

// The first of `count` rows to show in `rows` so that the chosen one is seen.
int first_shown(int chosen, int count, int rows) { return count <= rows ? 0 : std::clamp(chosen - rows / 2, 0, count - rows); }

void hint(const Painter& p, const Rectangle& area, std::string_view text) {
    if (area.rows >= 6) p.canvas.put(area.column + 1, area.bottom() - 1, fit(text, area.columns - 2, p.signs.ellipsis), {Role::quiet}, area.columns - 1);
}

}  // namespace

std::vector<const Room*> rooms_in_order(const Model& model) {
    std::vector<const Room*> out;
    for (const auto& room : model.rooms) {
        if (room.joined) out.push_back(&room);
    }
    for (const auto& room : model.rooms) {
        if (!room.joined) out.push_back(&room);
    }
    return out;
}

std::vector<const Person*> people_in_order(const Room& room, std::uint64_t self) {
    std::vector<const Person*> out;
    for (const auto& [member, person] : room.people) out.push_back(&person);
    const auto rank = [self](const Person* person) {
        return std::tuple(!person->in_call, person->member != self, std::string_view(person->name), person->member);
    };
    std::ranges::sort(out, {}, rank);
    return out;
}

void paint_rooms(const Painter& p) {
    const auto& area = p.places.rooms;
    if (area.rows <= 0 || area.columns <= 0) return;
    const bool active = p.state.pane == Pane::rooms;
    const auto rooms = rooms_in_order(p.model);
    std::vector<const Room*> list{nullptr};  // null: a heading, or the blank above one
    for (const auto* room : rooms) {
        const auto* before = list.back();
        if (!room->joined && (before == nullptr ? list.size() == 1 : before->joined)) list.insert(list.end(), {nullptr, nullptr});
        list.push_back(room);
    }
    const auto chosen = std::ranges::find_if(list, [&](const Room* room) { return room != nullptr && room->name == p.state.chosen_room; });
    const int rows = area.rows - (active ? 1 : 0);
    const int begin = first_shown(static_cast<int>(chosen == list.end() ? 0 : chosen - list.begin()), static_cast<int>(list.size()), rows);
    int number = 0;
    for (int i = 0; i < static_cast<int>(list.size()) && i - begin < rows; ++i) {
        const auto index = static_cast<std::size_t>(i);
        const int row = area.row + i - begin;
        const auto* room = list[index];
        if (room != nullptr && room->joined) ++number;
        if (i < begin) continue;
        if (room != nullptr) {
            paint_room(p, area, row, *room, room->joined ? number : 0);
            if (active && room->name == p.state.chosen_room) mark_chosen(p, area, row);
        } else if (i == 0) {
            heading(p, area, row, "ROOMS", active);
        } else if (index + 1 < list.size() && list[index + 1] != nullptr) {
            heading(p, area, row, "MORE", false);
        }
    }
    if (rooms.empty() && area.rows > 1) p.canvas.put(area.column + 1, area.row + 1, "none yet", {Role::quiet}, area.columns - 1);
    if (active) hint(p, area, area.columns >= 30 ? "Enter opens, Esc goes back" : "Enter opens");
}

void paint_people(const Painter& p) {
    const auto& area = p.places.people;
    if (area.rows <= 0 || area.columns <= 0) return;
    const bool active = p.state.pane == Pane::people;
    const auto* room = p.model.current_room();
    if (room == nullptr || room->people.empty()) {
        heading(p, area, area.row, "PEOPLE", active);
        return;
    }
    const auto people = people_in_order(*room, p.model.member);
    const auto in_call = std::ranges::count_if(people, &Person::in_call);
    // A list with its headings, of which a part is seen.
    std::vector<const Person*> list;  // null: a heading
    if (in_call > 0) list.push_back(nullptr);
    for (std::size_t i = 0; i < people.size(); ++i) {
        if (i == static_cast<std::size_t>(in_call)) {
            if (i > 0) list.push_back(nullptr);
            list.push_back(nullptr);
        }
        list.push_back(people[i]);
    }
    const auto chosen = std::ranges::find_if(list, [&](const Person* person) { return person != nullptr && person->member == p.state.chosen_member; });
    const int rows = area.rows - (active ? 1 : 0);
    const int begin = first_shown(static_cast<int>(chosen == list.end() ? 0 : chosen - list.begin()), static_cast<int>(list.size()), rows);
    for (int i = begin; i < static_cast<int>(list.size()) && i - begin < rows; ++i) {
        const int row = area.row + i - begin;
        const auto index = static_cast<std::size_t>(i);
        if (list[index] != nullptr) {
            paint_person(p, area, row, *list[index]);
            if (active && list[index]->member == p.state.chosen_member) mark_chosen(p, area, row);
        } else if (i == 0 && in_call > 0) {
            heading(p, area, row, fmt::format("IN CALL {}", in_call), active);
        } else if (index + 1 < list.size() && list[index + 1] != nullptr) {
            heading(p, area, row, fmt::format("HERE {}", static_cast<std::ptrdiff_t>(people.size()) - in_call), active && in_call == 0);
        }
    }
    if (active) hint(p, area, area.columns >= 36 ? "+ - volume, m silence, Enter write" : "+ - volume");
}

}  // namespace earshot::client::screen
