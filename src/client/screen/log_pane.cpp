#include <fmt/format.h>

#include <algorithm>

#include "client/screen/painter.hpp"

namespace earshot::client::screen {
namespace {

// The log keeps a blank column at either side.
Rectangle inner(const Rectangle& area) {
    const int margin = area.columns >= 20 ? 1 : 0;
    return {area.column + margin, area.row, std::max(0, area.columns - 2 * margin), area.rows};
}

void sentences(const Painter& p, const Rectangle& area, std::initializer_list<std::pair<std::string, Style>> lines) {
    std::vector<std::pair<std::string, Style>> rows;
    for (const auto& [text, style] : lines) {
        Letters letters;
        append(letters, text, style);
        for (const auto& row : wrapped(letters, std::max(8, area.columns - 4), false)) {
            Canvas line({std::max(1, width(row)), 1});
            int column = 0;
            for (const auto& letter : row) column += line.put(column, 0, letter.glyph, letter.style, line.size().columns);
            auto plain = line.plain_text();
            plain.pop_back();
            rows.emplace_back(std::move(plain), style);
        }
    }
    int row = area.row + std::max(0, (area.rows - static_cast<int>(rows.size())) / 2);
    for (const auto& [text, style] : rows) {
        if (row < area.bottom()) p.centred(area, row++, text, style);
    }
}

std::string seconds_until(Time then, Time now) {
    const auto left = (whole_ms(then - now) + 999) / 1000;
    return left <= 0 ? std::string("now") : fmt::format("in {} s", left);
}

void nowhere(const Painter& p, const Rectangle& area) {
    const auto dots = p.signs.ellipsis;
    switch (p.model.link) {
        case Link::kConnecting:
            return sentences(p, area, {{fmt::format("Connecting to {}{}", p.model.host, dots), {Role::title, true}}, {p.model.link_text, {Role::quiet}}});
        case Link::kGreeting: return sentences(p, area, {{fmt::format("Connected to {}. Saying hello{}", p.model.host, dots), {Role::title, true}}});
        case Link::kReconnecting:
            return sentences(p, area,
                             {{fmt::format("The connection to {} was lost.", p.model.host), {Role::warning, true}},
                              {p.model.link_text, {}},
                              {fmt::format("Trying again {}.", seconds_until(p.model.retry_at, p.look.now)), {Role::quiet}}});
        case Link::kClosed:
            return sentences(p, area,
                             {{"The connection has ended.", {Role::bad, true}}, {p.model.link_text, {}}, {"", {}}, {"/reconnect or /quit", {Role::quiet}}});
        case Link::kConnected:
            return sentences(p, area, {{"You are in no room.", {Role::title, true}}, {"/join #lobby goes to the lobby, F2 lists the rooms.", {Role::quiet}}});
    }
}

void no_messages(const Painter& p, const Rectangle& area, const Room& room) {
    const bool alone = room.people.size() <= 1;
    if (!room.complete) return sentences(p, area, {{fmt::format("Loading messages{}", p.signs.ellipsis), {Role::quiet}}});
    sentences(p, area,
              {{"No messages yet.", {Role::title, true}},
               {alone ? "Nobody else is here. The link to send:" : "Say hi, or press F4 to talk.", {}},
               {alone ? fmt::format("{}://{}/r/{}", p.model.secure ? "https" : "http", p.model.host, room.name.substr(room.name.empty() ? 0 : 1)) : std::string{}, {Role::link}},
               {"", {}},
               {"F1 keys, /help commands", {Role::quiet}}});
}

// One row over the top of the log while the connection is away.
bool paint_banner(const Painter& p, const Rectangle& area) {
    std::string text;
    if (p.model.link == Link::kReconnecting) text = fmt::format(" Connection lost, retry {} ", seconds_until(p.model.retry_at, p.look.now));
    if (p.model.link == Link::kClosed)
        text = fmt::format(" {} /reconnect tries again. ", p.model.link_text.empty() ? "The connection has ended." : p.model.link_text);
    if (p.model.link == Link::kConnecting || p.model.link == Link::kGreeting) text = fmt::format(" Reconnecting{} ", p.signs.ellipsis);
    if (text.empty() || area.rows < 3) return false;
    p.centred(area, area.row, text, {p.model.link == Link::kClosed ? Role::bad : Role::warning, true, false, false, true});
    return true;
}

}  // namespace

Size log_size(const Layout& places) {
    const auto area = inner(places.chat);
    return {area.columns, area.rows};
}

void paint_log(const Painter& p) {
    if (p.places.chat.rows <= 0 || p.places.chat.columns <= 0) return;
    auto area = inner(p.places.chat);
    const auto* room = p.model.current_room();
    Room notices_only;
    if (room == nullptr) {
        if (p.model.notices.empty() || p.model.link != Link::kConnected) return nowhere(p, area);
        notices_only.lines = p.model.notices;
        notices_only.complete = true;
        room = &notices_only;
    }
    if (paint_banner(p, area)) area = {area.column, area.row + 1, area.columns, area.rows - 1};
    if (room->lines.empty()) return no_messages(p, area, *room);
    Chat chat(*room, p.model, p.look, area.columns);
    const auto rows = chat.window(p.state.scroll, area.rows);
    int row = area.bottom() - static_cast<int>(rows.size());
    if (row > area.row && room != &notices_only) {
        const auto text = room->complete   ? fmt::format("This is the beginning of {}.", room->name)
                          : room->fetching ? fmt::format("Loading older messages{}", p.signs.ellipsis)
                                           : std::string{};
        p.centred(area, row - (row - 1 > area.row ? 2 : 1), text, {Role::quiet});
    }
    for (const auto& letters : rows) p.put(area.column, row++, letters, area.right());
}

}  // namespace earshot::client::screen
