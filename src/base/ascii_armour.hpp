// Text beyond ASCII as ASCII and back, for a parser that loses its way in Unicode (toml++ 3.3 does, outside of strings): é becomes
// ~c3~~a9~, and ~ itself ~7e~. What such a parser hands back as a string, a key or a sentence is bared again.
#pragma once
#include <string>
#include <string_view>

namespace earshot {

std::string armoured(std::string_view text);
// The reverse; whatever is no armour stays as it is.
std::string bared(std::string_view text);

}  // namespace earshot
