// Names of people and rooms. A stated subset of PRECIS UsernameCaseMapped (RFC 8265) with the single-script rule and
// the skeleton comparison of UTS 39, so that nobody can look like somebody else:
//  - text is normalised to NFKC; letters, marks, decimal digits and `-` `_` `.` only, no space, no emoji, no
//    control, format or unassigned code points; at least one letter or digit; a mark only after a letter, at most two in a row;
//  - the letters of a name come from one script (Japanese, Korean and Bopomofo may hold Han), the digits from one system;
//  - two names are the same when their keys are: case-folded, compatibility forms folded, and letters that look
//    alike in Latin, Cyrillic, Greek and Armenian folded onto one.
#pragma once
#include <expected>
#include <string>
#include <string_view>

#include "core/types.hpp"

namespace earshot::core {

struct Name {
    std::string shown;  // NFKC
    std::string key;    // for comparison only
};

inline constexpr std::size_t kNameCharacters = 32;
inline constexpr std::size_t kRoomCharacters = 50;  // without the #

std::expected<Name, Refusal> read_nickname(std::string_view text);
// "#name": `#`, then 1 to 50 letters, digits, `-`, `_`, `/`.
std::expected<Name, Refusal> read_room_name(std::string_view text);
// The best legal name near `text`; empty when nothing of it can stay.
std::string suggest_nickname(std::string_view text);

}  // namespace earshot::core
