// The small part of Markdown that a terminal can show: emphasis, code, quotes, lists, headings, addresses, mentions.
// Whatever is not that stays the text that was typed. Linear in the length of the text.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "client/screen/canvas.hpp"

namespace earshot::client::screen {

struct Letter {
    Glyph glyph;
    Style style;
    bool operator==(const Letter&) const = default;
};
using Letters = std::vector<Letter>;

// Appends a text in one style; line ends are left out.
void append(Letters& out, std::string_view text, Style style);
int width(const Letters& letters);

struct Paragraph {
    enum class Kind : std::uint8_t { text, code, quote, item };
    Kind kind = Kind::text;
    std::string marker;  // of an item: "-" or "3."
    Letters letters;
};

// `own_name` is told apart among the mentions.
std::vector<Paragraph> paragraphs(std::string_view text, Style base, std::string_view own_name);

// Rows of at most `columns` cells, broken between words where it can be; never none. Code keeps its blanks.
std::vector<Letters> wrapped(const Letters& letters, int columns, bool keep_blanks);

}  // namespace earshot::client::screen
