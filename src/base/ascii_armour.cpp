#include "base/ascii_armour.hpp"

#include <charconv>
#include <optional>

namespace earshot {
namespace {

constexpr std::size_t kArmour = 4;  // ~hh~

std::optional<char> armoured_byte(std::string_view text) {
    if (text.size() < kArmour || text[0] != '~' || text[3] != '~') return std::nullopt;
    unsigned value = 0;
    const auto [end, error] = std::from_chars(text.data() + 1, text.data() + 3, value, 16);
    if (error != std::errc{} || end != text.data() + 3 || (value < 0x80 && value != '~')) return std::nullopt;
    return static_cast<char>(value);
}

}  // namespace

std::string armoured(std::string_view text) {
    constexpr std::string_view kHex = "0123456789abcdef";
    std::string out;
    out.reserve(text.size());
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x80 && c != '~') out += c;
        else out += {'~', kHex[byte >> 4], kHex[byte & 15], '~'};
    }
    return out;
}

std::string bared(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        const auto byte = armoured_byte(text);
        out += byte ? *byte : text.front();
        text.remove_prefix(byte ? kArmour : 1);
    }
    return out;
}

}  // namespace earshot
