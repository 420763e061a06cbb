#include "client/screen/chat.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>

namespace earshot::client::screen {
namespace {

constexpr WallMs kDayMs = 24 * 3600 * 1000;
constexpr WallMs kGroupMs = 5 * 60 * 1000;  // what one says within this belongs together
constexpr int kTimeColumns = 6;             // "20:14 "
constexpr int kRoomyColumns = 64;           // from here on names have a column of their own
constexpr int kLongestName = 14;

WallMs day_of(WallMs local) { return local >= 0 ? local / kDayMs : (local - kDayMs + 1) / kDayMs; }

std::string day_text(WallMs day) {
    static constexpr std::array kDays{"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"};
    static constexpr std::array kMonths{"January", "February", "March",     "April",   "May",      "June",
                                        "July",    "August",   "September", "October", "November", "December"};
    const std::chrono::sys_days date{std::chrono::days{std::clamp<WallMs>(day, -700'000, 2'900'000)}};
    const std::chrono::year_month_day parts{date};
    return fmt::format("{} {} {} {}", kDays[std::chrono::weekday{date}.c_encoding()], static_cast<unsigned>(parts.day()),
                       kMonths[static_cast<unsigned>(parts.month()) - 1], static_cast<int>(parts.year()));
}

std::string_view trimmed(std::string_view text) {
    while (text.starts_with('\n')) text.remove_prefix(1);
    while (text.ends_with('\n') || text.ends_with(' ')) text.remove_suffix(1);
    return text;
}

// Where the second column of a line of plain ASCII begins, 0 when it has none.
std::size_t second_column(std::string_view line) {
    const auto gap = line.find("  ");
    const auto begin = gap == std::string_view::npos ? gap : line.find_first_not_of(' ', gap);
    const bool plain = std::ranges::all_of(line, [](char c) { return c >= ' ' && c < 0x7f; });
    return begin == std::string_view::npos || begin > 40 || gap == 0 || !plain ? 0 : begin;
}

bool is_said(const Line& line) { return line.kind == Line::Kind::kMessage; }

Letters blanks(int count) { return Letters(static_cast<std::size_t>(std::max(0, count)), Letter{}); }

}  // namespace

Role name_role(std::string_view name) {
    std::uint32_t hash = 2166136261u;  // FNV-1a
    for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619u;
    return static_cast<Role>(static_cast<unsigned>(Role::name_1) + hash % 6);
}

std::string clock_text(WallMs local) {
    const auto minutes = (local - day_of(local) * kDayMs) / 60'000;
    return fmt::format("{:02}:{:02}", minutes / 60, minutes % 60);
}

Chat::Chat(const Room& room, const Model& model, const Look& look, int columns)
    : room_(room), model_(model), look_(look), signs_(signs(look.alphabet)), columns_(std::max(columns, 1)) {
    int longest = 6;
    const std::size_t seen = std::min<std::size_t>(room.lines.size(), 200);
    for (std::size_t i = room.lines.size() - seen; i < room.lines.size(); ++i) {
        if (is_said(room.lines[i])) longest = std::max(longest, width(room.lines[i].name));
    }
    name_columns_ = columns_ >= kRoomyColumns ? std::min(longest, kLongestName) : 0;
}

bool Chat::new_day(std::size_t line) const {
    const auto day = day_of(look_.local(room_.lines[line].time));
    return line == 0 ? day != day_of(look_.local(look_.wall_ms)) : day != day_of(look_.local(room_.lines[line - 1].time));
}

// The first line that is newer than what was read: messages carry numbers, what stands between them does not.
bool Chat::new_begins(std::size_t line) const {
    if (room_.read_to == 0 || line == 0 || room_.lines[line].id <= room_.read_to || room_.lines[line].own) return false;
    for (auto before = line; before-- > 0;) {
        if (room_.lines[before].id != 0) return room_.lines[before].id <= room_.read_to;
    }
    return false;
}

bool Chat::continues(std::size_t line) const {
    if (line == 0 || new_day(line) || new_begins(line)) return false;
    const auto& before = room_.lines[line - 1];
    const auto& here = room_.lines[line];
    return is_said(before) && is_said(here) && before.name == here.name && before.own == here.own && here.time - before.time < kGroupMs;
}

// The lines of one answer, such as /help, tell their time once.
bool Chat::answers_on(std::size_t line) const {
    if (line == 0 || new_day(line)) return false;
    const auto& before = room_.lines[line - 1];
    const auto& here = room_.lines[line];
    return before.kind == Line::Kind::kNotice && here.kind == Line::Kind::kNotice && before.time == here.time;
}

void Chat::divider(std::vector<Letters>& out, std::string_view text, Style style) const {
    const auto label = fmt::format(" {} ", text);
    const int rest = std::max(0, columns_ - width(label));
    Letters row;
    const Style line{style.role == Role::quiet ? Role::frame : style.role};
    for (int i = 0; i < rest / 2; ++i) append(row, signs_.horizontal, line);
    append(row, label, style);
    for (int i = width(row); i < columns_; ++i) append(row, signs_.horizontal, line);
    out.push_back(std::move(row));
}

// `head` stands before the first row, blanks before the others.
void Chat::put(std::vector<Letters>& out, Letters head, int indent, const Letters& text, bool keep_blanks) const {
    const int room = std::max(4, columns_ - indent);
    for (auto& row : wrapped(text, room, keep_blanks)) {
        if (head.empty()) head = blanks(indent);
        head.insert(head.end(), row.begin(), row.end());
        out.push_back(std::move(head));
        head.clear();
    }
}

void Chat::say(std::vector<Letters>& out, const Line& line, bool continued) const {
    Letters head;
    append(head, continued && name_columns_ > 0 ? "      " : clock_text(look_.local(line.time)) + " ", {Role::quiet});
    Style name_style{line.own ? Role::plain : name_role(line.name), true};
    const auto name = fit(line.name, kLongestName, signs_.ellipsis);
    Letters lead;  // what stands before the text in its first row
    if (name_columns_ > 0) {
        const auto room = blanks(name_columns_ - (continued ? 0 : width(name)));
        head.insert(head.end(), room.begin(), room.end());
        if (!continued) append(head, name, name_style);
        append(head, line.mention ? " " : "  ", {});
        if (line.mention) append(head, signs_.bar, {Role::mention, true});
        append(head, " ", {});
    } else if (!continued) {
        if (line.mention) append(lead, fmt::format("{} ", signs_.bar), {Role::mention, true});
        append(lead, fmt::format("{}: ", name), name_style);
    }
    const int indent = kTimeColumns + (name_columns_ > 0 ? name_columns_ + 3 : 0);
    Style base;
    if (line.pending) base.role = Role::quiet;
    if (line.failed) base.role = Role::bad;
    for (auto& paragraph : paragraphs(trimmed(line.text), base, model_.name)) {
        Letters text = std::move(lead);
        lead.clear();
        int deeper = 0;
        switch (paragraph.kind) {
            case Paragraph::Kind::text: break;
            case Paragraph::Kind::quote: append(text, fmt::format("{} ", signs_.bar), {Role::frame}); break;
            case Paragraph::Kind::code: append(text, fmt::format("{} ", signs_.vertical), {Role::frame}); break;
            case Paragraph::Kind::item:
                append(text, fmt::format("{} ", paragraph.marker == "-" ? signs_.bullet : std::string_view(paragraph.marker)), base);
                deeper = width(text);
                break;
        }
        text.insert(text.end(), paragraph.letters.begin(), paragraph.letters.end());
        const auto first = out.size();
        put(out, std::move(head), indent, text, paragraph.kind == Paragraph::Kind::code);
        head.clear();
        for (auto i = first + 1; deeper > 0 && deeper < 8 && i < out.size(); ++i)
            out[i].insert(out[i].begin() + indent, static_cast<std::size_t>(deeper), Letter{});
    }
    if (line.failed)
        put(
            out, {}, indent,
            [&] {
                Letters note;
                append(note, "(not sent)", {Role::bad, true});
                return note;
            }(),
            false);
    for (auto& row : out) {
        while (width(row) > columns_) row.pop_back();
    }
}

// What happened, what was answered, what was said to one alone.
void Chat::tell(std::vector<Letters>& out, const Line& line, bool continued) const {
    Letters head;
    append(head, continued ? "      " : clock_text(look_.local(line.time)) + " ", {Role::quiet});
    const auto before_sign = blanks(name_columns_ > 0 ? name_columns_ - 1 : 0);
    head.insert(head.end(), before_sign.begin(), before_sign.end());
    Letters text;
    Style base{Role::quiet};
    switch (line.kind) {
        case Line::Kind::kEvent: append(head, signs_.event, {Role::quiet}); break;
        case Line::Kind::kNotice:
            append(head, signs_.bar, {Role::title, true});
            base.role = Role::plain;
            break;
        case Line::Kind::kAction:
            append(head, "*", {name_role(line.name), true});
            append(text, fmt::format("{} ", line.name), {name_role(line.name), true, false, true});
            base = {Role::plain, false, false, true};
            break;
        default:
            append(head, signs_.bar, {Role::warning, true});
            append(text, line.own ? fmt::format("to {} alone: ", line.to_name) : fmt::format("{} to you alone: ", line.name), {Role::warning, true});
            base.role = Role::plain;
            break;
    }
    append(head, name_columns_ > 0 ? "  " : " ", {});
    if (name_columns_ > 0) append(head, " ", {});
    auto said = std::string_view(line.text);
    if (line.kind == Line::Kind::kNotice) {  // an answer in two columns: the second is wrapped in itself
        const auto column = second_column(said);
        if (column > 0 && width(head) + static_cast<int>(column) + 16 <= columns_) {
            append(head, said.substr(0, column), {});
            said.remove_prefix(column);
        }
    }
    const int indent = width(head);
    if (line.pending) base.role = Role::quiet;
    for (auto& paragraph : paragraphs(said, base, model_.name)) {
        text.insert(text.end(), paragraph.letters.begin(), paragraph.letters.end());
        const bool columns = line.kind == Line::Kind::kNotice;
        put(out, std::move(head), indent, text, columns && width(text) <= columns_ - indent);
        head.clear();
        text.clear();
    }
}

std::vector<Letters> Chat::lay_out(std::size_t index) {
    std::vector<Letters> out;
    const auto& line = room_.lines[index];
    if (new_day(index)) divider(out, day_text(day_of(look_.local(line.time))), {Role::quiet});
    if (new_begins(index)) divider(out, "new", {Role::mention, true});
    std::vector<Letters> rows;
    if (is_said(line))
        say(rows, line, continues(index));
    else
        tell(rows, line, answers_on(index));
    for (auto& row : rows) out.push_back(std::move(row));
    return out;
}

const std::vector<Letters>& Chat::rows_of(std::size_t line) {
    auto [found, fresh] = laid_out_.try_emplace(line);
    if (fresh) found->second = lay_out(line);
    return found->second;
}

Chat::Place Chat::place(const Scroll& scroll) {
    const auto size = room_.lines.size();
    if (scroll.following) return {size, 0};
    for (auto i = size; i-- > 0;) {
        if (LineKey::of(room_.lines[i]) != scroll.line) continue;
        const int rows = static_cast<int>(rows_of(i).size());
        return {i + 1, std::clamp(scroll.hidden_rows, 0, rows - 1)};
    }
    return {size, 0};
}

Scroll Chat::scroll_at(const Place& place) const {
    if (place.end == room_.lines.size() && place.hidden == 0) return {};
    return {false, LineKey::of(room_.lines[place.end - 1]), place.hidden};
}

std::vector<Letters> Chat::window(const Scroll& scroll, int rows) {
    std::vector<Letters> out;  // bottom first
    const auto [end, hidden] = place(scroll);
    int skip = hidden;
    for (auto i = end; i-- > 0 && static_cast<int>(out.size()) < rows;) {
        const auto& all = rows_of(i);
        for (auto row = all.rbegin(); row != all.rend() && static_cast<int>(out.size()) < rows; ++row) {
            if (skip > 0)
                --skip;
            else
                out.push_back(*row);
        }
    }
    std::ranges::reverse(out);
    return out;
}

Scroll Chat::moved(const Scroll& scroll, int by, int rows) {
    if (room_.lines.empty()) return {};
    rows = std::max(rows, 1);
    auto [end, hidden] = place(scroll);
    for (; by < 0 && (hidden > 0 || end < room_.lines.size()); ++by) {
        if (hidden > 0)
            --hidden;
        else
            hidden = static_cast<int>(rows_of(end++).size()) - 1;
    }
    for (; by > 0 && !at_top(scroll_at({end, hidden}), rows); --by) {
        if (hidden + 1 < static_cast<int>(rows_of(end - 1).size())) {
            ++hidden;
        } else {
            --end;
            hidden = 0;
        }
    }
    return scroll_at({end, hidden});
}

bool Chat::at_top(const Scroll& scroll, int rows) {
    const auto [end, hidden] = place(scroll);
    int above = -hidden;
    for (auto i = end; i-- > 0;) {
        above += static_cast<int>(rows_of(i).size());
        if (above > rows) return false;
    }
    return true;
}

int Chat::lines_below(const Scroll& scroll) const {
    if (scroll.following) return 0;
    for (auto i = room_.lines.size(); i-- > 0;) {
        if (LineKey::of(room_.lines[i]) == scroll.line) return static_cast<int>(room_.lines.size() - i - 1) + (scroll.hidden_rows > 0 ? 1 : 0);
    }
    return 0;
}

}  // namespace earshot::client::screen
