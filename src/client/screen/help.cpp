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
    {"F5  F6", "mute, deafen"},
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
    const auto size = p.canvas.size();
    const int columns = std::min(76, size.columns);
    const int rows = std::min(help_rows() + 2, size.rows);
    const Rectangle box{(size.columns - columns) / 2, (size.rows - rows) / 2, columns, rows};
    p.canvas.fill(box, U' ');
    for (int column = box.column; column < box.right(); ++column) {
        p.canvas.put(column, box.row, p.signs.horizontal, {Role::frame});
        p.canvas.put(column, box.bottom() - 1, p.signs.horizontal, {Role::frame});
    }
    for (int row = box.row; row < box.bottom(); ++row) {
        p.canvas.put(box.column, row, p.signs.vertical, {Role::frame});
        p.canvas.put(box.right() - 1, row, p.signs.vertical, {Role::frame});
    }
    p.canvas.put(box.column, box.row, p.signs.corner_top_left, {Role::frame});
    p.canvas.put(box.right() - 1, box.row, p.signs.corner_top_right, {Role::frame});
    p.canvas.put(box.column, box.bottom() - 1, p.signs.corner_bottom_left, {Role::frame});
    p.canvas.put(box.right() - 1, box.bottom() - 1, p.signs.corner_bottom_right, {Role::frame});
    p.canvas.put(box.column + 2, box.row, " Keys ", {Role::brand, true});
    const bool more = rows < help_rows() + 2;
    p.canvas.put(box.column + 2, box.bottom() - 1, more ? " Up and Down scroll, Esc closes " : " Esc closes, /help tells the commands ", {Role::quiet},
                 columns - 4);
    const int first = std::clamp(p.state.help_row, 0, std::max(0, help_rows() - (rows - 2)));
    for (int i = 0; i < rows - 2 && first + i < help_rows(); ++i) {
        const auto& row = kRows[static_cast<std::size_t>(first + i)];
        const int at = box.row + 1 + i;
        const int right = columns - 3;
        if (row.key.empty()) {
            p.canvas.put(box.column + 2, at, row.does, {Role::title, true}, right);
            continue;
        }
        p.canvas.put(box.column + 3, at, row.key, {.bold = true}, right - 1);
        p.canvas.put(box.column + 3 + kKeyColumns, at, row.does, {}, right - 1 - kKeyColumns);
    }
}

}  // namespace earshot::client::screen
