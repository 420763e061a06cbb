// Line mode: what happened as one line of text each, or as JSON Lines. Both forms are stable: docs/terminal.md tells them, scripts
// and screen readers live on them.
#pragma once
#include <optional>
#include <string>

#include "client/happening.hpp"

namespace earshot::client {

struct Printed {
    std::string text;    // without its newline
    bool error = false;  // goes to standard error
};

// A message is "TIME #room <name> text"; everything else begins with "* ". Nothing for what would only be noise. A newline
// within a message is written as backslash and n.
std::vector<Printed> plain_lines(const Happening& happening, WallMs now);
// One JSON object with "type" and "time" (milliseconds); always on standard output.
std::string json_line(const Happening& happening, WallMs now);
// The state as `earshot ctl status` tells it, for people and as one JSON object.
std::string status_line(const Model& model);
std::string status_json(const Model& model);

}  // namespace earshot::client
