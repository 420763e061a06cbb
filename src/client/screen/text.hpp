// Letters and the cells they take. A message holds what anybody typed: what is drawn is only what every terminal draws alike.
//
// Controls and marks that turn the direction of writing are left out (they could make a line say what it does not). Emoji
// that are joined are drawn apart, without their selectors, and flags as their two letters: terminals disagree about the
// width of the joined forms, and one wrong width shifts a whole line. At most two marks stand on a letter.
#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace earshot::client::screen {

struct Glyph {
    char32_t base = U' ';
    std::array<char32_t, 2> marks{};  // combining marks, 0 where there is none
    std::uint8_t width = 1;           // 1 or 2 cells; 0 is the right half of a wide one
    bool operator==(const Glyph&) const = default;
};

// A glyph and the bytes of the text that it stands for; '\n' is a piece with base U'\n', a tab one blank.
struct Piece {
    Glyph glyph;
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
};

// Broken UTF-8 is shown as U+FFFD.
std::vector<Piece> pieces(std::string_view text);

// Cells that one line of text takes.
int width(std::string_view text);

// Cut to at most `columns` cells; what was cut ends in `ellipsis`.
std::string fit(std::string_view text, int columns, std::string_view ellipsis);

// The byte where the letter after (or before) `at` begins, with all its marks and joined parts (UAX #29).
std::size_t next_letter(std::string_view text, std::size_t at);
std::size_t previous_letter(std::string_view text, std::size_t at);

// The byte where the word after (or before) `at` ends (or begins); letters and digits of any script are words.
std::size_t next_word(std::string_view text, std::size_t at);
std::size_t previous_word(std::string_view text, std::size_t at);

}  // namespace earshot::client::screen
