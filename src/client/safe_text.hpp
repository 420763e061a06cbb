// Text from others made harmless for a terminal: what is not plain writing (escape and other control characters, ways to turn
// or hide letters, bytes that are no UTF-8) becomes U+FFFD or goes. A terminal obeys such characters: they could repaint the screen,
// set the title, answer as if typed.
#pragma once
#include <string>
#include <string_view>

namespace earshot::client {

// One line: newlines and tabs become spaces.
std::string safe_line(std::string_view text);
// Keeps newlines; tabs become spaces.
std::string safe_text(std::string_view text);

}  // namespace earshot::client
