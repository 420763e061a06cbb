// The log of a room as rows: who said what when, a line for each day, a line where the new begins.
#pragma once
#include <map>
#include <vector>

#include "client/screen/markup.hpp"
#include "client/screen/view_state.hpp"

namespace earshot::client::screen {

// The role that a person's name is drawn in, the same everywhere.
Role name_role(std::string_view name);
// "20:14" where the member is.
std::string clock_text(WallMs local);

class Chat {
public:
    // Lays out for `columns` cells; keeps references for as long as it lives.
    Chat(const Room& room, const Model& model, const Look& look, int columns);

    // The rows of the n-th line, with the dividers above it.
    const std::vector<Letters>& rows_of(std::size_t line);

    // The rows that a window of so many shows, top first. Fewer when there are no more.
    std::vector<Letters> window(const Scroll& scroll, int rows);
    // Scrolled up (positive) or down by rows, for a window of `rows`. Reaching the end is following again.
    Scroll moved(const Scroll& scroll, int by, int rows);
    // The window begins at the oldest line that is here.
    bool at_top(const Scroll& scroll, int rows);
    // Lines below the window.
    int lines_below(const Scroll& scroll) const;

private:
    struct Place {
        std::size_t end = 0;  // one past the line at the bottom
        int hidden = 0;
    };
    struct Head {
        Letters time, name;
        int indent = 0;
    };

    Place place(const Scroll& scroll);
    Scroll scroll_at(const Place& place) const;
    std::vector<Letters> lay_out(std::size_t line);
    void divider(std::vector<Letters>& out, std::string_view text, Style style) const;
    void say(std::vector<Letters>& out, const Line& line, bool continues) const;
    void tell(std::vector<Letters>& out, const Line& line, bool continues) const;
    void put(std::vector<Letters>& out, Letters head, int indent, const Letters& text, bool keep_blanks) const;
    bool continues(std::size_t line) const;
    bool answers_on(std::size_t line) const;
    bool new_day(std::size_t line) const;
    bool new_begins(std::size_t line) const;

    const Room& room_;
    const Model& model_;
    const Look& look_;
    const Signs& signs_;
    int columns_;
    int name_columns_;  // 0: names stand in the text
    std::map<std::size_t, std::vector<Letters>> laid_out_;
};

}  // namespace earshot::client::screen
