#include "client/screen/composer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "client/screen/text.hpp"

namespace earshot::client::screen {
namespace {

std::size_t characters(std::string_view text) {
    return static_cast<std::size_t>(std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

// The first bytes of a text that hold at most so many characters.
std::string_view first_characters(std::string_view text, std::size_t most) {
    std::size_t seen = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if ((static_cast<unsigned char>(text[i]) & 0xc0) != 0x80 && ++seen > most) return text.substr(0, i);
    }
    return text;
}

bool blank(std::string_view text) { return text.find_first_not_of(" \t\n") == std::string_view::npos; }

}  // namespace

Composer::Result Composer::key(const KeyInput& key) {
    if (key.phase == KeyPhase::release) return Result::ignored;
    if (key.key == Key::tab && key.modifiers == Modifiers{} && completions_.candidates.size() > 1) {
        chosen_ = (chosen_ + 1) % completions_.candidates.size();
        put_candidate();
        return Result::changed;
    }
    gathering_ = std::exchange(cutting_, false);
    const auto result = edit(key);
    if (result == Result::ignored) {
        cutting_ = gathering_;
        return result;
    }
    if (result != Result::complete) completions_ = {};
    if (result == Result::changed) back_ = key.key == Key::up || key.key == Key::down || key.modifiers.control ? back_ : 0;
    return result;
}

Composer::Result Composer::edit(const KeyInput& key) {
    const bool control = key.modifiers.control, alt = key.modifiers.alt;
    switch (key.key) {
        case Key::enter:
            if (alt || control || key.modifiers.shift) return insert("\n");
            return blank(text_) ? Result::moved : Result::submit;
        case Key::tab: return key.modifiers == Modifiers{} ? Result::complete : Result::ignored;
        case Key::backspace: return remove(control || alt ? previous_word(text_, cursor_) : previous_letter(text_, cursor_), cursor_, control || alt);
        case Key::remove: return remove(cursor_, control || alt ? next_word(text_, cursor_) : next_letter(text_, cursor_), control || alt);
        case Key::left: return move(control || alt ? previous_word(text_, cursor_) : previous_letter(text_, cursor_));
        case Key::right: return move(control || alt ? next_word(text_, cursor_) : next_letter(text_, cursor_));
        case Key::home: return move(control ? 0 : line_begin());
        case Key::end: return move(control ? text_.size() : line_end());
        case Key::up: return control || alt ? Result::ignored : vertical(-1);
        case Key::down: return control || alt ? Result::ignored : vertical(1);
        case Key::character:
            if (control != alt) return chord(key.character, alt);
            return key.text.empty() ? Result::ignored : insert(key.text);
        default: return Result::ignored;
    }
}

Composer::Result Composer::chord(char32_t letter, bool alt) {
    if (alt) {
        switch (letter) {
            case U'b': return move(previous_word(text_, cursor_));
            case U'f': return move(next_word(text_, cursor_));
            case U'd': return remove(cursor_, next_word(text_, cursor_), true);
            default: return Result::ignored;
        }
    }
    switch (letter) {
        case U'a': return move(line_begin());
        case U'e': return move(line_end());
        case U'b': return move(previous_letter(text_, cursor_));
        case U'f': return move(next_letter(text_, cursor_));
        case U'd': return text_.empty() ? Result::ignored : remove(cursor_, next_letter(text_, cursor_), false);
        case U'h': return remove(previous_letter(text_, cursor_), cursor_, false);
        case U'w': return remove(previous_word(text_, cursor_), cursor_, true);
        case U'u': return remove(line_begin(), cursor_, true);
        case U'k': return remove(cursor_, line_end() == cursor_ ? next_letter(text_, cursor_) : line_end(), true);
        case U'y': return cut_.empty() ? Result::moved : insert(cut_);
        case U'j': return insert("\n");
        case U'p': return browse(1);
        case U'n': return browse(-1);
        default: return Result::ignored;
    }
}

Composer::Result Composer::insert(std::string_view added) {
    const auto held = characters(text_);
    const auto fits = first_characters(added, limit_ > held ? limit_ - held : 0);
    text_.insert(cursor_, fits);
    cursor_ += fits.size();
    settle();
    notice_ = fits.size() < added.size() ? fmt::format("A message has at most {} characters.", limit_) : std::string{};
    return Result::changed;
}

Composer::Result Composer::paste(const Paste& paste) {
    auto text = std::string_view(paste.text);
    while (text.ends_with('\n')) text.remove_suffix(1);
    if (text.empty()) return Result::ignored;
    completions_ = {};
    back_ = 0;
    insert(text);
    const auto lines = std::ranges::count(text_, '\n') + 1;
    if (!notice_.empty() || paste.cut)
        notice_ = fmt::format("The paste was cut: a message has at most {} characters. Enter sends, Esc discards.", limit_);
    else if (text.contains('\n'))
        notice_ = fmt::format("Pasted: {} lines wait as one message. Enter sends, Esc discards.", lines);
    return Result::changed;
}

// Cuts that follow one another gather: three words cut are three words put back.
Composer::Result Composer::remove(std::size_t begin, std::size_t end, bool keep) {
    if (begin == end) return Result::moved;
    if (keep) {
        const auto piece = text_.substr(begin, end - begin);
        if (!gathering_) cut_.clear();
        cut_ = begin < cursor_ ? piece + cut_ : cut_ + piece;
        cutting_ = true;
    }
    text_.erase(begin, end - begin);
    cursor_ = begin;
    settle();
    notice_.clear();
    return Result::changed;
}

// Joining or removing letters may have made one letter of two: the cursor never stands inside of one.
void Composer::settle() {
    if (cursor_ == 0 || cursor_ >= text_.size()) return;
    const auto before = previous_letter(text_, cursor_);
    const auto after = next_letter(text_, before);
    if (after > cursor_) cursor_ = after;
}

Composer::Result Composer::move(std::size_t to) {
    cursor_ = to;
    return Result::moved;
}

std::size_t Composer::line_begin() const {
    const auto found = cursor_ == 0 ? std::string::npos : text_.rfind('\n', cursor_ - 1);
    return found == std::string::npos ? 0 : found + 1;
}

std::size_t Composer::line_end() const { return std::min(text_.find('\n', cursor_), text_.size()); }

// Between the lines of a message, and beyond its ends into the history.
Composer::Result Composer::vertical(int step) {
    const auto begin = line_begin(), end = line_end();
    if (step < 0 && begin == 0) return browse(1);
    if (step > 0 && end == text_.size()) return browse(-1);
    const auto column = width(std::string_view(text_).substr(begin, cursor_ - begin));
    cursor_ = step < 0 ? begin - 1 : end + 1;
    const auto to = line_begin();
    cursor_ = to;
    const auto to_end = line_end();
    for (auto next = to; next < to_end && width(std::string_view(text_).substr(to, next - to)) < column;) cursor_ = next = next_letter(text_, next);
    return Result::moved;
}

Composer::Result Composer::browse(int step) {
    if ((step > 0 && back_ == history_.size()) || (step < 0 && back_ == 0)) return Result::moved;
    if (back_ == 0) unsent_ = text_;
    back_ += static_cast<std::size_t>(step);
    text_ = back_ == 0 ? unsent_ : history_[history_.size() - back_];
    cursor_ = text_.size();
    notice_.clear();
    return Result::changed;
}

void Composer::complete(Completions completions) {
    if (completions.candidates.empty() || completions.begin > cursor_) return;
    completions_ = std::move(completions);
    chosen_ = 0;
    put_candidate();
    if (completions_.candidates.size() == 1) completions_ = {};
}

void Composer::put_candidate() {
    const auto& candidate = completions_.candidates[chosen_];
    text_.replace(completions_.begin, cursor_ - completions_.begin, candidate);
    cursor_ = completions_.begin + candidate.size();
}

std::string Composer::take() {
    if (history_.empty() || history_.back() != text_) history_.push_back(text_);
    if (history_.size() > kMostHistory) history_.pop_front();
    auto out = std::move(text_);
    clear();
    return out;
}

void Composer::clear() {
    text_.clear();
    cursor_ = 0;
    back_ = 0;
    unsent_.clear();
    notice_.clear();
    completions_ = {};
}

void Composer::show_room(const std::string& room) {
    if (room == room_) return;
    const bool keeps = !blank(text_) && drafts_.size() < kMostDrafts;
    if (keeps)
        drafts_[room_] = text_;
    else
        drafts_.erase(room_);
    const bool first = room_.empty();  // what was typed before there was a room goes along
    auto typed = std::move(text_);
    clear();
    room_ = room;
    if (first)
        text_ = std::move(typed);
    else if (const auto draft = drafts_.find(room); draft != drafts_.end())
        text_ = draft->second;
    cursor_ = text_.size();
}

}  // namespace earshot::client::screen
