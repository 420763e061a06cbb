#include "client/screen/layout.hpp"

#include <algorithm>

namespace earshot::client::screen {
namespace {

struct Widths {
    int rooms = 0, people = 0;
};

Widths side_panes(int columns) {
    if (columns >= 140) return {26, 38};
    if (columns >= 110) return {22, 30};
    if (columns >= 90) return {19, 24};
    return {17, 20};
}

}  // namespace

Layout layout(Size size, int composer_rows, Pane pane) {
    Layout out;
    out.panes = size.columns >= 80 && size.rows >= 24;
    out.roomy = size.columns >= 120 && size.rows >= 32;
    const int most = std::max(1, std::min(8, size.rows / 4));
    const int writing = std::clamp(composer_rows, 1, most);
    const bool rules = size.rows >= 10;
    const bool bars = size.rows >= 5;  // a strip of four rows or less is a log and a line to write
    const int columns = size.columns;

    int bottom = size.rows;
    if (bars) out.keys = {0, --bottom, columns, 1};
    bottom -= writing;
    out.composer = {0, bottom, columns, writing};
    if (out.roomy) --bottom;  // air
    if (bars) out.call = {0, --bottom, columns, 1};
    if (rules) out.rule_below = --bottom;
    int top = 0;
    if (bars) out.title = {0, top++, columns, 1};
    if (rules) out.rule_above = top++;

    const int rows = std::max(0, bottom - top);
    if (!out.panes) {
        const Rectangle whole{0, top, columns, rows};
        (pane == Pane::rooms ? out.rooms : pane == Pane::people ? out.people : out.chat) = whole;
        return out;
    }
    const auto [rooms, people] = side_panes(columns);
    out.rooms = {0, top, rooms, rows};
    out.chat = {rooms + 1, top, columns - rooms - people - 2, rows};
    out.people = {columns - people, top, people, rows};
    return out;
}

}  // namespace earshot::client::screen
