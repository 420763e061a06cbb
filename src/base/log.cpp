#include "base/log.hpp"

namespace earshot {

std::string printable(std::string_view text, std::size_t limit) {
    static constexpr char digits[] = "0123456789abcdef";
    std::string out;
    for (const char c : text.substr(0, limit)) {
        const auto u = static_cast<unsigned char>(c);
        if (u >= 0x20 && u < 0x7f && c != '\\') {
            out += c;
            continue;
        }
        out += "\\x";
        out += digits[u >> 4];
        out += digits[u & 15];
    }
    if (text.size() > limit) out += "...";
    return out;
}

}  // namespace earshot
