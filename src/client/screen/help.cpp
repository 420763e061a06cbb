#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "client/screen/painter.hpp"

namespace earshot::client::screen {
namespace {

struct Row {
    std::string_view key, does;  // no key: a heading
};

constexpr Row kRows[]{
    {"", "Talk"},
    {"F9, Ctrl+T", "talk: hold it, or on and off, as the bar below says"},
    {"Space", "the same, held, while nothing is written"},
    {"F4", "join the call of this room, or hang up"},
    {"F5  F6  F7", "mute, deafen, look at microphone and loudspeakers"},
    {"[audio]", "talk hands-free until silence ends it"},
    {"", "Write"},
    {"Enter", "send"},
    {"Alt+Enter", "another line of the same message"},
    {"Tab", "complete commands, people, rooms"},
    {"Up  Down", "what was sent before"},
    {"Ctrl+W  U  K  Y", "cut a word, to the left, to the right; put back"},
    {"Ctrl+Left  Right", "word by word"},
    {"", "Look around"},
    {"Alt+1..9", "the room of that number"},
    {"Alt+Up  Down", "the room above, below"},
    {"Alt+A", "the next room with something new"},
    {"PgUp  PgDn", "scroll; Esc returns to the newest"},
    {"F2  F3", "rooms, people: arrows choose, Enter opens"},
    {"+  -  m", "in the people: louder, softer, silence"},
    {"Ctrl+L", "draw everything anew"},
    {"Ctrl+C twice", "leave; so does /quit"},
};
constexpr int kKeyColumns = 18;

}  // namespace

int help_rows() { return static_cast<int>(std::size(kRows)); }

void paint_help(const Painter& p) {
    const auto box = centred_box(p.canvas.size(), 76, help_rows() + 2);
    const bool more = box.rows < help_rows() + 2;
    paint_box(p, box, "Keys", {Role::brand, true}, more ? " Up and Down scroll, Esc closes " : " Esc closes, /help tells the commands ");
    const int first = std::clamp(p.state.help_row, 0, std::max(0, help_rows() - (box.rows - 2)));
    for (int i = 0; i < box.rows - 2 && first + i < help_rows(); ++i) {
        const auto& row = kRows[static_cast<std::size_t>(first + i)];
        const int at = box.row + 1 + i;
        const int right = box.columns - 3;
        if (row.key.empty()) {
            p.canvas.put(box.column + 2, at, row.does, {Role::title, true}, right);
            continue;
        }
        p.canvas.put(box.column + 3, at, row.key, {.bold = true}, right - 1);
        p.canvas.put(box.column + 3 + kKeyColumns, at, row.does, {}, right - 1 - kKeyColumns);
    }
}

void paint_question(const Painter& p) {
    const auto& question = *p.model.question;
    const int columns = std::min(72, p.canvas.size().columns);
    std::vector<Letters> rows;
    for (std::size_t at = 0; at <= question.text.size();) {
        const auto end = std::min(question.text.find('\n', at), question.text.size());
        Letters line;
        append(line, std::string_view(question.text).substr(at, end - at), {});
        for (auto& row : wrapped(line, std::max(8, columns - 6), false)) rows.push_back(std::move(row));
        at = end + 1;
    }
    rows.emplace_back();
    for (const auto& [key, does] : {std::pair{"y  ", &question.yes}, std::pair{"n  ", &question.no}}) {
        append(rows.emplace_back(), key, {Role::brand, true});
        append(rows.back(), *does, {});
    }
    const auto box = centred_box(p.canvas.size(), columns, static_cast<int>(rows.size()) + 4);
    paint_box(p, box, question.title, {Role::warning, true}, {});
    int row = box.row + (box.rows > static_cast<int>(rows.size()) + 3 ? 2 : 1);
    for (const auto& letters : rows) {
        if (row < box.bottom() - 1) p.put(box.column + 3, row++, letters, box.right() - 2);
    }
}

}  // namespace earshot::client::screen
