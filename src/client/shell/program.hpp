// The running client: one thread drives the house, the phone and the face, carries out what they ask for, and sleeps until the next
// of their deadlines.
#pragma once
#include <memory>
#include <string>

#include "client/arguments.hpp"
#include "client/shell/settings_store.hpp"

namespace earshot::client {

class Hosted;

// Runs until one leaves; the exit code. `hosted`: the daemon that is ours, or none.
int run_program(const Arguments& arguments, SettingsStore settings, Hosted* hosted);

}  // namespace earshot::client
