// What one sees of the client: a screen, or lines. The program hands it what happened and the bytes that were typed; it hands back what
// they ask for.
#pragma once
#include <string>
#include <vector>

#include "client/action.hpp"
#include "client/happening.hpp"

namespace earshot::client {

class Face {
public:
    virtual ~Face() = default;
    virtual void happened(Now now, const Happening& happening) = 0;
    // Bytes of standard input; empty: its end. Appends actions.
    virtual void typed(Now now, const std::string& bytes, const Model& model, std::vector<Action>& out) = 0;
    // The end of standard input ends the program once all is said.
    virtual bool ends_with_input() const { return false; }
    // The model may have changed, or the face's own deadline came.
    virtual void update(Now, const Model&, std::vector<Action>&) {}
    virtual Time deadline(const Model&) const { return kNever; }
    virtual void resized() {}
    virtual void redraw() {}
    // Gives the terminal away until it comes back (Ctrl+Z).
    virtual void suspend() {}
    // Asked of from `earshot ctl ptt`.
    virtual void talk(Now, Switch to, std::vector<Action>& out) { out.push_back(action::Talk{to}); }
    virtual PushLevel push_level() const { return PushLevel::kToggle; }
    // False: nobody reads any more.
    virtual bool alive() const { return true; }
};

}  // namespace earshot::client
