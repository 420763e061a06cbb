#include "client/words.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <utility>
#include <vector>

namespace earshot::client {
namespace {

constexpr std::string_view kBlank = " \t";

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }
// Every byte of a letter beyond ASCII counts as one, so that no name begins or ends inside a word.
bool is_word(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || static_cast<unsigned char>(c) >= 0x80; }

}  // namespace

std::string_view trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(kBlank);
    return first == std::string_view::npos ? std::string_view{} : text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

Split first_word(std::string_view text) {
    text = trimmed(text);
    const auto end = std::min(text.find_first_of(kBlank), text.size());
    return {text.substr(0, end), trimmed(text.substr(end))};
}

std::string lowered(std::string_view text) {
    std::string out(text);
    std::ranges::transform(out, out.begin(), lower);
    return out;
}

bool same_name(std::string_view a, std::string_view b) { return std::ranges::equal(a, b, {}, lower, lower); }

std::string room_name(std::string_view typed) {
    typed = trimmed(typed);
    return typed.starts_with('#') ? std::string(typed) : fmt::format("#{}", typed);
}

bool mentions(std::string_view text, std::string_view name) {
    if (name.empty()) return false;
    const auto hay = lowered(text), needle = lowered(name);
    for (auto at = hay.find(needle); at != std::string::npos; at = hay.find(needle, at + 1)) {
        const auto end = at + needle.size();
        if ((at == 0 || !is_word(hay[at - 1])) && (end == hay.size() || !is_word(hay[end]))) return true;
    }
    return false;
}

std::optional<int> whole_number(std::string_view text, int low, int high) {
    int value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || value < low || value > high) return std::nullopt;
    return value;
}

std::string utc_text(long long wall_ms) {
    using namespace std::chrono;
    constexpr long long kYear9999 = 253402300799000;
    const sys_seconds at{seconds{std::clamp(wall_ms, 0LL, kYear9999) / 1000}};
    const auto day = floor<days>(at);
    const year_month_day date{day};
    const hh_mm_ss clock{at - day};
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                       static_cast<unsigned>(date.day()), clock.hours().count(), clock.minutes().count(), clock.seconds().count());
}

}  // namespace earshot::client
