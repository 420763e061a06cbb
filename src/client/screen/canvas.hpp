// A rectangle of cells. Text that does not fit is cut at the edge, a wide letter never in its middle.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "client/screen/text.hpp"

namespace earshot::client::screen {

// What a piece of the screen means; theme.hpp says how that looks on a terminal.
enum class Role : std::uint8_t {
    plain,
    quiet,    // times, hints, what may be overlooked
    frame,    // borders
    title,    // headings of panes
    brand,    // the name of the program, the room one is in
    good,     // speaking, connected
    warning,  // muted, weak
    bad,      // errors, lost
    mention,
    code,
    link,
    meter_low,
    meter_middle,
    meter_high,
    name_1,  // people are told apart by colour besides their names
    name_2,
    name_3,
    name_4,
    name_5,
    name_6,
    count,
};

struct Style {
    Role role = Role::plain;
    bool bold = false;
    bool underline = false;
    bool italic = false;
    bool reverse = false;
    bool operator==(const Style&) const = default;
};

struct Cell {
    Glyph glyph;
    Style style;
    bool operator==(const Cell&) const = default;
};

struct Size {
    int columns = 80;
    int rows = 24;
    bool operator==(const Size&) const = default;
};

struct Position {
    int column = 0;
    int row = 0;
    bool operator==(const Position&) const = default;
};

struct Rectangle {
    int column = 0, row = 0, columns = 0, rows = 0;
    int right() const { return column + columns; }
    int bottom() const { return row + rows; }
};

class Canvas {
public:
    static constexpr int kMostColumns = 1000;
    static constexpr int kMostRows = 500;

    // Sizes beyond the bounds are cut to them.
    explicit Canvas(Size size = {});

    Size size() const { return size_; }
    const Cell& at(int column, int row) const;

    // Writes text from a cell on, at most `limit` cells; gives the cells that it took. Line ends are left out.
    int put(int column, int row, std::string_view text, Style style = {}, int limit = kMostColumns);
    // Writes one glyph if it fits before `right`; gives the cells that it took.
    int put(int column, int row, const Glyph& glyph, Style style, int right);
    void fill(const Rectangle& area, char32_t character, Style style = {});
    // Changes the style of cells that are there.
    void restyle(const Rectangle& area, Style style);

    // Where the cursor stands; hidden when there is none.
    bool cursor_shown = false;
    Position cursor{};

    // The rows as UTF-8 without blanks at their ends, each with '\n': for tests and for reading aloud.
    std::string plain_text() const;
    bool operator==(const Canvas& other) const;

private:
    Cell* cell(int column, int row);
    void clear_half(int column, int row);

    Size size_;
    std::vector<Cell> cells_;
};

}  // namespace earshot::client::screen
