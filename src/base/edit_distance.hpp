// How far two words are apart: for "did you mean".
#pragma once
#include <cstddef>
#include <string_view>

namespace earshot {

// Levenshtein: letters (bytes) inserted, left out or changed.
std::size_t edit_distance(std::string_view a, std::string_view b);

}  // namespace earshot
