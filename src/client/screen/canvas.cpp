#include "client/screen/canvas.hpp"

#include <algorithm>

#include "base/check.hpp"
#include "client/screen/utf8.hpp"

namespace earshot::client::screen {

Canvas::Canvas(Size size) : size_{std::clamp(size.columns, 1, kMostColumns), std::clamp(size.rows, 1, kMostRows)} {
    cells_.resize(static_cast<std::size_t>(size_.columns) * static_cast<std::size_t>(size_.rows));
}

const Cell& Canvas::at(int column, int row) const {
    ENSURE(column >= 0 && column < size_.columns && row >= 0 && row < size_.rows);
    return cells_[static_cast<std::size_t>(row) * static_cast<std::size_t>(size_.columns) + static_cast<std::size_t>(column)];
}

Cell* Canvas::cell(int column, int row) {
    if (column < 0 || column >= size_.columns || row < 0 || row >= size_.rows) return nullptr;
    return &cells_[static_cast<std::size_t>(row) * static_cast<std::size_t>(size_.columns) + static_cast<std::size_t>(column)];
}

// A wide letter that is overwritten by half leaves a blank, not half of itself.
void Canvas::clear_half(int column, int row) {
    auto* here = cell(column, row);
    if (here == nullptr) return;
    if (here->glyph.width == 0) {
        if (auto* left = cell(column - 1, row)) left->glyph = {};
    } else if (here->glyph.width == 2) {
        if (auto* right = cell(column + 1, row)) right->glyph = {};
    }
}

int Canvas::put(int column, int row, const Glyph& glyph, Style style, int right) {
    if (glyph.width == 0 || column + glyph.width > std::min(right, size_.columns) || cell(column, row) == nullptr) return 0;
    clear_half(column, row);
    if (glyph.width == 2) clear_half(column + 1, row);
    *cell(column, row) = {glyph, style};
    if (glyph.width == 2) *cell(column + 1, row) = {{U' ', {}, 0}, style};
    return glyph.width;
}

int Canvas::put(int column, int row, std::string_view text, Style style, int limit) {
    const int right = std::min(size_.columns, column + std::min(limit, kMostColumns));
    int at = column;
    for (const auto& piece : pieces(text)) {
        if (piece.glyph.base == U'\n') continue;
        const int took = put(at, row, piece.glyph, style, right);
        if (took == 0) break;
        at += took;
    }
    return at - column;
}

void Canvas::fill(const Rectangle& area, char32_t character, Style style) {
    for (int row = area.row; row < area.bottom(); ++row) {
        for (int column = area.column; column < area.right(); ++column) put(column, row, Glyph{character, {}, 1}, style, area.right());
    }
}

void Canvas::restyle(const Rectangle& area, Style style) {
    for (int row = area.row; row < area.bottom(); ++row) {
        for (int column = area.column; column < area.right(); ++column) {
            if (auto* here = cell(column, row)) here->style = style;
        }
    }
}

std::string Canvas::plain_text() const {
    std::string out;
    for (int row = 0; row < size_.rows; ++row) {
        std::string line;
        for (int column = 0; column < size_.columns; ++column) {
            const auto& glyph = at(column, row).glyph;
            if (glyph.width == 0) continue;
            append_utf8(line, glyph.base);
            for (const auto mark : glyph.marks) {
                if (mark != 0) append_utf8(line, mark);
            }
        }
        line.erase(line.find_last_not_of(' ') + 1);
        out += line + '\n';
    }
    return out;
}

bool Canvas::operator==(const Canvas& other) const {
    return size_ == other.size_ && cells_ == other.cells_ && cursor_shown == other.cursor_shown && (!cursor_shown || cursor == other.cursor);
}

}  // namespace earshot::client::screen
