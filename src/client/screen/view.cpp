#include "client/screen/view.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "client/screen/painter.hpp"

namespace earshot::client::screen {
namespace {

constexpr int kPromptColumns = 3;  // " > "

bool local_host(std::string_view host) { return host.starts_with("localhost") || host.starts_with("127.") || host.starts_with("[::1]"); }

void add(Letters& out, std::string_view text, Style style) {
    if (!out.empty()) append(out, "  ", {});
    append(out, text, style);
}

Letters link_words(const Painter& p) {
    Letters out;
    const auto& model = p.model;
    const auto* room = model.current_room();
    if (!model.secure && !local_host(model.host) && model.link == Link::kConnected) add(out, "not encrypted", {Role::warning, true});
    switch (model.link) {
        case Link::kConnecting:
        case Link::kGreeting: add(out, fmt::format("connecting{}", p.signs.ellipsis), {Role::warning}); return out;
        case Link::kReconnecting: add(out, "reconnecting", {Role::warning, true}); return out;
        case Link::kClosed: add(out, "not connected", {Role::bad, true}); return out;
        case Link::kConnected: break;
    }
    if (room != nullptr && room->in_call_count > 0) add(out, fmt::format("{} in call", room->in_call_count), {});
    if (model.call.state == CallState::kConnected) {
        if (p.places.roomy && model.call.route == Route::kTcp) add(out, "through TCP", {Role::warning});
        if (model.call.loss_percent >= 1) add(out, fmt::format("{:.0f}% lost", static_cast<double>(model.call.loss_percent)), {Role::warning});
        if (model.call.round_trip_ms) add(out, fmt::format("{} ms", *model.call.round_trip_ms), {});
        const auto bars = quality_letters(p);
        append(out, " ", {});
        out.insert(out.end(), bars.begin(), bars.end());
    }
    return out;
}

std::string typing_words(const Painter& p) {
    const auto* room = p.model.current_room();
    if (room == nullptr) return {};
    std::vector<std::string_view> names;
    for (const auto& [member, person] : room->people) {
        if (person.typing_until > p.look.now && member != p.model.member) names.push_back(person.name);
    }
    if (names.empty()) return {};
    if (names.size() == 1) return fmt::format("{} is typing{}", names[0], p.signs.ellipsis);
    if (names.size() == 2) return fmt::format("{} and {} are typing{}", names[0], names[1], p.signs.ellipsis);
    return fmt::format("{} people are typing{}", names.size(), p.signs.ellipsis);
}

void rule(const Painter& p, int row, std::string_view joint) {
    if (row < 0) return;
    const int columns = p.canvas.size().columns;
    for (int column = 0; column < columns; ++column) p.canvas.put(column, row, p.signs.horizontal, {Role::frame});
    if (!p.places.panes) return;
    p.canvas.put(p.places.chat.column - 1, row, joint, {Role::frame});
    p.canvas.put(p.places.people.column - 1, row, joint, {Role::frame});
}

std::string placeholder(const Painter& p) {
    if (p.model.link == Link::kClosed) return "/reconnect or /quit";
    if (p.model.link == Link::kReconnecting && !p.model.current.empty()) return fmt::format("Message {}, sent once the connection is back", p.model.current);
    if (p.model.link != Link::kConnected) return fmt::format("Not connected yet{}", p.signs.ellipsis);
    if (p.model.current.empty()) return "/join #room";
    return fmt::format("Message {}", p.model.current);
}

}  // namespace

void paint_title(const Painter& p) {
    const auto& area = p.places.title;
    if (area.rows == 0) return;
    const auto right = link_words(p);
    const int limit = area.columns - 1 - width(right) - 2;
    Letters left;
    append(left, "earshot", {Role::brand, true});
    if (!p.model.host.empty()) add(left, p.model.host, {Role::quiet});
    const auto* room = p.model.current_room();
    if (room != nullptr) {
        add(left, room->name, {Role::plain, true});
        if (!room->topic.empty()) add(left, fit(room->topic, std::max(0, limit - width(left) - 3), p.signs.ellipsis), {Role::quiet});
    }
    p.put(1, area.row, left, std::max(1, limit));
    p.right_aligned(area.columns - 1, area.row, right);
}

void paint_rules(const Painter& p) {
    rule(p, p.places.rule_above, p.signs.tee_down);
    rule(p, p.places.rule_below, p.signs.tee_up);
    if (p.places.panes) {
        for (int row = p.places.chat.row; row < p.places.chat.bottom(); ++row) {
            p.canvas.put(p.places.chat.column - 1, row, p.signs.vertical, {Role::frame});
            p.canvas.put(p.places.people.column - 1, row, p.signs.vertical, {Role::frame});
        }
    }
    if (p.places.rule_below < 0 || p.places.chat.columns == 0) return;
    const auto& chat = p.places.chat;
    const auto* room = p.model.current_room();
    if (!p.state.scroll.following && room != nullptr) {
        const int below = Chat(*room, p.model, p.look, log_size(p.places).columns).lines_below(p.state.scroll);
        Letters text;
        append(text, fmt::format(" {} newer below, Esc shows {} ", below, below == 1 ? "it" : "them"), {Role::mention, true});
        p.right_aligned(chat.right() - 1, p.places.rule_below, text);
    } else if (const auto typing = typing_words(p); !typing.empty()) {
        p.canvas.put(chat.column + 1, p.places.rule_below, fmt::format(" {} ", fit(typing, chat.columns - 4, p.signs.ellipsis)),
                     {Role::quiet, false, false, true}, chat.columns - 2);
    }
}

WrittenRows written_rows(const Composer& composer, int columns) {
    WrittenRows out;
    out.rows.emplace_back();
    int column = 0;
    bool found = false;
    const auto all = pieces(composer.text());
    const auto new_row = [&] {
        out.rows.emplace_back();
        column = 0;
    };
    for (const auto& piece : all) {
        if (column + piece.glyph.width > columns && column > 0) new_row();
        if (!found && piece.end > composer.cursor()) {
            out.cursor = {column, static_cast<int>(out.rows.size()) - 1};
            found = true;
        }
        if (piece.glyph.base == U'\n') {
            new_row();
            continue;
        }
        out.rows.back() += composer.text().substr(piece.begin, piece.end - piece.begin);
        column += piece.glyph.width;
    }
    if (!found) {
        if (column >= columns) new_row();
        out.cursor = {column, static_cast<int>(out.rows.size()) - 1};
    }
    return out;
}

void paint_composer(const Painter& p) {
    const auto& area = p.places.composer;
    const int columns = std::max(1, area.columns - kPromptColumns - 1);
    const auto written = written_rows(p.composer, columns);
    const int first = std::clamp(written.cursor.row - area.rows + 1, 0, std::max(0, static_cast<int>(written.rows.size()) - area.rows));
    const bool active = p.state.pane == Pane::chat && !p.state.help;
    p.canvas.put(1, area.row, p.signs.prompt, {active ? Role::brand : Role::quiet, true});
    if (p.composer.empty()) p.canvas.put(kPromptColumns, area.row, fit(placeholder(p), columns, p.signs.ellipsis), {Role::quiet}, columns);
    for (int row = 0; row < area.rows && first + row < static_cast<int>(written.rows.size()); ++row) {
        p.canvas.put(kPromptColumns, area.row + row, written.rows[static_cast<std::size_t>(first + row)], {}, columns);
    }
    p.canvas.cursor_shown = active;
    p.canvas.cursor = {std::min(kPromptColumns + written.cursor.column, area.columns - 1), area.row + written.cursor.row - first};
}

void paint_keys(const Painter& p) {
    const auto& area = p.places.keys;
    if (area.rows == 0) return;
    if (const auto& words = p.composer.completions().candidates; words.size() > 1) {
        int column = 1;
        for (std::size_t i = 0; i < words.size() && column < area.columns - 1; ++i) {
            column +=
                p.canvas.put(column, area.row, words[i], {.bold = i == p.composer.chosen(), .reverse = i == p.composer.chosen()}, area.columns - column - 1) +
                1;
        }
        return;
    }
    const auto& sentence = !p.composer.notice().empty() ? p.composer.notice() : p.state.hint;
    if (!sentence.empty()) {
        p.canvas.put(1, area.row, fit(sentence, area.columns - 2, p.signs.ellipsis), {Role::mention}, area.columns - 2);
        return;
    }
    static constexpr std::pair<std::string_view, std::string_view> kKeys[]{{"F1", "help"},     {"F2", "rooms"},     {"F3", "people"}, {"F4", "call"},
                                                                           {"F5", "mute"},     {"F6", "deafen"},    {"F9", "talk"},   {"Alt+1..9", "room"},
                                                                           {"PgUp", "scroll"}, {"Tab", "completes"}};
    int column = 1;
    for (const auto& [key, does] : kKeys) {
        const std::string_view word = key == "F4" && p.model.call.state != CallState::kNone ? "hang up" : does;
        const int cells = width(key) + 1 + width(word);
        if (column + cells > area.columns - 1) break;
        column += p.canvas.put(column, area.row, key, {Role::title, true}) + 1;
        column += p.canvas.put(column, area.row, word, {Role::quiet}) + 2;
    }
}

Layout places_of(const ViewState& state, const Composer& composer, const Look& look) {
    const int columns = std::max(1, look.size.columns - kPromptColumns - 1);
    return layout(look.size, static_cast<int>(written_rows(composer, columns).rows.size()), state.pane);
}

Canvas draw(const Model& model, const ViewState& state, const Composer& composer, const Look& look) {
    Canvas canvas(look.size);
    const Painter painter{canvas, model, state, composer, look, signs(look.alphabet), places_of(state, composer, {canvas.size()})};
    paint_rules(painter);
    paint_title(painter);
    paint_rooms(painter);
    paint_log(painter);
    paint_people(painter);
    paint_call(painter);
    paint_composer(painter);
    paint_keys(painter);
    if (state.help) paint_help(painter);
    if (model.sound) {
        paint_sound_panel(painter);
        if (!model.sound->offer) canvas.cursor_shown = false;
    }
    if (model.question) {
        paint_question(painter);
        canvas.cursor_shown = false;
    }
    return canvas;
}

}  // namespace earshot::client::screen
