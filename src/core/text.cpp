#include "core/text.hpp"

#include <unistr.h>

namespace earshot::core {
namespace {

const std::uint8_t* raw(std::string_view text) { return reinterpret_cast<const std::uint8_t*>(text.data()); }

// C0, DEL and C1: the bytes that move a terminal's cursor or end a line.
bool is_control(std::string_view text, std::size_t at, std::size_t& width) {
    const auto c = static_cast<unsigned char>(text[at]);
    width = 1;
    if (c < 0x20 || c == 0x7f) return true;
    if (c == 0xc2 && at + 1 < text.size()) {
        const auto d = static_cast<unsigned char>(text[at + 1]);
        width = 2;
        return d >= 0x80 && d < 0xa0;
    }
    // U+2028 and U+2029 are line ends to some readers.
    if (c == 0xe2 && at + 2 < text.size() && static_cast<unsigned char>(text[at + 1]) == 0x80) {
        const auto d = static_cast<unsigned char>(text[at + 2]);
        width = 3;
        return d == 0xa8 || d == 0xa9;
    }
    return false;
}

std::string_view trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(" \n\t");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \n\t") - first + 1);
}

std::string cleaned(std::string_view utf8, bool keep_lines) {
    std::string out;
    out.reserve(utf8.size());
    for (std::size_t at = 0; at < utf8.size();) {
        std::size_t width = 1;
        if (!is_control(utf8, at, width)) {
            out += utf8[at++];
            continue;
        }
        const char c = width == 3 ? '\n' : utf8[at];
        if (c == '\n' || c == '\t') out += keep_lines ? c : ' ';
        at += width;
    }
    return std::string(trimmed(out));
}

}  // namespace

std::optional<std::size_t> count_characters(std::string_view utf8) {
    if (utf8.empty()) return 0;
    if (u8_check(raw(utf8), utf8.size()) != nullptr) return std::nullopt;
    return u8_mbsnlen(raw(utf8), utf8.size());
}

std::string clean_text(std::string_view utf8) { return cleaned(utf8, true); }
std::string clean_line(std::string_view utf8) { return cleaned(utf8, false); }

std::string repair_utf8(std::string_view bytes) {
    std::string out;
    while (!bytes.empty()) {
        const auto* bad = u8_check(raw(bytes), bytes.size());
        const auto good = bad ? static_cast<std::size_t>(bad - raw(bytes)) : bytes.size();
        out.append(bytes.substr(0, good));
        bytes.remove_prefix(good);
        if (bytes.empty()) break;
        out.append("\xef\xbf\xbd");
        bytes.remove_prefix(1);
    }
    return out;
}

}  // namespace earshot::core
