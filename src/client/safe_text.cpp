#include "client/safe_text.hpp"

#include <cstdint>

#include "wire/json.hpp"

namespace earshot::client {
namespace {

constexpr std::string_view kInstead = "\xef\xbf\xbd";  // U+FFFD
constexpr int kMostMarks = 4;                          // on one letter: a pile of them paints over the lines around

enum class Fate : std::uint8_t { kKeep, kMark, kDrop, kReplace };

// `sequence` is one whole UTF-8 sequence.
std::uint32_t code_point(std::string_view sequence) {
    const auto first = static_cast<std::uint8_t>(sequence[0]);
    if (sequence.size() == 1) return first;
    std::uint32_t value = first & (0x7fu >> sequence.size());
    for (const char c : sequence.substr(1)) value = value << 6 | (static_cast<std::uint8_t>(c) & 0x3fu);
    return value;
}

bool in(std::uint32_t c, std::uint32_t low, std::uint32_t high) { return c >= low && c <= high; }

// Directions of writing that run on past the message (UAX 9), invisible letters, tags, and what no text holds.
bool is_hidden(std::uint32_t c) {
    return in(c, 0x202a, 0x202e) || in(c, 0x2060, 0x206f) || in(c, 0xfff9, 0xfffb) || in(c, 0xe0000, 0xe0fff) || c == 0x200b || c == 0x200e || c == 0x200f ||
           c == 0x061c || c == 0xfeff || c == 0x00ad || c == 0x180e || in(c, 0x115f, 0x1160) || c == 0x3164 || c == 0xffa0;
}
bool is_mark(std::uint32_t c) {
    return in(c, 0x0300, 0x036f) || in(c, 0x1ab0, 0x1aff) || in(c, 0x1dc0, 0x1dff) || in(c, 0x20d0, 0x20ff) || in(c, 0xfe20, 0xfe2f);
}

Fate fate_of(std::uint32_t c) {
    if (c < 0x20 || in(c, 0x7f, 0x9f) || in(c, 0xe000, 0xf8ff) || c >= 0xf0000 || (c & 0xfffe) == 0xfffe) return Fate::kReplace;
    if (is_hidden(c)) return Fate::kDrop;
    return is_mark(c) ? Fate::kMark : Fate::kKeep;
}

std::string cleaned(std::string_view text, bool lines) {
    std::string out;
    out.reserve(text.size());
    int marks = 0;
    while (!text.empty()) {
        const auto size = wire::json::utf8_sequence(text);
        const auto sequence = text.substr(0, size == 0 ? 1 : size);
        text.remove_prefix(sequence.size());
        const auto c = size == 0 ? 0u : code_point(sequence);
        if (c == '\r' && text.starts_with('\n')) continue;
        if (c == '\n' || c == '\t' || c == '\r' || c == 0x2028 || c == 0x2029 || c == 0x85) {
            out += lines && c != '\t' ? '\n' : ' ';
            continue;
        }
        const auto fate = fate_of(c);
        marks = fate == Fate::kMark ? marks + 1 : fate == Fate::kDrop ? marks : 0;
        if (fate == Fate::kReplace)
            out += kInstead;
        else if (fate == Fate::kKeep || (fate == Fate::kMark && marks <= kMostMarks))
            out += sequence;
    }
    return out;
}

}  // namespace

std::string safe_line(std::string_view text) { return cleaned(text, false); }
std::string safe_text(std::string_view text) { return cleaned(text, true); }

}  // namespace earshot::client
