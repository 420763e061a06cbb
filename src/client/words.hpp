// Small questions about text that several parts of the client ask.
#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace earshot::client {

std::string_view trimmed(std::string_view text);
// The first word, and the rest without the blanks before it.
struct Split {
    std::string_view word, rest;
};
Split first_word(std::string_view text);
// ASCII letters only; other letters compare as they are.
std::string lowered(std::string_view text);
bool same_name(std::string_view a, std::string_view b);
// "maps" and "#maps" are one room.
std::string room_name(std::string_view typed);
// Whether somebody is called by name: "@Ana", or "Ana" as a word of its own.
bool mentions(std::string_view text, std::string_view name);
// A whole number within [low, high]; nothing for anything else.
std::optional<int> whole_number(std::string_view text, int low, int high);
// "2026-11-21T20:14:03Z"
std::string utc_text(long long wall_ms);

}  // namespace earshot::client
