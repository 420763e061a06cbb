#include "wire/json.hpp"

#include <cstdint>

namespace earshot::wire::json {

static std::uint8_t byte_at(std::string_view text, std::size_t index) { return index < text.size() ? static_cast<std::uint8_t>(text[index]) : 0; }

static bool between(std::uint8_t value, int low, int high) { return value >= low && value <= high; }

// RFC 3629 section 4, the table of well-formed sequences.
std::size_t utf8_sequence(std::string_view text) {
    const auto first = byte_at(text, 0), second = byte_at(text, 1), third = byte_at(text, 2), fourth = byte_at(text, 3);
    if (first < 0x80) return text.empty() ? 0 : 1;
    if (between(first, 0xc2, 0xdf)) return between(second, 0x80, 0xbf) ? 2 : 0;
    if (between(first, 0xe0, 0xef)) {
        const int low = first == 0xe0 ? 0xa0 : 0x80, high = first == 0xed ? 0x9f : 0xbf;
        return between(second, low, high) && between(third, 0x80, 0xbf) ? 3 : 0;
    }
    if (!between(first, 0xf0, 0xf4)) return 0;
    const int low = first == 0xf0 ? 0x90 : 0x80, high = first == 0xf4 ? 0x8f : 0xbf;
    return between(second, low, high) && between(third, 0x80, 0xbf) && between(fourth, 0x80, 0xbf) ? 4 : 0;
}

static bool is_plain(char c) {
    const auto u = static_cast<std::uint8_t>(c);
    return u >= 0x20 && u < 0x80 && c != '"' && c != '\\';
}

static void append_escaped(std::string& out, char c) {
    static constexpr char digits[] = "0123456789abcdef";
    switch (c) {
        case '"': out += "\\\""; return;
        case '\\': out += "\\\\"; return;
        case '\n': out += "\\n"; return;
        case '\r': out += "\\r"; return;
        case '\t': out += "\\t"; return;
        default: break;
    }
    out += "\\u00";
    out += digits[static_cast<std::uint8_t>(c) >> 4];
    out += digits[static_cast<std::uint8_t>(c) & 15];
}

void append_text(std::string& out, std::string_view text) {
    out += '"';
    while (!text.empty()) {
        std::size_t plain = 0;
        while (plain < text.size() && is_plain(text[plain])) ++plain;
        out.append(text.substr(0, plain));
        text.remove_prefix(plain);
        if (text.empty()) break;
        if (static_cast<std::uint8_t>(text[0]) < 0x80) {
            append_escaped(out, text[0]);
            text.remove_prefix(1);
            continue;
        }
        const std::size_t size = utf8_sequence(text);
        out.append(size == 0 ? std::string_view{"\xef\xbf\xbd"} : text.substr(0, size));
        text.remove_prefix(size == 0 ? 1 : size);
    }
    out += '"';
}

bool nests_deeper_than(std::string_view json, int limit) {
    int depth = 0;
    bool in_text = false;
    for (std::size_t i = 0; i < json.size(); ++i) {
        const char c = json[i];
        if (in_text) {
            if (c == '\\') ++i;
            if (c == '"') in_text = false;
        } else if (c == '"') {
            in_text = true;
        } else if (c == '{' || c == '[') {
            if (++depth > limit) return true;
        } else if (c == '}' || c == ']') {
            --depth;
        }
    }
    return false;
}

}  // namespace earshot::wire::json
