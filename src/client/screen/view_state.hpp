// What the screen knows besides the model: where the eyes and the keys are.
#pragma once
#include <cstdint>
#include <string>

#include "base/time.hpp"
#include "client/model.hpp"
#include "client/screen/canvas.hpp"
#include "client/screen/signs.hpp"

namespace earshot::client::screen {

enum class Pane : std::uint8_t { chat, rooms, people };

// A line of a log, found again when others came before or after it.
struct LineKey {
    std::uint64_t id = 0;
    WallMs time = 0;
    std::uint64_t member = 0;
    std::size_t size = 0;
    bool operator==(const LineKey&) const = default;

    static LineKey of(const Line& line) { return {line.id, line.time, line.member, line.text.size()}; }
};

// Which row of the log stands at the bottom.
struct Scroll {
    bool following = true;  // the newest
    LineKey line;           // else this line
    int hidden_rows = 0;    // and so many of its rows below the edge
};

struct ViewState {
    Pane pane = Pane::chat;
    std::string chosen_room;
    std::uint64_t chosen_member = 0;
    bool help = false;
    int help_row = 0;  // the first row of the help that is seen
    Scroll scroll;
    std::string hint;  // a sentence for a while, where the keys are listed
    bool window_focused = true;
};

// What the view is drawn for.
struct Look {
    Size size;
    Alphabet alphabet = Alphabet::unicode;
    Time now{};
    WallMs wall_ms = 0;
    int (*utc_offset_seconds)(WallMs) = nullptr;  // of the member's place at a moment; none: UTC
    WallMs local(WallMs moment) const { return moment + (utc_offset_seconds == nullptr ? 0 : WallMs{1000} * utc_offset_seconds(moment)); }
};

}  // namespace earshot::client::screen
