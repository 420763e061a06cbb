// What the roles of cells look like: by the number of colours, and by what is behind the letters.
#pragma once
#include "client/screen/canvas.hpp"

namespace earshot::client::screen {

enum class Depth : std::uint8_t { none, eight, many };        // colours of the terminal; sixteen are used as eight
enum class Backdrop : std::uint8_t { unknown, dark, light };  // of an unknown one only colours that can be read on both

struct Looks {
    int colour = -1;  // of the terminal's palette; -1: its own
    bool dim = false;
    bool bold = false;
    bool underline = false;
    bool italic = false;
    bool reverse = false;
    bool operator==(const Looks&) const = default;
};

Looks looks(const Style& style, Depth depth, Backdrop backdrop);

// What an answer to OSC 11 says.
Backdrop backdrop_of(int red, int green, int blue);
// What $COLORFGBG says ("15;0": white on black), or unknown.
Backdrop backdrop_of(std::string_view colorfgbg);

}  // namespace earshot::client::screen
