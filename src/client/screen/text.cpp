#include "client/screen/text.hpp"

#include <unictype.h>
#include <unigbrk.h>
#include <unistr.h>
#include <uniwidth.h>

#include "client/screen/utf8.hpp"

namespace earshot::client::screen {
namespace {

struct Decoded {
    char32_t character = 0;
    std::size_t size = 1;
};

Decoded decode(std::string_view text) {
    ucs4_t c = 0;
    const int size = u8_mbtoucr(&c, reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
    if (size <= 0) return {kReplacement, 1};
    return {static_cast<char32_t>(c), static_cast<std::size_t>(size)};
}

bool between(char32_t c, char32_t low, char32_t high) { return c >= low && c <= high; }

// Controls, marks of direction, joiners, selectors, skin tones, tags: they have no cell of their own everywhere.
bool is_unseen(char32_t c) {
    return (c < 0x20 && c != U'\n' && c != U'\t') || between(c, 0x7f, 0x9f) || c == 0xad || c == 0x61c || between(c, 0x200b, 0x200f) ||
           between(c, 0x2028, 0x202e) || between(c, 0x2060, 0x206f) || between(c, 0xfe00, 0xfe0f) || c == 0xfeff || between(c, 0x1f3fb, 0x1f3ff) ||
           between(c, 0xe0000, 0xe0fff) || c == 0x20e3 || c == 0x115f || c == 0x1160 || c == 0x3164 || between(c, 0xfff0, 0xfffb);
}

bool is_flag_letter(char32_t c) { return between(c, 0x1f1e6, 0x1f1ff); }

// Unassigned and private code points have no agreed width.
char32_t drawn_as(char32_t c) {
    if (c == U'\t') return U' ';
    if (is_flag_letter(c)) return U'A' + (c - 0x1f1e6);
    if (between(c, 0xe000, 0xf8ff) || c >= 0xf0000) return kReplacement;
    return c;
}

bool is_word(char32_t c) { return uc_is_general_category_withtable(c, UC_CATEGORY_MASK_L | UC_CATEGORY_MASK_N | UC_CATEGORY_MASK_M) || c == U'_'; }

const std::uint8_t* begin_of(std::string_view text) { return reinterpret_cast<const std::uint8_t*>(text.data()); }

constexpr std::size_t kLongestLetter = 128;  // bytes; what is longer comes apart

std::vector<char> letter_breaks(std::string_view text) {
    std::vector<char> out(text.size());
    u8_grapheme_breaks(begin_of(text), text.size(), out.data());
    return out;
}

bool word_at(std::string_view text, std::size_t at) { return is_word(decode(text.substr(at)).character); }

}  // namespace

std::vector<Piece> pieces(std::string_view text) {
    std::vector<Piece> out;
    out.reserve(text.size());
    for (std::size_t at = 0; at < text.size();) {
        if (text[at] >= ' ' && text[at] < 0x7f) {  // most of what is drawn, twenty times a second
            const auto begin = static_cast<std::uint32_t>(at++);
            out.push_back({{static_cast<char32_t>(text[begin]), {}, 1}, begin, begin + 1});
            continue;
        }
        const auto [c, size] = decode(text.substr(at));
        const auto begin = static_cast<std::uint32_t>(at);
        at += size;
        const auto end = static_cast<std::uint32_t>(at);
        if (c == U'\n') {
            out.push_back({{U'\n', {}, 0}, begin, end});
            continue;
        }
        if (is_unseen(c)) {
            if (!out.empty()) out.back().end = end;
            continue;
        }
        const auto shown = drawn_as(c);
        const int cells = uc_width(shown, "UTF-8");
        if (cells > 0) {
            out.push_back({{shown, {}, static_cast<std::uint8_t>(cells)}, begin, end});
        } else if (!out.empty() && out.back().glyph.base != U'\n') {
            auto& last = out.back();
            last.end = end;
            for (auto& mark : last.glyph.marks) {
                if (mark != 0) continue;
                mark = shown;
                break;
            }
        }
    }
    return out;
}

int width(std::string_view text) {
    int cells = 0;
    for (const auto& piece : pieces(text)) cells += piece.glyph.width;
    return cells;
}

std::string fit(std::string_view text, int columns, std::string_view ellipsis) {
    if (columns <= 0) return {};
    const auto all = pieces(text);
    const int reserved = width(ellipsis);
    int cells = 0;
    std::size_t cut = 0;  // the bytes that fit beside the ellipsis
    for (const auto& piece : all) {
        if (cells + piece.glyph.width <= columns - reserved) cut = piece.end;
        cells += piece.glyph.width;
        if (cells > columns) return std::string(text.substr(0, cut)) + (reserved <= columns ? std::string(ellipsis) : std::string{});
    }
    return std::string(text);
}

std::size_t next_letter(std::string_view text, std::size_t at) {
    if (at >= text.size()) return text.size();
    const auto window = text.substr(at, kLongestLetter);
    const auto breaks = letter_breaks(window);
    for (std::size_t i = 1; i < window.size(); ++i) {
        if (breaks[i] != 0) return at + i;
    }
    return at + window.size();
}

// Backwards the breaks of joined emoji depend on what came before, so they are looked for from further left.
std::size_t previous_letter(std::string_view text, std::size_t at) {
    if (at == 0) return 0;
    std::size_t from = at > kLongestLetter ? at - kLongestLetter : 0;
    while (from > 0 && (static_cast<unsigned char>(text[from]) & 0xc0) == 0x80) --from;
    const auto breaks = letter_breaks(text.substr(from, at - from));
    for (std::size_t i = at - from - 1; i > 0; --i) {
        if (breaks[i] != 0) return from + i;
    }
    return from;
}

std::size_t next_word(std::string_view text, std::size_t at) {
    while (at < text.size() && !word_at(text, at)) at = next_letter(text, at);
    while (at < text.size() && word_at(text, at)) at = next_letter(text, at);
    return at;
}

std::size_t previous_word(std::string_view text, std::size_t at) {
    while (at > 0 && !word_at(text, previous_letter(text, at))) at = previous_letter(text, at);
    while (at > 0 && word_at(text, previous_letter(text, at))) at = previous_letter(text, at);
    return at;
}

}  // namespace earshot::client::screen
