// The panel of /audio-wizard and /test-mic, over everything.
#include <fmt/format.h>

#include <algorithm>

#include "client/screen/painter.hpp"

namespace earshot::client::screen {
namespace {

constexpr int kColumns = 70;
constexpr std::size_t kMostChoices = 9;  // seen at once
constexpr int kMargin = 3;

using Rows = std::vector<Letters>;

void add_text(Rows& rows, std::string_view text, Style style, int columns) {
    Letters line;
    append(line, text, style);
    for (auto& row : wrapped(line, columns, false)) rows.push_back(std::move(row));
}

// Those around the chosen one, when there are more than can be seen.
void add_choices(const Painter& p, Rows& rows, const SoundPanel& panel, int columns) {
    const auto& all = panel.choices;
    const auto chosen = static_cast<std::size_t>(std::ranges::find_if(all, &SoundPanel::Choice::chosen) - all.begin());
    const std::size_t first = all.size() <= kMostChoices || chosen < kMostChoices / 2 ? 0 : std::min(chosen - kMostChoices / 2, all.size() - kMostChoices);
    for (std::size_t i = first; i < std::min(all.size(), first + kMostChoices); ++i) {
        const auto& choice = all[i];
        auto& row = rows.emplace_back();
        append(row, fmt::format("{} {:>{}}  ", choice.chosen ? p.signs.chosen : " ", i + 1, all.size() > 9 ? 2 : 1), {Role::brand, true});
        append(row, fit(choice.name, columns - width(row), p.signs.ellipsis), {.bold = choice.chosen});
        const int left = columns - width(row) - 2;
        if (!choice.note.empty() && left > 8) append(row, "  " + fit(choice.note, left, p.signs.ellipsis), {Role::quiet});
    }
}

void add_meter(const Painter& p, Rows& rows, const SoundPanel& panel, int columns) {
    auto& row = rows.emplace_back();
    const Bar bar{.dbfs = panel.level_dbfs,
                  .peak_dbfs = panel.peak_dbfs,
                  .gate_dbfs = panel.gate_dbfs,
                  .gate_open = panel.gate_dbfs && panel.level_dbfs >= *panel.gate_dbfs};
    append(row, "MIC  ", {Role::title, true});
    const auto cells = bar_letters(p, bar, std::max(4, columns - 17 - (panel.gate_dbfs ? 1 : 0)));
    row.insert(row.end(), cells.begin(), cells.end());
    append(row, panel.level_dbfs <= kSilence ? "    quiet" : fmt::format(" {:5.0f} dB", static_cast<double>(panel.level_dbfs)), {});
    if (!panel.gate_dbfs) return;
    auto& words = rows.emplace_back();
    append(words, "     ", {});
    if (bar.gate_open)
        append(words, fmt::format("{} the gate is open: this would be sent", p.signs.speaking), {Role::good, true});
    else
        append(words, fmt::format("{} the gate is shut", p.signs.silent), {Role::quiet});
}

void add_progress(const Painter& p, Rows& rows, float done, int columns) {
    auto& row = rows.emplace_back();
    append(row, "     ", {});
    const int cells = std::max(4, columns - 17);
    const int on = std::clamp(static_cast<int>(done * static_cast<float>(cells) + 0.5f), 0, cells);
    for (int cell = 0; cell < cells; ++cell) append(row, cell < on ? p.signs.meter_on : p.signs.meter_off, {cell < on ? Role::brand : Role::quiet});
    append(row, fmt::format(" {:5.0f} %", static_cast<double>(done) * 100), {});
}

Letters key_row(const SoundPanel& panel, int columns) {
    Letters row;
    for (const auto& [key, does] : panel.keys) {
        if (!row.empty()) append(row, "   ", {});
        append(row, key, {Role::brand, true});
        append(row, " " + does, {});
    }
    const auto numbers = fmt::format("   1..{} choose", std::min<std::size_t>(9, panel.choices.size()));
    if (panel.choices.size() > 1 && width(row) + width(numbers) <= columns) append(row, numbers, {Role::quiet});
    return row;
}

}  // namespace

void paint_sound_panel(const Painter& p) {
    const auto& panel = *p.model.sound;
    const int columns = std::min(kColumns, p.canvas.size().columns);
    const int inner = std::max(8, columns - 2 * kMargin);
    Rows rows;
    add_text(rows, panel.text, {}, inner);
    rows.emplace_back();
    if (!panel.choices.empty()) {
        add_choices(p, rows, panel, inner);
        rows.emplace_back();
    }
    if (panel.meter) add_meter(p, rows, panel, inner);
    if (panel.done) add_progress(p, rows, *panel.done, inner);
    if (panel.meter || panel.done) rows.emplace_back();
    if (panel.steps > 0) {  // room for what may go wrong: the box does not jump
        const auto before = rows.size();
        if (!panel.trouble.empty()) add_text(rows, panel.trouble, {Role::warning, true}, inner);
        while (rows.size() < before + 2) rows.emplace_back();
    }
    rows.push_back(key_row(panel, inner));
    const auto box = centred_box(p.canvas.size(), columns, static_cast<int>(rows.size()) + 4);
    const auto title = panel.steps > 0 ? fmt::format("{} of {}: {}", panel.step, panel.steps, panel.title) : panel.title;
    paint_box(p, box, title, {Role::brand, true}, {});
    const bool airy = box.rows > static_cast<int>(rows.size()) + 3;
    // Where not all of it fits, blank rows go first, then the words at the top.
    if (static_cast<int>(rows.size()) > box.rows - 2) std::erase_if(rows, [](const Letters& row) { return row.empty(); });
    const int room = std::max(0, box.rows - 2);
    const std::size_t first = rows.size() > static_cast<std::size_t>(room) ? rows.size() - static_cast<std::size_t>(room) : 0;
    int row = box.row + (airy ? 2 : 1);
    for (std::size_t i = first; i < rows.size() && row < box.bottom() - 1; ++i) p.put(box.column + kMargin, row++, rows[i], box.right() - 1);
}

}  // namespace earshot::client::screen
