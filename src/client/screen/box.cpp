#include <fmt/format.h>

#include <algorithm>

#include "client/screen/painter.hpp"

namespace earshot::client::screen {

void paint_box(const Painter& p, const Rectangle& box, std::string_view title, Style title_style, std::string_view foot) {
    p.canvas.fill(box, U' ');
    const Style frame{Role::frame};
    for (int column = box.column; column < box.right(); ++column) {
        p.canvas.put(column, box.row, p.signs.horizontal, frame);
        p.canvas.put(column, box.bottom() - 1, p.signs.horizontal, frame);
    }
    for (int row = box.row; row < box.bottom(); ++row) {
        p.canvas.put(box.column, row, p.signs.vertical, frame);
        p.canvas.put(box.right() - 1, row, p.signs.vertical, frame);
    }
    p.canvas.put(box.column, box.row, p.signs.corner_top_left, frame);
    p.canvas.put(box.right() - 1, box.row, p.signs.corner_top_right, frame);
    p.canvas.put(box.column, box.bottom() - 1, p.signs.corner_bottom_left, frame);
    p.canvas.put(box.right() - 1, box.bottom() - 1, p.signs.corner_bottom_right, frame);
    p.canvas.put(box.column + 2, box.row, fit(fmt::format(" {} ", title), box.columns - 4, p.signs.ellipsis), title_style, box.columns - 4);
    p.canvas.put(box.column + 2, box.bottom() - 1, foot, {Role::quiet}, box.columns - 4);
}

Rectangle centred_box(Size size, int columns, int rows) {
    columns = std::min(columns, size.columns);
    rows = std::min(rows, size.rows);
    return {(size.columns - columns) / 2, (size.rows - rows) / 2, columns, rows};
}

}  // namespace earshot::client::screen
