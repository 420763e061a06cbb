// What a typed line means: a message, a command of this client, or one of the classic words. Only what is typed here is ever read
// as a command; what others write is text, whatever it looks like.
#pragma once
#include <expected>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "client/action.hpp"
#include "client/model.hpp"

namespace earshot::client {

struct Command {
    std::string_view name;
    std::string_view arguments;  // as the help shows them
    std::string_view help;       // what it does, without a full stop
    bool later = false;          // known, but not to be had yet
};
// Every command, by name.
std::span<const Command> commands();
const Command* find_command(std::string_view name);

// The action that a whole line asks for. Nothing for a blank line; the error is a sentence for the one who typed.
//  - exactly `{quit}` leaves, exactly `[audio]` begins a hands-free talk; a backslash before either says the word itself
//  - `/word` is a command, `//word` says "/word"
std::expected<std::optional<Action>, std::string> read_typed(std::string_view line);

// What Tab may make of the word before the cursor (`before`: the line up to it): whole words to put in its place, best first.
struct Completion {
    std::size_t replaced = 0;  // bytes before the cursor
    std::vector<std::string> words{};
};
Completion complete(std::string_view before, const Model& model);

// The lines that /help shows; with `about`, those of one command.
std::vector<std::string> help_lines(std::string_view about);

}  // namespace earshot::client
