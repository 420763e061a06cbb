// Writing JSON straight into a string, with no tree in between.
#pragma once
#include <string>
#include <string_view>

namespace earshot::wire::json {

// Appends `text` in quotes, escaped as RFC 8259 section 7 asks. Bytes that are no UTF-8 become U+FFFD, one
// for each such byte: a single bad byte would make a browser drop the whole connection (RFC 6455 section 8.1).
void append_text(std::string& out, std::string_view text);

// True when objects and lists lie deeper in one another than `limit`. Looks at brackets outside of
// texts only, so it answers before anything is parsed or allocated.
bool nests_deeper_than(std::string_view json, int limit);

// The length of the UTF-8 sequence that `text` begins with (RFC 3629: shortest form, no surrogates), or 0.
std::size_t utf8_sequence(std::string_view text);

}  // namespace earshot::wire::json
