// What every part of the view is given, and the parts.
#pragma once
#include <optional>

#include "client/screen/chat.hpp"
#include "client/screen/view.hpp"

namespace earshot::client::screen {

struct Painter {
    Canvas& canvas;
    const Model& model;
    const ViewState& state;
    const Composer& composer;
    const Look& look;
    const Signs& signs;
    Layout places;

    void put(int column, int row, const Letters& letters, int right) const {
        for (const auto& letter : letters) {
            const int took = canvas.put(column, row, letter.glyph, letter.style, right);
            if (took == 0) return;
            column += took;
        }
    }
    void centred(const Rectangle& area, int row, std::string_view text, Style style) const {
        const auto cut = fit(text, area.columns - 2, signs.ellipsis);
        canvas.put(area.column + (area.columns - width(cut)) / 2, row, cut, style, area.columns);
    }
    // Ends before `right`.
    void right_aligned(int right, int row, const Letters& letters) const { put(right - width(letters), row, letters, right); }
};

void paint_title(const Painter& painter);
void paint_rooms(const Painter& painter);
void paint_log(const Painter& painter);
void paint_people(const Painter& painter);
void paint_rules(const Painter& painter);
void paint_call(const Painter& painter);
void paint_composer(const Painter& painter);
void paint_keys(const Painter& painter);
void paint_help(const Painter& painter);
void paint_question(const Painter& painter);
void paint_sound_panel(const Painter& painter);

// An empty box with rounded corners and words in its upper and lower edge.
void paint_box(const Painter& painter, const Rectangle& box, std::string_view title, Style title_style, std::string_view foot);
Rectangle centred_box(Size size, int columns, int rows);

// Cells of a bar for a level: how many of `cells` are on.
int meter_cells(float dbfs, int cells);
Style meter_style(int cell, int cells);
// A level as a bar: the gate as a mark between its cells, the peak of the last second as one cell.
struct Bar {
    float dbfs = kSilence, peak_dbfs = kSilence;
    std::optional<float> gate_dbfs{};
    bool gate_open = false;
};
Letters bar_letters(const Painter& painter, const Bar& bar, int cells);
// Four bars, quality 1 to 4 of them on; then the words that say the same.
Letters quality_letters(const Painter& painter);

// The rows that the written text takes, and the cursor in them.
struct WrittenRows {
    std::vector<std::string> rows;
    Position cursor;
};
WrittenRows written_rows(const Composer& composer, int columns);

}  // namespace earshot::client::screen
