#include "core/names.hpp"

#include <unicase.h>
#include <unictype.h>
#include <uninorm.h>
#include <unistr.h>

#include <array>
#include <cstdlib>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace earshot::core {
namespace {

using CodePoints = std::u32string;

std::optional<CodePoints> decode(std::string_view text) {
    CodePoints out;
    const auto* at = reinterpret_cast<const std::uint8_t*>(text.data());
    std::size_t left = text.size();
    while (left > 0) {
        ucs4_t c = 0;
        const int n = u8_mbtoucr(&c, at, left);
        if (n <= 0) return std::nullopt;
        out.push_back(static_cast<char32_t>(c));
        at += n;
        left -= static_cast<std::size_t>(n);
    }
    return out;
}

std::string encode(std::u32string_view text) {
    std::string out;
    for (const char32_t c : text) {
        std::array<std::uint8_t, 6> bytes{};
        const int n = u8_uctomb(bytes.data(), c, bytes.size());
        if (n > 0) out.append(reinterpret_cast<const char*>(bytes.data()), static_cast<std::size_t>(n));
    }
    return out;
}

CodePoints take(std::uint32_t* points, std::size_t size) {
    const std::unique_ptr<std::uint32_t, decltype(&std::free)> owner(points, &std::free);
    return points ? CodePoints(points, points + size) : CodePoints{};
}

const std::uint32_t* raw(const CodePoints& text) { return reinterpret_cast<const std::uint32_t*>(text.data()); }

CodePoints normalised(const CodePoints& text) {
    std::size_t size = 0;
    auto* result = u32_normalize(UNINORM_NFKC, raw(text), text.size(), nullptr, &size);
    return take(result, size);
}

CodePoints case_folded(const CodePoints& text) {
    std::size_t size = 0;
    auto* result = u32_casefold(raw(text), text.size(), nullptr, UNINORM_NFKC, nullptr, &size);
    return take(result, size);
}

// Letters that look like a Latin one (after case folding), by what they look like. Sources: the shapes themselves;
// the set follows UTS 39's confusables for these scripts as far as whole names can be written with them.
constexpr std::pair<char32_t, char32_t> kLookAlikes[] = {
    // Cyrillic
    {U'а', U'a'}, {U'в', U'b'}, {U'с', U'c'}, {U'ԁ', U'd'}, {U'е', U'e'}, {U'ҽ', U'e'}, {U'ԍ', U'g'}, {U'һ', U'h'}, {U'н', U'h'}, {U'і', U'i'}, {U'ј', U'j'},
    {U'к', U'k'}, {U'ӏ', U'l'}, {U'м', U'm'}, {U'п', U'n'}, {U'о', U'o'}, {U'р', U'p'}, {U'ԛ', U'q'}, {U'г', U'r'}, {U'ѕ', U's'}, {U'т', U't'}, {U'у', U'y'},
    {U'ү', U'y'}, {U'ѵ', U'v'}, {U'ԝ', U'w'}, {U'х', U'x'}, {U'з', U'3'}, {U'б', U'6'},
    // Greek
    {U'α', U'a'}, {U'β', U'b'}, {U'ϲ', U'c'}, {U'ε', U'e'}, {U'η', U'n'}, {U'ι', U'i'}, {U'ϳ', U'j'}, {U'κ', U'k'}, {U'μ', U'm'}, {U'ν', U'v'}, {U'ο', U'o'},
    {U'ρ', U'p'}, {U'σ', U'o'}, {U'τ', U't'}, {U'υ', U'y'}, {U'χ', U'x'}, {U'ω', U'w'}, {U'ζ', U'z'},
    // Armenian
    {U'օ', U'o'}, {U'ս', U'u'}, {U'ո', U'n'}, {U'հ', U'h'}, {U'զ', U'q'}, {U'ց', U'g'}, {U'յ', U'j'}, {U'լ', U'l'},
    // Latin's own
    {U'ı', U'i'}, {U'ɩ', U'i'}, {U'ɑ', U'a'}, {U'ɡ', U'g'}, {U'ʋ', U'u'}, {U'ſ', U's'}, {U'ƨ', U's'}, {U'ʏ', U'y'}, {U'ᴏ', U'o'}, {U'ᴠ', U'v'},
    {U'0', U'o'}, {U'1', U'l'}, {U'i', U'l'},
};

char32_t look_of(char32_t c) {
    for (int again = 0; again < 2; ++again)  // ι -> i -> l takes two steps
        for (const auto& [from, to] : kLookAlikes)
            if (from == c) {
                c = to;
                break;
            }
    return c;
}

std::string key_of(const CodePoints& shown) {
    CodePoints key;
    for (const char32_t c : case_folded(shown)) {
        if (c == U'm') {  // m looks like rn, w like vv (UTS 39)
            key += U"rn";
            continue;
        }
        const auto look = look_of(c);
        if (look == U'm')
            key += U"rn";
        else if (look == U'w')
            key += U"vv";
        else
            key += look;
    }
    return encode(key);
}

bool is_letter(char32_t c) { return uc_is_general_category_withtable(c, UC_CATEGORY_MASK_L); }
bool is_mark(char32_t c) { return uc_is_general_category_withtable(c, UC_CATEGORY_MASK_Mn | UC_CATEGORY_MASK_Mc); }
bool is_digit(char32_t c) { return uc_is_general_category_withtable(c, UC_CATEGORY_MASK_Nd); }
// Letters without a shape of their own (fillers) can make two names look the same.
bool is_invisible(char32_t c) { return uc_is_property_default_ignorable_code_point(c) || c == U'\u3164' || c == U'\uFFA0' || c == U'\u115F' || c == U'\u1160'; }

enum ScriptBit : unsigned { kOther = 1, kHan = 2, kKana = 4, kHangul = 8, kBopomofo = 16 };

unsigned script_bit(std::string_view name) {
    if (name == "Han") return kHan;
    if (name == "Hiragana" || name == "Katakana") return kKana;
    if (name == "Hangul") return kHangul;
    if (name == "Bopomofo") return kBopomofo;
    return kOther;
}

bool one_script(const CodePoints& text) {
    unsigned bits = 0;
    std::string_view other;
    for (const char32_t c : text) {
        const auto* script = uc_script(c);
        const std::string_view name = script ? script->name : "Unknown";
        if (name == "Common" || name == "Inherited") continue;
        const auto bit = script_bit(name);
        if (bit == kOther) {
            if (!other.empty() && other != name) return false;
            other = name;
        }
        bits |= bit;
    }
    if (bits & kOther) return bits == kOther;
    const auto beside_han = bits & ~static_cast<unsigned>(kHan);
    return (beside_han & (beside_han - 1)) == 0;
}

bool one_digit_system(const CodePoints& text) {
    std::optional<char32_t> zero;
    for (const char32_t c : text) {
        if (!is_digit(c)) continue;
        const char32_t base = c - static_cast<char32_t>(uc_decimal_value(c));
        if (zero && *zero != base) return false;
        zero = base;
    }
    return true;
}

bool letters_in_order(const CodePoints& text, std::u32string_view punctuation) {
    bool any = false;
    int marks = 0;
    bool after_letter = false;
    for (const char32_t c : text) {
        if (is_mark(c)) {
            if (!after_letter || ++marks > 2 || is_invisible(c)) return false;
            continue;
        }
        marks = 0;
        after_letter = is_letter(c) && !is_invisible(c);
        const bool digit = is_digit(c);
        if (!after_letter && !digit && punctuation.find(c) == std::u32string_view::npos) return false;
        any |= after_letter || digit;
    }
    return any;
}

bool legal(const CodePoints& text, std::u32string_view punctuation) { return letters_in_order(text, punctuation) && one_script(text) && one_digit_system(text); }

constexpr std::u32string_view kNickPunctuation = U"-_.";
constexpr std::u32string_view kRoomPunctuation = U"-_/";
constexpr std::size_t kLongestInput = 512;  // bytes; nothing longer can be 50 characters

std::optional<CodePoints> readable(std::string_view text) {
    if (text.size() > kLongestInput) return std::nullopt;
    auto points = decode(text);
    if (!points) return std::nullopt;
    return normalised(*points);
}

}  // namespace

std::expected<Name, Refusal> read_nickname(std::string_view text) {
    const auto refuse = [&](std::string why) { return std::unexpected(Refusal{RefusalCode::kNameInvalid, std::move(why), suggest_nickname(text)}); };
    const auto shown = readable(text);
    if (!shown || shown->size() > kNameCharacters) return refuse("A name has 1 to 32 characters.");
    if (shown->empty()) return refuse("Please choose a name of 1 to 32 characters.");
    if (!letters_in_order(*shown, kNickPunctuation)) return refuse("A name is made of letters, digits, '-', '_' and '.', without spaces.");
    if (!one_script(*shown) || !one_digit_system(*shown)) return refuse("A name keeps to the letters of one alphabet, so that nobody can look like somebody else.");
    return Name{encode(*shown), key_of(*shown)};
}

std::expected<Name, Refusal> read_room_name(std::string_view text) {
    const auto refuse = [] { return std::unexpected(Refusal{RefusalCode::kRoomInvalid, "A room name is '#' and 1 to 50 letters of one alphabet, digits, '-', '_' or '/'.", {}}); };
    const auto shown = readable(text);
    if (!shown || shown->size() < 2 || shown->front() != U'#' || shown->size() > kRoomCharacters + 1) return refuse();
    const auto rest = shown->substr(1);
    if (!legal(rest, kRoomPunctuation)) return refuse();
    return Name{encode(*shown), encode(case_folded(rest))};
}

std::string suggest_nickname(std::string_view text) {
    const auto points = readable(text.substr(0, kLongestInput));
    if (!points) return {};
    CodePoints kept;
    for (char32_t c : *points) {
        if (c == U' ') c = U'-';
        auto longer = kept;
        longer += c;
        const bool still = kNickPunctuation.find(c) != std::u32string_view::npos ? !kept.empty() : legal(longer, kNickPunctuation);
        if (still && kept.size() < kNameCharacters) kept = std::move(longer);
    }
    while (!kept.empty() && kNickPunctuation.find(kept.back()) != std::u32string_view::npos) kept.pop_back();
    return encode(kept);
}

}  // namespace earshot::core
