// Where everything stands. At 80 columns and 24 rows there are three panes side by side, below that one at a time.
#pragma once
#include "client/screen/view_state.hpp"

namespace earshot::client::screen {

struct Layout {
    bool panes = true;  // all three are seen
    bool roomy = false;
    Rectangle title, rooms, chat, people, call, composer, keys;  // panes without their borders
    int rule_above = -1, rule_below = -1;                        // rows of the lines around the panes
};

// `composer_rows`: what the written text would like to have; `pane`: the one that is seen when there is room for one.
Layout layout(Size size, int composer_rows, Pane pane);

}  // namespace earshot::client::screen
