// Small helpers for line-based text: words, numbers. Views into the text.
#pragma once
#include <charconv>
#include <concepts>
#include <optional>
#include <string_view>

namespace earshot::wire {

// Takes the text up to the separator off the front, and the separator with it.
inline std::string_view take_until(std::string_view& rest, char separator) {
    const auto at = rest.find(separator);
    const auto word = rest.substr(0, at);
    rest.remove_prefix(at == std::string_view::npos ? rest.size() : at + 1);
    return word;
}

// The next word; blanks before it are skipped. Empty at the end.
inline std::string_view take_word(std::string_view& rest) {
    rest.remove_prefix(std::min(rest.size(), rest.find_first_not_of(' ')));
    return take_until(rest, ' ');
}

// Decimal digits and nothing else, within the type's range.
template <std::unsigned_integral T>
std::optional<T> whole_number(std::string_view text) {
    T value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

}  // namespace earshot::wire
