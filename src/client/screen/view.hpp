// Draws the model. Pure: the same values give the same cells.
#pragma once
#include "client/model.hpp"
#include "client/screen/canvas.hpp"
#include "client/screen/composer.hpp"
#include "client/screen/layout.hpp"
#include "client/screen/view_state.hpp"

namespace earshot::client::screen {

Canvas draw(const Model& model, const ViewState& state, const Composer& composer, const Look& look);

// Where everything stands when this is drawn.
Layout places_of(const ViewState& state, const Composer& composer, const Look& look);
// Cells of the log inside of its pane.
Size log_size(const Layout& places);
// Whom the people pane lists, from top to bottom: those in the call, then the others; this member first.
std::vector<const Person*> people_in_order(const Room& room, std::uint64_t self);
// What the rooms pane lists: those joined (numbered for Alt+1..9), then the others.
std::vector<const Room*> rooms_in_order(const Model& model);
// Rows of the help, for scrolling.
int help_rows();

}  // namespace earshot::client::screen
