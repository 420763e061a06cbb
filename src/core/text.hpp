// What people write: Unicode, cleaned once at the door.
#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace earshot::core {

// Code points of valid UTF-8; nullopt when it is not.
std::optional<std::size_t> count_characters(std::string_view utf8);
// Without control characters (newline and tab stay, CRLF becomes LF), white space cut from both ends.
std::string clean_text(std::string_view utf8);
// One line: newlines and tabs become spaces as well.
std::string clean_line(std::string_view utf8);
// Bytes that are not UTF-8 become U+FFFD, one for each.
std::string repair_utf8(std::string_view bytes);

}  // namespace earshot::core
