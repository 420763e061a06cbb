// The signs of the screen in three alphabets: what good fonts have, what the Linux console has, and plain ASCII.
#pragma once
#include <array>
#include <cstdint>
#include <string_view>

namespace earshot::client::screen {

enum class Alphabet : std::uint8_t { unicode, console, ascii };

struct Signs {
    std::string_view horizontal, vertical, tee_down, tee_up, cross;
    std::string_view corner_top_left, corner_top_right, corner_bottom_left, corner_bottom_right;
    std::string_view speaking, silent, unable;  // of people in the call: talks, could talk, muted or deaf
    std::string_view call_before, call_after;   // around the count of those in a room's call
    std::string_view chosen, prompt, ellipsis, bullet, event, arrow, bar, dash;
    std::string_view meter_on, meter_off, meter_peak, gate;
    std::array<std::string_view, 4> quality_on;
    std::string_view quality_off;
};

const Signs& signs(Alphabet alphabet);

}  // namespace earshot::client::screen
